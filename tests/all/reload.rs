//! The configuration changes while a session runs.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};

use jiff::Timestamp;
use serde_json::Value;

use crate::support::{Bench, Report, plugin};

const TASKS: usize = 1000;
/// Failures in a row that open the breaker of `fails`.
const THRESHOLD: u64 = 200;

fn config(max_parallel: u32, sleeper: &str) -> String {
    let plugin = plugin("chaos");
    format!(
        "session: {{ max_parallel: {max_parallel}, retry_budget: {{ reserve: 100000 }} }}\n\
         agents:\n  \
         sleeps:\n    plugin: {plugin:?}\n    breaker: {{ mode: \"off\" }}\n{sleeper}  \
         fails:\n    plugin: {plugin:?}\n    breaker: {{ failure_threshold: {THRESHOLD} }}\n"
    )
}

const BEFORE: &str =
    "    limits: { deadline: 10s }\n    retry: { max_attempts: 2, strategy: fixed, base: 1ms }\n";
const AFTER: &str =
    "    limits: { deadline: 5ms }\n    retry: { max_attempts: 3, strategy: fixed, base: 1ms }\n";

/// Seven of ten wait for 20 ms, three fail for good; but one shows that the plugin can
/// do something.
fn tasks() -> String {
    let task = |n: usize| match n % 10 {
        0..7 => format!(
            "- {{ id: s{n}, agent: sleeps, settings: {{ mode: sleep, ms: 20 }}, input: {{ text: x }} }}\n"
        ),
        // Spread over the session: an agent whose tasks end at once would be done first.
        _ => format!(
            "- {{ id: f{n}, agent: fails, after: [s{}], on_upstream_failure: run-degraded, settings: {{ mode: {} }}, input: {{ text: x }} }}\n",
            n - n % 10,
            if n == 7 { "none" } else { "panic" },
        ),
    };
    (0..TASKS).map(task).collect()
}

fn start(bench: &Bench, tasks: &str) -> Child {
    bench.write("session.yaml", format!("session: test\ntasks:\n{tasks}"));
    bench
        .command(&["run", "session.yaml", "--out", "out"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// As editors save: another file takes the name.
fn replace(bench: &Bench, text: &str) {
    bench.write("fusebox.yaml.new", text);
    std::fs::rename(bench.path("fusebox.yaml.new"), bench.path("fusebox.yaml")).unwrap();
}

/// Waits until the first tasks stand in the report.
fn wait_for_tasks(bench: &Bench, child: &mut Child) {
    let report = bench.path("out/report.json.part");
    while !std::fs::metadata(&report).is_ok_and(|found| found.len() > 1000) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before the change");
        std::thread::yield_now();
    }
}

fn time(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

/// Each attempt of an agent, as (start, end, attempt, its task).
fn attempts<'a>(report: &'a Report, agent: &'a str) -> Vec<(Timestamp, Timestamp, &'a Value, &'a Value)> {
    let of = |task: &'a Value| {
        task["attempts"].as_array().unwrap().iter().map(move |attempt| {
            let started = time(&attempt["started"]);
            let span = std::time::Duration::from_secs_f64(attempt["duration_ms"].as_f64().unwrap() / 1e3);
            (started, started + span, attempt, task)
        })
    };
    report
        .tasks()
        .iter()
        .filter(|task| task["agent"] == agent)
        .flat_map(of)
        .collect()
}

#[test]
fn a_reload_in_the_middle_of_a_thousand_tasks_changes_limits_and_loses_no_count() {
    let bench = Bench::with_config(&config(4, BEFORE));
    let mut child = start(&bench, &tasks());
    wait_for_tasks(&bench, &mut child);
    replace(&bench, &config(20, AFTER));
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3), "{said}");
    assert_eq!(said.matches("is in force").count(), 1, "{said}");
    let report = bench.report("out");
    assert_eq!(report.tasks().len(), TASKS);
    let reloads = report.0["reloads"].as_array().unwrap();
    assert_eq!(reloads.len(), 1, "{reloads:?}");
    for change in [
        "agents.sleeps.instances.default.limits.deadline: 10s -> 5ms",
        "agents.sleeps.instances.default.retry.max_attempts: 2 -> 3",
        "session.max_parallel: 4 -> 20",
    ] {
        assert!(
            reloads[0]["changes"]
                .as_array()
                .unwrap()
                .iter()
                .any(|line| line == change),
            "{reloads:?}"
        );
    }
    let at = time(&reloads[0]["at"]);
    what_began_before_ended_as_it_began(&report, at);
    what_began_after_is_under_the_new_rules(&report, at);
    the_circuit_went_on_counting(&report, at);
}

