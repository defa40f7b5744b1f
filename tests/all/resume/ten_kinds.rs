//! A session of which nearly a third fails, in eleven ways.

use std::fmt::Write;

use serde_json::Value;

use super::commands::paste;
use crate::support::{Bench, Report, plugin};

const GOOD: usize = 28;
/// What fails, and as what.
const BAD: [(&str, &str, &str); 11] = [
    ("error", "chaos, settings: { mode: error }", "guest.chaos.error"),
    ("panic", "chaos, settings: { mode: panic }", "trap.panic"),
    ("fuel", "chaos, settings: { mode: spin }", "limit.fuel"),
    ("memory", "chaos, settings: { mode: memory }", "limit.memory"),
    (
        "stack",
        "chaos, settings: { mode: recurse }",
        "trap.stack-overflow",
    ),
    ("garbage", "chaos, settings: { mode: garbage }", "invalid.output"),
    (
        "part",
        "chaos, settings: { mode: flaky, failures: 9, partial: true }",
        "guest.chaos.flaky",
    ),
    (
        "settings",
        "chaos, settings: { mode: none-such }",
        "guest.settings",
    ),
    (
        "deadline",
        "hurried, settings: { mode: sleep, ms: 3600000 }",
        "limit.deadline",
    ),
    ("input", "narrow", "limit.input"),
    ("output", "short", "limit.output"),
];

fn bench() -> Bench {
    let (chaos, shout) = (plugin("chaos"), plugin("shout"));
    Bench::with_config(&format!(
        "defaults: {{ retry: {{ base: 1ms, max_attempts: 2 }}, breaker: {{ mode: \"off\" }} }}\n\
         agents:\n  shout: {{ plugin: {shout:?} }}\n\
         \x20 chaos: {{ plugin: {chaos:?}, limits: {{ fuel: 50000000, memory: 16MiB }} }}\n\
         \x20 hurried: {{ plugin: {chaos:?}, limits: {{ deadline: 30ms }} }}\n\
         \x20 narrow: {{ plugin: {chaos:?}, limits: {{ input: 16B }} }}\n\
         \x20 short: {{ plugin: {shout:?}, limits: {{ output: 16B }} }}\n"
    ))
}

fn tasks() -> String {
    let mut tasks = String::new();
    let input = "input: { text: more than sixteen bytes }";
    for n in 0..GOOD {
        writeln!(tasks, "- {{ id: good{n}, agent: shout, {input} }}").unwrap();
    }
    for (id, agent, _) in BAD {
        writeln!(tasks, "- {{ id: {id}, agent: {agent}, {input} }}").unwrap();
    }
    writeln!(tasks, "- {{ id: last, agent: shout, after: [error], {input} }}").unwrap();
    tasks
}

fn status<'r>(report: &'r Report, id: &str) -> &'r str {
    report.task(id)["status"].as_str().unwrap()
}

/// The results that were there from the beginning.
fn good(report: &Report) -> Vec<(String, String)> {
    let mut digests = report.digests("");
    digests.retain(|(id, _)| id.contains("good"));
    digests
}

#[test]
fn failures_of_ten_kinds_leave_a_degraded_session_and_each_command_does_what_it_says() {
    let bench = bench();
    bench.session(&tasks(), "out").expect(3);
    let first = bench.report("out");
    assert_eq!(first.0["session"]["status"], "degraded");
    assert_eq!(first.0["counts"]["succeeded"], GOOD);
    assert_eq!(
        (status(&first, "part"), status(&first, "last")),
        ("degraded", "skipped")
    );
    for (id, _, code) in BAD {
        assert_eq!(first.code(id), code, "{id}");
    }
    let options = first.0["recovery"].as_array().unwrap();
    for (id, _, _) in BAD {
        assert!(
            options.iter().any(|option| names(option).contains(&id)),
            "nothing is offered for {id}"
        );
    }
    for option in options {
        follow(&bench, option, &first);
    }
    let last = bench.report("out");
    assert_eq!(good(&last), good(&first));
    for mended in ["input", "output"] {
        assert_eq!(status(&last, mended), "succeeded", "a higher limit was enough");
    }
}

fn names(option: &Value) -> Vec<&str> {
    let tasks = option["tasks"].as_array().unwrap();
    tasks.iter().filter_map(Value::as_str).collect()
}

/// Pastes the command of an option and sees that it runs the tasks that it
/// names, what waited for them and no others, or says what its code means.
#[track_caller]
fn follow(bench: &Bench, option: &Value, first: &Report) {
    let command = option["command"].as_str().unwrap();
    let ended = paste(bench, command);
    if let Some(code) = command.strip_prefix("fusebox explain ") {
        assert!(ended.expect(0).stdout.contains(code), "{command}");
        return;
    }
    let ended = ended.expect(3);
    if command.contains("--only") {
        // What was skipped for one of them runs after it.
        let freed = usize::from(names(option).contains(&"error"));
        let over = first.tasks().len() - names(option).len() - freed;
        let said = format!("{over} of {} tasks are over", first.tasks().len());
        assert!(ended.stderr.contains(&said), "{command}\n{}", ended.stderr);
    }
}
