//! Quarantines from one session to the next.

use serde_json::Value;

use crate::support::{Bench, Report, plugin};

/// `bad` panics, `good` does not; one strike is enough.
fn bench() -> Bench {
    Bench::with_config(&format!(
        "agents:\n  pool:\n    plugin: {:?}\n    retry: {{ base: 1ms }}\n    isolation: {{ strikes: 1 }}\n    \
         instances: {{ bad: {{ settings: {{ mode: panic }} }}, good: {{ settings: {{ mode: none }} }} }}\n",
        plugin("chaos"),
    ))
}

/// Six tasks in a new session, and how often `bad` was tried.
fn run(bench: &Bench, out: &str) -> (usize, Report) {
    let tasks: String = (0..6)
        .map(|n| format!("- {{ id: t{n}, agent: pool, input: {{ text: x }} }}\n"))
        .collect();
    bench.session(&tasks, out).expect(0);
    let report = bench.report(out);
    let attempts = report
        .tasks()
        .iter()
        .flat_map(|task| task["attempts"].as_array().unwrap());
    let on_bad = attempts.filter(|attempt| attempt["instance"] == "bad").count();
    (on_bad, report)
}

fn list(bench: &Bench, out: &str) -> Value {
    let ended = bench
        .fusebox(&["quarantine", "list", out, "--format", "json"])
        .expect(0);
    serde_json::from_str(&ended.stdout).unwrap()
}

#[test]
fn an_instance_that_is_out_stays_out_of_the_next_session_until_it_is_released() {
    let bench = bench();
    let (tried, one) = run(&bench, "one");
    assert!(tried > 0);
    let (tried, two) = run(&bench, "two");
    assert_eq!(tried, 0, "it is out from the start");
    let (before, after) = (&one.0["quarantined"][0], &two.0["quarantined"][0]);
    for field in ["instance", "state", "reason", "times"] {
        assert_eq!(before[field], after[field], "{field}");
    }
    assert_eq!(list(&bench, "one")[0]["instance"], "bad");
    let released = bench
        .fusebox(&["quarantine", "release", "one", "pool/bad"])
        .expect(0);
    assert!(
        released.stderr.contains("from the next run on"),
        "{}",
        released.stderr
    );
    assert_eq!(list(&bench, "one"), Value::Array(Vec::new()));
    assert!(run(&bench, "three").0 > 0, "it is back, and fails again");
    let again = bench
        .fusebox(&["quarantine", "release", "one", "pool/none"])
        .expect(2);
    assert!(again.stderr.contains("bad, good"), "{}", again.stderr);
}
