//! What a plugin reaches: what was granted and nothing else. What it must not
//! show is shown nowhere.

use std::path::Path;

use crate::guest::Guest;
use crate::support::{Bench, Ended};

/// A result whose bytes are the first value of the environment.
const SHOW_ENVIRONMENT: &str = "(call $environment (i32.const 3072))
    (if (i32.load (i32.const 3076)) (then
        (i32.store (i32.const 2064) (i32.load offset=8 (i32.load (i32.const 3072))))
        (i32.store (i32.const 2068) (i32.load offset=12 (i32.load (i32.const 3072))))))";

const TASK: &str = "- { id: a, agent: guest, input: { text: x } }\n";

fn bench(guest: &Guest, agent: &str) -> Bench {
    let bench = Bench::with_config(&format!("agents:\n  guest:\n    plugin: guest.wasm\n{agent}"));
    bench.write("guest.wasm", guest.component());
    bench
}

#[test]
fn the_environment_is_what_was_granted_and_nothing_of_the_hosts() {
    let guest = Guest {
        imports: "(import \"wasi:cli/environment@0.2.12\" \"get-environment\" (func $environment (param i32)))",
        ..Guest::new(SHOW_ENVIRONMENT)
    };
    let rows = [
        ("    grants: { environment: { TONE: dry } }\n", "dry"),
        // What the guest gives when there is nothing to give.
        ("", "text/plain"),
    ];
    for (agent, expected) in rows {
        let bench = bench(&guest, agent);
        bench.session(TASK, "out").expect(0);
        assert_eq!(bench.report("out").task("a")["output"]["inline"], expected);
    }
}

const SECRET: &str = "hunter2-hunter2";
const WITH_SECRETS: &str = "    secrets: { key: { file: key.txt }, other: { env: FUSEBOX_TEST_SECRET } }\n    retry: { max_attempts: 1 }\n";

/// Runs the guest with a secret among its settings; everything that the host
/// says is as chatty as can be.
fn with_secret(guest: &Guest) -> (Bench, Ended) {
    let bench = bench(guest, WITH_SECRETS);
    bench.write("key.txt", format!("{SECRET}\n"));
    bench.write("session.yaml", format!("session: test\ntasks:\n{TASK}"));
    let run = |arguments: &[&str]| {
        let mut command = bench.command(arguments);
        Ended::of(command.env("FUSEBOX_TEST_SECRET", SECRET).output().unwrap())
    };
    for arguments in [
        &["config", "explain", "agents.guest"][..],
        &["config", "check", "--format", "json"],
        &["run", "session.yaml", "--dry-run"],
        &["plugin", "list"],
    ] {
        shows_nothing(&run(arguments).expect(0));
    }
    let ended = run(&["run", "session.yaml", "--out", "out", "--log", "trace"]);
    (bench, ended)
}

#[track_caller]
fn shows_nothing(ended: &Ended) {
    assert!(!ended.stdout.contains(SECRET), "{}", ended.stdout);
    assert!(!ended.stderr.contains(SECRET), "the secret is on standard error");
}

/// No file below a folder holds the secret.
fn holds_nothing(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            holds_nothing(&entry.path());
            continue;
        }
        let bytes = std::fs::read(entry.path()).unwrap();
        let shown = bytes
            .windows(SECRET.len())
            .any(|window| window == SECRET.as_bytes());
        assert!(!shown, "{}", entry.path().display());
    }
}

#[test]
fn a_result_that_shows_a_secret_is_not_kept() {
    let guest =
        Guest::new("(i32.store (i32.const 2064) (local.get 12)) (i32.store (i32.const 2068) (local.get 13))");
    let (bench, ended) = with_secret(&guest);
    shows_nothing(&ended);
    assert_eq!(ended.code, Some(1));
    assert_eq!(bench.report("out").code("a"), "denied.secret");
    holds_nothing(&bench.path("out"));
}

/// The settings, which hold the secret, as a log line and as an error message.
#[test]
fn a_secret_in_a_log_line_or_an_error_is_hidden() {
    let guest = Guest {
        imports: "(import \"fusebox:agent/log@0.1.0\" \"write\" (func $log (param i32 i32 i32 i32 i32)))",
        result: vec![1, 0, 2, 530, 10, 530, 10],
        ..Guest::new(
            "(call $log (i32.const 2) (local.get 12) (local.get 13) (i32.const 0) (i32.const 0))
             (i32.store (i32.const 2068) (local.get 12)) (i32.store (i32.const 2072) (local.get 13))",
        )
    };
    let (bench, ended) = with_secret(&guest);
    shows_nothing(&ended);
    let report = bench.report("out");
    let message = report.task("a")["failure"]["message"].as_str().unwrap();
    assert!(
        message.contains("[secret key]") && message.contains("[secret key]"),
        "{message}"
    );
    let log = std::fs::read_to_string(bench.path("out/logs/guests.jsonl")).unwrap();
    assert!(log.contains("[secret key]"), "{log}");
    holds_nothing(&bench.path("out"));
}

#[test]
fn a_secret_that_is_not_there_is_named_before_anything_runs() {
    let bench = bench(&Guest::new(""), WITH_SECRETS);
    bench.write("key.txt", "short");
    let ended = bench.session(TASK, "out").expect(78);
    assert!(
        ended.stderr.contains("config.secret") && ended.stderr.contains("secret `key`"),
        "{}",
        ended.stderr
    );
    assert!(
        ended.stderr.contains("fewer than 8") && !ended.stderr.contains("short"),
        "{}",
        ended.stderr
    );
    bench.write("key.txt", SECRET);
    let ended = bench.session(TASK, "out").expect(78);
    assert!(
        ended.stderr.contains("FUSEBOX_TEST_SECRET is not set"),
        "{}",
        ended.stderr
    );
    assert!(!bench.path("out").exists());
}
