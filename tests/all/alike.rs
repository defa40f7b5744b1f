//! Ends that would be the same again are not tried again for nothing.

use serde_json::{Value, json};

use crate::support::{Bench, context, plugin};

/// What one task of `script` with these steps came to, by an agent with these
/// instances and default retries but for the waits.
fn run(instances: &str, steps: &Value) -> Value {
    let bench = Bench::with_config(&format!(
        "agents:\n  guest:\n    plugin: {:?}\n    retry: {{ base: 1ms, max_attempts: 3 }}\n    \
         breaker: {{ mode: \"off\" }}\n{instances}",
        plugin("script"),
    ));
    bench
        .session(
            &format!("- {{ id: t, agent: guest, input: {{ json: {steps} }} }}\n"),
            "out",
        )
        .expect(1);
    bench.report("out").task("t").clone()
}

fn attempts(task: &Value) -> usize {
    task["attempts"].as_array().unwrap().len()
}

/// Whatever the plugin says of it.
#[test]
fn an_end_that_asked_for_nothing_that_may_differ_is_not_tried_again() {
    let says = json!([{ "fail": { "category": "network", "code": "x", "retryable": true } }]);
    let logs = json!([{ "log": "here" }, { "end": "panic" }]);
    for steps in [
        json!([{ "end": "panic" }]),
        json!([{ "end": "abort" }]),
        logs,
        says,
    ] {
        let task = run("", &steps);
        assert_eq!(
            (attempts(&task), &task["reason"]),
            (1, &json!("non-retryable")),
            "{task}"
        );
        let failure = &task["failure"];
        assert_eq!(
            (&failure["retryable"], &failure["blame"]),
            (&json!(false), &json!("guest"))
        );
        let why = context(failure, "alike").unwrap();
        assert!(why.contains("nothing whose answer can differ"), "{why}");
    }
}

#[test]
fn an_end_after_an_answer_that_may_differ_is_tried_again() {
    for first in [json!("attempt"), json!({ "sleep": 1 })] {
        let task = run("", &json!([first, { "end": "panic" }]));
        assert_eq!(
            (attempts(&task), &task["reason"]),
            (3, &json!("attempts")),
            "{task}"
        );
    }
}

/// Other instances have other settings.
#[test]
fn each_other_instance_tries_it_once() {
    let task = run("    instances: { a: {}, b: {} }\n", &json!([{ "end": "panic" }]));
    let by: Vec<&Value> = task["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attempt| &attempt["instance"])
        .collect();
    assert_eq!(by.len(), 2, "{task}");
    assert_ne!(by[0], by[1]);
    assert_eq!(task["reason"], "non-retryable");
}
