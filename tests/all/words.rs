//! What a guest says is escaped wherever it is shown or written, and what reads
//! the program's answer may go away.

use std::fs;
use std::io::{Read, Write};
use std::process::Stdio;

use crate::guest::Guest;
use crate::support::{Bench, plugin};

/// Steers a terminal (U+009B), turns the reading direction (U+202E, U+2066),
/// marks it (U+200F, U+061C), and ends a line (U+2028).
const HOSTILE: [char; 7] = [
    '\u{1b}', '\u{9b}', '\u{202e}', '\u{2066}', '\u{200f}', '\u{61c}', '\u{2028}',
];
const LENGTH: u32 = 20;

/// Says the same words as a line of its log with a field, as its progress, and
/// as the code and the message of its error.
fn guest() -> Guest {
    Guest {
        imports: "(import \"fusebox:agent/log@0.1.0\" \"write\" (func $log (param i32 i32 i32 i32 i32)))
             (import \"fusebox:agent/progress@0.1.0\" \"report\" (func $progress (param f32 i32 i32)))",
        result: vec![1, 0, 2, 600, LENGTH, 600, LENGTH],
        ..Guest::new(
            "(call $progress (f32.const 0.5) (i32.const 600) (i32.const 20))
             (call $log (i32.const 2) (i32.const 600) (i32.const 20) (i32.const 640) (i32.const 1))",
        )
    }
    .with(
        "(data (i32.const 600) \"\\1b\\c2\\9b\\e2\\80\\ae\\e2\\81\\a6\\e2\\80\\8f\\d8\\9c\\e2\\80\\a8xyz\")
         (data (i32.const 640) \"\\58\\02\\00\\00\\14\\00\\00\\00\\58\\02\\00\\00\\14\\00\\00\\00\")",
    )
}

fn bench() -> Bench {
    let bench = Bench::with_config(&format!(
        "agents:\n  shout: {{ plugin: {:?} }}\n  guest: {{ plugin: guest.wasm, retry: {{ max_attempts: 2, base: 1ms }} }}\n\
         \n",
        plugin("shout")
    ));
    bench.write("guest.wasm", guest().component());
    bench
}

#[track_caller]
fn is_harmless(what: &str, text: &str) {
    let found = text.find(HOSTILE);
    assert!(found.is_none(), "{what}: byte {found:?} of {text}");
}

#[test]
fn no_file_and_no_answer_holds_what_misleads_and_a_program_reads_it_as_it_was() {
    let bench = bench();
    let ended = bench.session("- { id: a, agent: guest, input: { text: x } }\n", "out");
    is_harmless("standard output", &ended.stdout);
    is_harmless("standard error", &ended.stderr);
    for name in ["report.json", "logs/guests.jsonl", "logs/notices.jsonl"] {
        if let Ok(text) = fs::read_to_string(bench.path("out").join(name)) {
            is_harmless(name, &text);
        }
    }
    let log = fs::read_to_string(bench.path("out/logs/guests.jsonl")).unwrap();
    assert!(log.contains("\\u202e") && log.contains("\\u009b"), "{log}");
    assert!(
        serde_json::from_str::<serde_json::Value>(log.lines().next().unwrap())
            .unwrap()
            .to_string()
            .contains('\u{202e}')
    );
    let report = bench.report("out");
    let message = &report.task("a")["failure"]["message"];
    assert!(message.as_str().unwrap().contains('\u{202e}'), "{message}");
    for arguments in [
        &["resume", "out", "--format", "json"][..],
        &["resume", "out", "--retry-failed", "--format", "json"],
        &["breaker", "list", "out", "--format", "json"],
        &["plugin", "inspect", "guest.wasm"],
    ] {
        let ended = bench.fusebox(arguments);
        is_harmless(&format!("{arguments:?}"), &(ended.stdout + &ended.stderr));
    }
}

#[test]
fn a_session_is_read_from_standard_input() {
    let bench = bench();
    let session = "session: s\ntasks:\n- { id: a, agent: shout, input: { text: hi } }\n";
    let mut child = bench
        .command(&["run", "/dev/stdin", "--out", "out"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(session.as_bytes()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(bench.report("out").task("a")["output"]["inline"], "HI");
}

#[test]
fn an_answer_that_nobody_reads_changes_no_exit_code() {
    let bench = bench();
    bench
        .session("- { id: a, agent: shout, input: { text: hi } }\n", "out")
        .expect(0);
    for arguments in [
        &["explain"][..],
        &["config", "schema"],
        &["plugin", "list", "--format", "json"],
        &["resume", "out", "--format", "json"],
        &["breaker", "list", "out"],
        &["run", "session.yaml", "--out", "next"],
    ] {
        let mut child = bench
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{arguments:?}: {said}");
        assert!(!said.contains("pipe"), "{arguments:?}: {said}");
    }
}
