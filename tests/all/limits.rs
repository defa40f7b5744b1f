//! A guest that goes on for ever is stopped, by each limit in turn, and its
//! neighbours notice nothing.

use crate::support::Bench;

const SPIN: &str = "- { id: spin, agent: chaos, settings: { mode: spin }, input: { text: x } }\n";

fn neighbours() -> String {
    (0..200)
        .map(|n| {
            let text = format!("Task {n}: a circuit breaker opens after {n} failures. 断路器打开。");
            format!("- {{ id: n{n}, agent: keywords, input: {{ text: {text:?} }} }}\n")
        })
        .collect()
}

fn spins_beside_neighbours(limits: &str, expected: &str) {
    let bench = Bench::new(limits);
    bench.session(&neighbours(), "alone").expect(0);
    bench
        .session(&format!("{SPIN}{}", neighbours()), "beside")
        .expect(3);
    let (alone, beside) = (bench.report("alone"), bench.report("beside"));
    assert_eq!(beside.code("spin"), expected);
    assert_eq!(alone.digests("spin"), beside.digests("spin"));
    assert_eq!(alone.tasks().len(), 200);
}

#[test]
fn an_endless_loop_is_stopped_by_fuel_and_200_neighbours_are_byte_identical() {
    spins_beside_neighbours("fuel: 300000000", "limit.fuel");
}

#[test]
fn an_endless_loop_with_endless_fuel_is_stopped_by_its_deadline() {
    spins_beside_neighbours("fuel: 18446744073709551615, deadline: 300ms", "limit.deadline");
}

#[test]
fn an_endless_loop_with_endless_time_is_stopped_by_processor_time() {
    spins_beside_neighbours("fuel: 18446744073709551615, cpu: 200ms", "limit.cpu");
}

#[test]
fn a_guest_that_waits_for_ever_is_stopped_by_its_deadline() {
    let bench = Bench::new("deadline: 200ms");
    let wait = "- { id: wait, agent: chaos, settings: { mode: sleep, ms: 3600000 }, input: { text: x } }\n";
    bench.session(wait, "out").expect(1);
    let report = bench.report("out");
    assert_eq!(report.code("wait"), "limit.deadline");
    // A wait is charged to the deadline and not to the processor.
    assert!(report.task("wait")["attempts"][0]["cpu_ms"].as_f64().unwrap() < 100.0);
}

/// Each way to go wrong, with the code, the class and the number of attempts
/// that the table gives it.
#[test]
fn each_misbehaviour_is_classified_and_only_what_can_be_helped_is_tried_again() {
    let rows = [
        ("panic", "trap.panic", "instance-failure", 1),
        ("memory", "limit.memory", "memory-overflow", 1),
        ("recurse", "trap.stack-overflow", "instance-failure", 1),
        ("garbage", "invalid.output", "validation", 1),
        ("error", "guest.chaos.error", "instance-failure", 1),
    ];
    let tasks: String = rows
        .iter()
        .map(|(mode, ..)| {
            format!("- {{ id: {mode}, agent: chaos, settings: {{ mode: {mode} }}, input: {{ text: x }} }}\n")
        })
        .collect();
    let bench = Bench::new("memory: 16MiB");
    bench.session(&tasks, "out").expect(1);
    let report = bench.report("out");
    for (mode, code, category, attempts) in rows {
        let task = report.task(mode);
        assert_eq!(
            (report.code(mode), task["failure"]["category"].as_str()),
            (code, Some(category))
        );
        assert_eq!(task["failure"]["blame"], "guest");
        assert_eq!(task["attempts"].as_array().unwrap().len(), attempts, "{mode}");
    }
    assert_eq!(
        report.task("panic")["failure"]["message"],
        "chaos was asked to panic"
    );
}

#[test]
fn a_task_that_fails_twice_succeeds_at_the_third_attempt_in_a_fresh_sandbox() {
    let bench = Bench::new("");
    let tasks =
        "- { id: flaky, agent: chaos, settings: { mode: flaky, failures: 2 }, input: { text: at last } }\n";
    bench.session(tasks, "out").expect(0);
    let report = bench.report("out");
    assert_eq!(report.task("flaky")["attempts"].as_array().unwrap().len(), 3);
    assert_eq!(report.0["counts"]["retried"], 1);
    assert_eq!(report.task("flaky")["output"]["inline"], r#"{"echo":"at last"}"#);
}

#[test]
fn what_was_handed_in_before_the_failure_is_kept_and_marked() {
    let bench = Bench::new("");
    let tasks = "- { id: part, agent: chaos, settings: { mode: error, partial: true }, input: { text: half } }\n\
                 - { id: after, agent: keywords, after: [part], input: { text: runs with what there is } }\n";
    bench.session(tasks, "out").expect(3);
    let report = bench.report("out");
    let part = report.task("part");
    assert_eq!(
        (&part["status"], &part["output"]),
        (&"degraded".into(), &serde_json::Value::Null)
    );
    assert_eq!(part["partial"]["inline"], r#"{"echo":"half"}"#);
    assert_eq!(report.task("after")["status"], "succeeded");
}
