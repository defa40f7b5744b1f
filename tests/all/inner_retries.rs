//! What a guest tries again inside an attempt is the host's to allow, and
//! layers do not multiply.

use serde_json::{Value, json};

use crate::support::{Bench, Report, plugin};

fn run(failures: u32, retry: &str, session: &str, code: i32) -> Report {
    let bench = Bench::with_config(&format!(
        "session: {{ {session} }}\nagents:\n  chaos:\n    plugin: {:?}\n    \
         retry: {{ strategy: fixed, base: 20ms, jitter: none, {retry} }}\n",
        plugin("chaos"),
    ));
    let task = format!(
        "- {{ id: a, agent: chaos, settings: {{ mode: inner, failures: {failures} }}, input: {{ text: x }} }}\n"
    );
    bench.session(&task, "out").expect(code);
    bench.report("out")
}

fn gave_up(task: &Value) -> Vec<&Value> {
    let attempts = task["attempts"].as_array().unwrap();
    let context = attempts
        .iter()
        .flat_map(|attempt| attempt["failure"]["context"].as_array().unwrap());
    context
        .filter(|pair| pair[0] == "gave-up")
        .map(|pair| &pair[1])
        .collect()
}

#[test]
fn an_operation_is_tried_again_inside_the_attempt_after_a_wait() {
    let report = run(2, "max_attempts: 3", "", 0);
    let attempts = report.task("a")["attempts"].as_array().unwrap().clone();
    assert_eq!(attempts.len(), 1);
    // The two waits are the attempt's, and burn no processor time.
    assert!(attempts[0]["duration_ms"].as_f64() >= Some(40.0));
    assert!(attempts[0]["cpu_ms"].as_f64() < Some(20.0));
}

/// Three tries in all: not three in each of three attempts.
#[test]
fn tries_inside_and_attempts_do_not_multiply() {
    let report = run(100, "max_attempts: 3", "", 1);
    let task = report.task("a");
    assert_eq!(task["attempts"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&task["reason"], gave_up(task)),
        (&json!("attempts"), vec![&json!("attempts")])
    );
}

#[test]
fn tries_inside_draw_on_the_budget_of_the_session() {
    let report = run(
        100,
        "max_attempts: 50",
        "retry_budget: { unsent_share: 0%, reserve: 4 }",
        1,
    );
    let task = report.task("a");
    assert_eq!(
        (&task["reason"], gave_up(task)),
        (&json!("budget"), vec![&json!("budget")])
    );
    assert_eq!(task["attempts"].as_array().unwrap().len(), 1);
    let waited = task["attempts"][0]["duration_ms"].as_f64().unwrap();
    assert!(
        (80.0..400.0).contains(&waited),
        "four waits of 20 ms, not {waited} ms"
    );
}

#[test]
fn no_wait_reaches_the_deadline_of_the_attempt() {
    let bench = Bench::with_config(&format!(
        "agents:\n  chaos:\n    plugin: {:?}\n    limits: {{ deadline: 300ms }}\n    \
         retry: {{ strategy: fixed, base: 1s, jitter: none, max_attempts: 2 }}\n",
        plugin("chaos"),
    ));
    let task = "- { id: a, agent: chaos, settings: { mode: inner, failures: 1 }, input: { text: x } }\n";
    bench.session(task, "out").expect(1);
    let report = bench.report("out");
    let attempt = &report.task("a")["attempts"][0];
    assert!(attempt["duration_ms"].as_f64() < Some(250.0));
    assert_eq!(
        gave_up(report.task("a")),
        [&json!("deadline"), &json!("attempts")]
    );
}
