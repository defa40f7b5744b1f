//! `fusebox resume`: a session that was stopped goes on, and nothing of it is
//! lost or done twice.

mod asked_waits;
mod beginnings;
mod boards;
mod commands;
mod dependants;
mod disk;
mod ends;
mod held;
mod kept;
mod kills;
mod random_sessions;
mod salvage;
mod ten_kinds;
mod waits;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Stdio};

use fusebox::journal::{Reader, Record};
use serde_json::Value;

use crate::support::{Bench, plugin};

/// Agents that need no time, one that never ends by itself, and one that fails.
fn bench() -> Bench {
    let (shout, chaos, keywords) = (plugin("shout"), plugin("chaos"), plugin("keywords"));
    Bench::with_config(&format!(
        "agents:\n  shout: {{ plugin: {shout:?} }}\n  keywords: {{ plugin: {keywords:?} }}\n  sleeps:\n    plugin: {chaos:?}\n    \
         settings: {{ mode: sleep, ms: 3600000 }}\n    limits: {{ deadline: 2h }}\n  fails:\n    plugin: {chaos:?}\n    \
         settings: {{ mode: error }}\n    breaker: {{ mode: \"off\" }}\n"
    ))
}

/// Starts a run that is not waited for.
fn start(bench: &Bench, arguments: &[&str]) -> Child {
    let mut command = bench.command(arguments);
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Starts a session of these tasks, into `out`.
pub(crate) fn start_session(bench: &Bench, tasks: &str) -> Child {
    bench.write("session.yaml", format!("session: test\ntasks:\n{tasks}"));
    start(bench, &["run", "session.yaml", "--out", "out"])
}

/// Kills a host once so many of its tasks are over.
pub(crate) fn kill_after(bench: &Bench, child: &mut Child, over: usize) {
    while ended(&bench.path("out")).len() < over {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The records of a journal; none if it has not begun.
fn records(session: &Path) -> Vec<Record> {
    let Ok(mut reader) = Reader::open(&session.join("journal")) else {
        return Vec::new();
    };
    std::iter::from_fn(|| reader.next_record().unwrap()).collect()
}

/// The ends of tasks in a journal, in their order.
fn ended(session: &Path) -> Vec<u32> {
    let ended = |record: Record| match record {
        Record::TaskEnded(ended) => Some(ended.task),
        _ => None,
    };
    records(session).into_iter().filter_map(ended).collect()
}

/// Where each frame of an intact journal is, and its kind.
fn frames(journal: &[u8]) -> Vec<(std::ops::Range<usize>, u16)> {
    let (mut at, mut all) = (32, Vec::new());
    while at < journal.len() {
        let length = u32::from_le_bytes(journal[at + 4..at + 8].try_into().unwrap());
        let kind = u16::from_le_bytes(journal[at + 8..at + 10].try_into().unwrap());
        let end = at + 18 + length as usize;
        all.push((at..end, kind));
        at = end;
    }
    all
}

/// The kind of a task's end.
const TASK_ENDED: u16 = 7;

/// The place of the n-th end of a task.
fn end_of_task(journal: &[u8], n: usize) -> std::ops::Range<usize> {
    let mut ends = frames(journal)
        .into_iter()
        .filter(|(_, kind)| *kind == TASK_ENDED);
    ends.nth(n).unwrap().0
}

/// What each task came to: status, digest of its result, code.
fn outcomes(report: &Value) -> BTreeMap<String, [String; 3]> {
    let tasks = report["tasks"].as_array().unwrap();
    let all: BTreeMap<_, _> = tasks
        .iter()
        .map(|task| {
            let of = [
                &task["status"],
                &task["output"]["sha256"],
                &task["failure"]["code"],
            ];
            (task["id"].to_string(), of.map(Value::to_string))
        })
        .collect();
    assert_eq!(all.len(), tasks.len(), "a task stands there twice");
    all
}
