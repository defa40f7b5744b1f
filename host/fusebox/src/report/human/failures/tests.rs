use std::sync::Arc;

use super::*;
use crate::report::failure_groups::FailureGroups;
use fusebox_events::TaskRecord;
use fusebox_types::TaskStatus;
use fusebox_types::failure::{Code, Failure};

/// An agent, a task and what the task ended with.
type End = (&'static str, &'static str, Failure);

fn panicked(message: &str) -> Failure {
    Failure::new(Code::TrapPanic, message)
}

fn entries(ends: &[End]) -> Vec<FailureGroupEntry> {
    let mut groups = FailureGroups::default();
    for (agent, task, failure) in ends {
        let record = TaskRecord {
            failure: Some(Arc::new(failure.clone())),
            ..TaskRecord::new(TaskStatus::Failed)
        };
        groups.add(agent, task, 1, &record);
    }
    groups.all().map(FailureGroupEntry::from).collect()
}

/// What is printed, without colours, line by line and without the last one.
fn printed(ends: &[End]) -> Vec<String> {
    let mut bytes = Vec::new();
    print(&mut bytes, &entries(ends)).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let mut lines: Vec<_> = text.lines().map(without_colours).collect();
    assert!(lines.pop().unwrap().starts_with("    do next  "));
    lines
}

fn without_colours(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').unwrap().1)
}

#[test]
fn different_messages_of_one_code_are_all_seen() {
    let lines = printed(&[
        ("a", "one", panicked("first")),
        ("a", "two", panicked("second")),
        ("a", "three", panicked("first")),
    ]);
    assert_eq!(
        lines[1..],
        [
            "    task     one, three (a)",
            "    message  first",
            "    task     two (a)",
            "    message  second"
        ]
    );
}

#[test]
fn what_two_agents_say_alike_is_told_once_with_both() {
    let lines = printed(&[
        ("a", "one", panicked("same\u{1b}[31m")),
        ("b", "two", panicked("same\u{1b}[31m")),
        ("b", "three", panicked("other")),
    ]);
    assert_eq!(lines.len(), 5, "{lines:?}");
    assert_eq!(lines[1], "    task     one (a), two (b)");
    assert!(lines[2].starts_with("    message  same"), "{lines:?}");
    assert_eq!(lines[3..], ["    task     three (b)", "    message  other"]);
}

#[test]
fn the_place_of_a_panic_and_what_was_not_handled_are_shown() {
    let failure = panicked("no").with("place", "src/lib.rs:19:68");
    let other = panicked("no").with("place", "src/lib.rs:20:1");
    let unhandled = Failure::new(Code::HttpConnect, "refused").with("unhandled", "trap.panic: unwrap");
    let lines = printed(&[("a", "one", failure), ("a", "two", other)]);
    assert_eq!(
        lines[1..],
        [
            "    task     one (a)",
            "    message  no",
            "    at       src/lib.rs:19:68",
            "    task     two (a)",
            "    message  no",
            "    at       src/lib.rs:20:1"
        ]
    );
    let lines = printed(&[("a", "one", unhandled)]);
    assert_eq!(
        lines[2..],
        [
            "    message  refused",
            "    and      the plugin did not handle it: trap.panic: unwrap"
        ]
    );
}

#[test]
fn messages_beyond_the_first_few_are_counted_and_no_group_grows() {
    let ends: Vec<End> = (0..9)
        .map(|n| ("a", "task", panicked(&format!("message {n}"))))
        .collect();
    let lines = printed(&ends);
    assert_eq!(
        lines.last().unwrap(),
        "    and      4 more tasks with other messages; see the report"
    );
    assert_eq!(lines.len(), 1 + 2 * 5 + 1);
    let [entry] = &entries(&ends)[..] else {
        panic!("one group");
    };
    assert_eq!(
        (entry.count, entry.messages.len(), entry.other_messages),
        (9, 5, 4)
    );
    let six = printed(&ends[..6]);
    assert!(six.last().unwrap().contains("1 more task with"), "{six:?}");
}

#[test]
fn a_partial_result_that_was_not_kept_is_told() {
    let lost = |bytes: u64| panicked("no").with("partial", format!("{bytes} bytes were not kept"));
    let lines = printed(&[
        ("a", "one", panicked("no")),
        ("a", "two", lost(12)),
        ("b", "three", lost(13)),
    ]);
    assert_eq!(lines[3], "    partial  12 bytes were not kept (and 1 more)");
    assert_eq!(lines.len(), 4);
    let one = printed(&[("a", "two", lost(12))]);
    assert_eq!(one[3], "    partial  12 bytes were not kept");
}
