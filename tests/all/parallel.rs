//! Tasks really run in parallel, and the report shows it.

use serde_json::Value;

use crate::support::Bench;

/// When a task's only attempt began and ended, in milliseconds of that day.
fn span(task: &Value) -> (f64, f64) {
    let attempt = &task["attempts"][0];
    let started: jiff::Timestamp = attempt["started"].as_str().unwrap().parse().unwrap();
    let from = started.as_microsecond() as f64 / 1e3;
    (from, from + attempt["duration_ms"].as_f64().unwrap())
}

/// The most attempts that were under way at one moment.
fn most_at_once(tasks: &[Value]) -> usize {
    let spans: Vec<_> = tasks.iter().map(span).collect();
    let at = |moment: f64| {
        spans
            .iter()
            .filter(|(from, to)| *from <= moment && moment < *to)
            .count()
    };
    spans.iter().map(|(from, _)| at(*from)).max().unwrap_or(0)
}

fn eight(settings: &str) -> String {
    (0..8)
        .map(|n| {
            format!("- {{ id: t{n}, agent: chaos, settings: {{ {settings} }}, input: {{ text: x }} }}\n")
        })
        .collect()
}

#[test]
fn eight_waits_are_under_way_at_once() {
    let bench = Bench::new("");
    bench.session(&eight("mode: sleep, ms: 1000"), "out").expect(0);
    assert_eq!(most_at_once(bench.report("out").tasks()), 8);
}

#[test]
fn eight_busy_tasks_share_the_cores() {
    let bench = Bench::new("fuel: 100000000000");
    bench
        .session(&eight("mode: busy, iterations: 20000000"), "out")
        .expect(0);
    assert_eq!(most_at_once(bench.report("out").tasks()), 8);
}

#[test]
fn no_more_are_under_way_than_may_be() {
    let bench = Bench::new("");
    bench.write(
        "session.yaml",
        format!("session: test\ntasks:\n{}", eight("mode: sleep, ms: 50")),
    );
    bench
        .fusebox(&["run", "session.yaml", "--out", "out", "--max-parallel", "3"])
        .expect(0);
    assert_eq!(most_at_once(bench.report("out").tasks()), 3);
}
