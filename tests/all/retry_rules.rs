//! `retry.rules`: other values for some failures, by category and code.

use crate::support::{Bench, plugin};

/// Fails four times as a network does; the section alone would stop at four
/// attempts.
#[test]
fn the_first_rule_that_fits_a_failure_says_how_it_is_tried_again() {
    let bench = Bench::with_config(&format!(
        "defaults:\n  breaker: {{ mode: \"off\" }}\n  retry:\n    jitter: none\n    base: 1ms\n    rules:\n      \
           - {{ when: {{ category: network, code: 'guest.chaos.*' }}, strategy: fixed, base: 2ms, max_attempts: 5 }}\n      \
           - {{ when: {{ category: [network, instance-failure] }}, never: true }}\n\
         agents:\n  ruled: {{ plugin: {plugin:?} }}\n  own: {{ plugin: {plugin:?}, retry: {{ rules: [] }} }}\n",
        plugin = plugin("chaos"),
    ));
    let task = |id: &str, agent: &str, settings: &str| {
        format!("- {{ id: {id}, agent: {agent}, settings: {{ {settings} }}, input: {{ text: x }} }}\n")
    };
    let tasks = [
        task("flaky", "ruled", "mode: flaky, failures: 4"),
        task("panic", "ruled", "mode: panic"),
        task("own", "own", "mode: flaky, failures: 4"),
    ];
    bench.session(&tasks.concat(), "out").expect(3);
    let report = bench.report("out");
    let delays = |id: &str| {
        let attempts = report.task(id)["attempts"].as_array().unwrap();
        attempts
            .iter()
            .map(|attempt| attempt["delay_before_ms"].as_f64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(report.task("flaky")["status"], "succeeded");
    assert_eq!(delays("flaky"), [0.0, 2.0, 2.0, 2.0, 2.0]);
    assert_eq!(report.task("panic")["reason"], "non-retryable");
    assert_eq!(delays("panic"), [0.0]);
    // A list is replaced as a whole: `smart` takes five times the base.
    assert_eq!(report.task("own")["reason"], "attempts");
    assert_eq!(delays("own"), [0.0, 5.0, 10.0, 20.0]);
}

#[test]
fn a_rule_is_explained_with_its_line() {
    let bench = Bench::with_config(
        "defaults:\n  retry:\n    rules:\n      - { when: { code: 'guest.glm.*' }, max_attempts: 7 }\n",
    );
    let said = bench
        .fusebox(&["config", "explain", "defaults.retry.rules"])
        .expect(0);
    assert!(
        said.stdout.contains("guest.glm.*") && said.stdout.contains("fusebox.yaml:4:7"),
        "{}",
        said.stdout
    );
    let said = bench
        .fusebox(&["config", "explain", "defaults.retry.rules[0].max_attempts"])
        .expect(0);
    assert!(
        said.stdout.contains("= 7") && said.stdout.contains("fusebox.yaml:4:"),
        "{}",
        said.stdout
    );
}
