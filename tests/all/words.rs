//! What a guest says is escaped wherever it is shown or written, and what reads
//! the program's answer may go away.

use std::fs;
use std::io::{Read, Write};
use std::process::{Child, Stdio};

use crate::guest::Guest;
use crate::played_api::{Answer, PlayedApi};
use crate::support::{Bench, Ended, plugin};

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

const IMPORTS: &str = "(import \"fusebox:agent/log@0.1.0\" \"write\" (func $log (param i32 i32 i32 i32 i32)))
     (import \"fusebox:agent/progress@0.1.0\" \"report\" (func $progress (param f32 i32 i32)))
     (import \"fusebox:agent/breaker@0.1.0\" \"acquire\" (func $acquire (param i32 i32 i32)))
     (import \"fusebox:agent/retry@0.1.0\" \"[constructor]operation\" (func $operation (param i32 i32) (result i32)))
     (import \"fusebox:agent/retry@0.1.0\" \"[method]operation.failed\" (func $failed
        (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i64 i32 i32 i32)))
     (import \"wasi:clocks/monotonic-clock@0.2.12\" \"subscribe-duration\" (func $sleep (param i64) (result i32)))
     (import \"wasi:io/poll@0.2.12\" \"poll\" (func $poll (param i32 i32 i32)))
     (import \"wasi:cli/stdout@0.2.12\" \"get-stdout\" (func $stdout (result i32)))
     (import \"wasi:cli/stderr@0.2.12\" \"get-stderr\" (func $stderr (result i32)))
     (import \"wasi:io/streams@0.2.12\" \"[method]output-stream.blocking-write-and-flush\"
        (func $write (param i32 i32 i32 i32)))";
/// The words with which panics say their message and their place.
const PANIC: &str =
    "(call $log (i32.const 4) (i32.const 600) (i32.const 20) (i32.const 680) (i32.const 1)) (unreachable)";
/// In a function of that name.
const TRAP: &str = "(call $\"xyz-name\\u{1b}\\u{9b}\\u{202e}\")";
/// Shows its progress until it is cancelled.
const WAIT: &str = "(call $progress (f32.const 0.5) (i32.const 600) (i32.const 20))
    (i32.store (i32.const 3000) (call $sleep (i64.const 600000000000))) (call $poll (i32.const 3000) (i32.const 1) (i32.const 3008))";
/// Something that it tries again by itself, and a service that it calls.
const TRIES: &str = "(call $acquire (i32.const 600) (i32.const 20) (i32.const 3072))
    (call $failed (call $operation (i32.const 600) (i32.const 20)) (i32.const 0) (i32.const 600) (i32.const 20)
    (i32.const 600) (i32.const 20) (i32.const 0) (i32.const 0) (i32.const 1)
    (i32.const 1) (i32.const 0) (i64.const 0) (i32.const 3072) (i32.const 0) (i32.const 3200))";
const STREAMS: &str = "(call $write (call $stdout) (i32.const 600) (i32.const 20) (i32.const 3000))
    (call $write (call $stderr) (i32.const 600) (i32.const 20) (i32.const 3000))";

/// A guest for each place where words can be put, with the words of its result.
fn places() -> [(&'static str, &'static str, Vec<u32>); 8] {
    let done = vec![0, 0, 530, 10, 530, 10];
    [
        ("panic", PANIC, done.clone()),
        ("trap", TRAP, done.clone()),
        ("kind", "", vec![0, 0, 600, LENGTH, 530, 10]),
        ("error", "", vec![1, 0, 2, 600, LENGTH, 600, LENGTH]),
        ("result", "", vec![0, 0, 530, 10, 600, LENGTH]),
        ("tries", TRIES, done.clone()),
        ("streams", STREAMS, done.clone()),
        ("wait", WAIT, done),
    ]
}

/// A board with a node for each, and a webhook.
fn board(api: &PlayedApi) -> Bench {
    let (mut agents, mut rules, mut nodes) = (String::new(), String::new(), Vec::new());
    for (name, ..) in places() {
        agents += &format!(
            "  {name}: {{ plugin: {name}.wasm, retry: {{ max_attempts: {}, base: 1ms }}, breaker: {{ failure_threshold: 1 }}, \
             limits: {{ deadline: 15m }} }}\n",
            if name == "tries" { 3 } else { 1 }
        );
        rules += &format!("  - {{ agent: {name}, when: {{ prefix: '@{name}' }} }}\n");
        nodes.push(format!(
            "{{\"id\":\"{name}\",\"type\":\"text\",\"text\":\"@{name} x\",\"x\":{},\"y\":0,\"width\":100,\"height\":60}}",
            nodes.len() * 200
        ));
    }
    let url = api.url("/hook");
    let bench = Bench::with_config(&format!(
        "agents:\n{agents}boards:\n  rules:\n{rules}notify: {{ webhooks: {{ ops: {{ url: {url:?} }} }} }}\n"
    ));
    for (name, run, result) in places() {
        let guest = Guest {
            imports: IMPORTS,
            result,
            ..Guest::new(run)
        }
        .with(
            "(func $\"xyz-name\\u{1b}\\u{9b}\\u{202e}\" (unreachable))
             (data (i32.const 600) \"\\1b\\c2\\9b\\e2\\80\\ae\\e2\\81\\a6\\e2\\80\\8f\\d8\\9c\\e2\\80\\a8xyz\")
             (data (i32.const 670) \"panic\") (data (i32.const 680) \"\\9e\\02\\00\\00\\05\\00\\00\\00\\58\\02\\00\\00\\14\\00\\00\\00\")",
        );
        bench.write(&format!("{name}.wasm"), guest.component());
    }
    bench.write(
        "b.canvas",
        format!("{{\"nodes\":[{}],\"edges\":[]}}", nodes.join(",")),
    );
    bench
}

/// What a live session answers once all but the waiting task are over.
fn answers(bench: &Bench, child: &mut Child) -> String {
    loop {
        let view = bench.fusebox(&["status", "out", "--format", "json"]).stdout;
        let view: serde_json::Value = serde_json::from_str(&view).unwrap_or_default();
        let count = |state: &str| view["counts"][state].as_u64().unwrap_or(0);
        if count("succeeded") + count("failed") == places().len() as u64 - 1 && view["running"] == 1 {
            break;
        }
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself: {view}");
    }
    let mut said = String::new();
    for arguments in [
        &["status", "out"][..],
        &["status", "out", "--format", "json"],
        &["status", "out", "--task", "wait"],
        &["status", "out", "--task", "panic"],
        &["status", "out", "--task", "panic", "--format", "json"],
        &["breaker", "list", "out"],
        &["breaker", "list", "out", "--format", "json"],
    ] {
        let ended = bench.fusebox(arguments);
        said += &(ended.stdout + &ended.stderr);
    }
    said
}

/// Both forms of the log too, of everything that it can say.
#[test]
fn wherever_a_guest_puts_what_misleads_no_way_out_shows_it() {
    for format in ["text", "json"] {
        let api = PlayedApi::answering(|_| Some(Answer::json(200, "{}")));
        let bench = board(&api);
        let log = format!("log.format={format}");
        let mut child = bench
            .command(&[
                "run", "b.canvas", "--out", "out", "--write", "--log", "trace", "--set", &log,
            ])
            .stdout(Stdio::piped())
            .stderr(fs::File::create(bench.path("stderr")).unwrap())
            .spawn()
            .unwrap();
        let answers = answers(&bench, &mut child);
        bench.fusebox(&["cancel", "out"]).expect(0);
        let ended = Ended::of(child.wait_with_output().unwrap());
        is_harmless("what it says while it runs", &answers);
        assert!(
            answers.contains("\\u{202e}") && answers.contains("\\u202e"),
            "{answers}"
        );
        let logged = fs::read_to_string(bench.path("stderr")).unwrap();
        let escaped = if format == "text" {
            "\\u{2028}xyz: guest."
        } else {
            "\\u2028xyz: guest."
        };
        assert!(logged.contains(escaped), "{logged}");
        // The summary is on standard output.
        is_harmless("standard output", &ended.stdout);
        assert!(ended.stdout.contains("trap.panic"), "{}", ended.stdout);
        for file in [
            "stderr",
            "out/report.json",
            "out/logs/guests.jsonl",
            "out/logs/notices.jsonl",
            "out/board.canvas",
            "b.canvas",
        ] {
            is_harmless(file, &fs::read_to_string(bench.path(file)).unwrap());
        }
        let board = fs::read_to_string(bench.path("b.canvas")).unwrap();
        assert!(
            board.contains("\\\\u{202e}") && board.contains("\\u200f"),
            "{board}"
        );
        let posted = api.received();
        assert!(!posted.is_empty());
        for post in posted {
            is_harmless("a webhook", std::str::from_utf8(&post.body).unwrap());
        }
        let report = bench.report("out");
        for (name, code) in [
            ("panic", "trap.panic"),
            ("trap", "trap.unreachable"),
            ("kind", "invalid.output"),
        ] {
            assert_eq!(report.code(name), code);
        }
        let message = |name: &str| {
            report.task(name)["failure"]["message"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        assert!(message("panic").contains('\u{202e}'), "{}", message("panic"));
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