fn what_began_before_ended_as_it_began(report: &Report, at: Timestamp) {
    // Swapped a moment before it is said; nobody can tell which of the two an
    // attempt in that moment saw.
    let moment = std::time::Duration::from_millis(50);
    let before: Vec<_> = attempts(report, "sleeps")
        .into_iter()
        .filter(|one| one.0 + moment < at)
        .collect();
    assert!(before.len() > 50, "{}", before.len());
    assert!(before.iter().all(|(_, _, attempt, _)| attempt["outcome"] == "ok"));
    assert_eq!(most_at_once(&before), 4);
}

fn what_began_after_is_under_the_new_rules(report: &Report, at: Timestamp) {
    let after: Vec<_> = attempts(report, "sleeps")
        .into_iter()
        .filter(|one| one.0 > at)
        .collect();
    assert!(after.len() > 300, "{}", after.len());
    for (_, _, attempt, task) in &after {
        assert_eq!(attempt["failure"]["code"], "limit.deadline");
        assert_eq!(
            (task["attempts"].as_array().unwrap().len(), &task["reason"]),
            (3, &"attempts".into())
        );
    }
    let most = most_at_once(&after);
    assert!((5..=20).contains(&most), "{most}");
}

/// The failures before the change and those after it open the breaker together.
fn the_circuit_went_on_counting(report: &Report, at: Timestamp) {
    let all = attempts(report, "fails");
    let before = all.iter().filter(|(started, ..)| *started < at).count() as u64;
    assert!(before > 0 && before < THRESHOLD, "{before}");
    let breaker = &report.0["breakers"][0];
    assert_eq!(
        (&breaker["key"], &breaker["state"]),
        (&"agent:fails".into(), &"open".into())
    );
    assert_eq!(breaker["counts"]["consecutive_failures"], THRESHOLD);
    assert!(time(&breaker["since"]) > at);
    assert_eq!(all.len(), TASKS * 3 / 10, "one at a time, they all run");
}

fn most_at_once(attempts: &[(Timestamp, Timestamp, &Value, &Value)]) -> usize {
    let at = |moment: Timestamp| {
        attempts
            .iter()
            .filter(|(from, to, ..)| *from <= moment && moment < *to)
            .count()
    };
    attempts.iter().map(|(from, ..)| at(*from)).max().unwrap_or(0)
}

#[test]
fn an_invalid_change_changes_nothing_and_says_so_once() {
    let bench = Bench::with_config(&config(4, BEFORE));
    let sleeps = "- { id: s, agent: sleeps, settings: { mode: sleep, ms: 2500 }, input: { text: x } }\n";
    let mut child = start(&bench, sleeps);
    let begun = bench.path("out/report.json.part");
    while !begun.exists() {
        std::thread::yield_now();
    }
    replace(&bench, &config(4, "    limits: { deadlin: 1ms }\n"));
    let mut said = Vec::new();
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        said.push(line.unwrap());
    }
    assert_eq!(child.wait().unwrap().code(), Some(0), "{said:?}");
    let refusals = said
        .iter()
        .filter(|line| line.contains("new configuration rejected"))
        .count();
    assert_eq!(refusals, 1, "{said:?}");
    assert!(
        said.iter()
            .any(|line| line.contains("fusebox.yaml") && line.contains("`deadline`")),
        "{said:?}"
    );
    let report = bench.report("out");
    let reloads = report.0["reloads"].as_array().unwrap();
    assert_eq!((reloads.len(), &reloads[0]["applied"]), (1, &Value::Bool(false)));
    assert!(reloads[0]["message"].as_str().unwrap().contains("deadlin"));
}
