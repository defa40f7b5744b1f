//! An agent that fails on and on is not asked any more.

use serde_json::json;

use crate::support::{Bench, plugin};

#[test]
fn five_failures_in_a_row_open_the_circuit_of_the_agent_and_of_no_other() {
    let bench = Bench::with_config(&format!(
        "session: {{ max_parallel: 1 }}\nagents:\n  chaos: {{ plugin: {:?} }}\n  other: {{ plugin: {:?} }}\n",
        plugin("chaos"),
        plugin("chaos"),
    ));
    let task = |agent: &str, n: u32| {
        format!(
            "- {{ id: {agent}-{n}, agent: {agent}, settings: {{ mode: error }}, input: {{ text: x }} }}\n"
        )
    };
    let tasks: String = (0..8)
        .map(|n| task("chaos", n))
        .chain((0..4).map(|n| task("other", n)))
        .collect();
    let ended = bench.session(&tasks, "out").expect(1);
    assert!(
        ended.stderr.contains("circuit agent:chaos: open"),
        "{}",
        ended.stderr
    );
    let report = bench.report("out");
    for n in 0..8 {
        let task = report.task(&format!("chaos-{n}"));
        let (code, reason, attempts) = match n {
            0..5 => ("guest.chaos.error", "non-retryable", 1),
            _ => ("shed.breaker", "breaker-open", 0),
        };
        assert_eq!(task["failure"]["code"], code, "{n}");
        assert_eq!(task["reason"], reason, "{n}");
        assert_eq!(task["attempts"].as_array().unwrap().len(), attempts, "{n}");
    }
    for n in 0..4 {
        assert_eq!(report.code(&format!("other-{n}")), "guest.chaos.error");
    }
    let breakers = report.0["breakers"].as_array().unwrap();
    assert_eq!(breakers.len(), 1);
    assert_eq!(breakers[0]["key"], "agent:chaos");
    assert_eq!(breakers[0]["state"], "open");
    assert_eq!(breakers[0]["cause"], "consecutive-failures");
    assert_eq!(breakers[0]["counts"]["consecutive_failures"], 5);
    assert!(breakers[0]["until"].as_str() > breakers[0]["since"].as_str());
}

/// Attempts 1 and 2 open it; the third, which would have succeeded, is not made.
#[test]
fn a_retry_is_not_made_against_an_open_circuit() {
    let bench = Bench::with_config(&format!(
        "agents:\n  chaos:\n    plugin: {:?}\n    retry: {{ strategy: fixed, base: 1ms }}\n    \
         breaker: {{ failure_threshold: 2 }}\n",
        plugin("chaos"),
    ));
    let tasks = "- { id: a, agent: chaos, settings: { mode: flaky, failures: 2 }, input: { text: x } }\n";
    bench.session(tasks, "out").expect(1);
    let report = bench.report("out");
    let task = report.task("a");
    assert_eq!(task["attempts"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&task["reason"], report.code("a")),
        (&json!("breaker-open"), "guest.chaos.flaky")
    );
}
