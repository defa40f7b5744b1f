//! Policies that are hostile, met by `policy check` and `policy simulate`.

use std::process::Stdio;

use crate::beside::interrupt;
use crate::guest::{importing_policy, policy_component};
use crate::hostile_tools::Tool;
use crate::support::{Bench, plugin};

/// Memory of a policy.
const OF_POLICY: u64 = 16 << 20;

const POLL: &str = r#"
    (import "wasi:clocks/monotonic-clock@0.2.12" "subscribe-duration" (func $sleep (param i64) (result i32)))
    (import "wasi:io/poll@0.2.12" "poll" (func $poll (param i32 i32 i32)))"#;
const RANDOM: &str =
    r#"(import "wasi:random/random@0.2.12" "get-random-bytes" (func $random (param i64 i32)))"#;
const SOCKETS: &str =
    r#"(import "wasi:sockets/tcp-create-socket@0.2.12" "create-tcp-socket" (func $socket (param i32 i32)))"#;

/// How many of them are over soon.
const QUICK: usize = 6;
/// What a policy does in the place of deciding.
const POLICIES: [(&str, &str, &str); 10] = [
    ("a loop", "", "(loop (br 0))"),
    ("a trap", "", "(unreachable)"),
    ("memory", "", "(loop (drop (memory.grow (i32.const 1))) (br 0))"),
    (
        "memory that is written to",
        "",
        "(drop (memory.grow (i32.const 250))) (loop (memory.fill (i32.const 65536) (i32.const 1) (i32.const 16000000)) (br 0))",
    ),
    (
        "a verdict of a gibibyte",
        "",
        "(i32.store8 (i32.const 1024) (i32.const 1)) (memory.fill (i32.const 1025) (i32.const 255) (i32.const 64))",
    ),
    (
        "timers that are never dropped",
        POLL,
        "(loop (drop (call $sleep (i64.const 1000000000000))) (br 0))",
    ),
    (
        "a wait before each answer",
        POLL,
        "(i32.store (i32.const 2048) (call $sleep (i64.const 150000000))) (call $poll (i32.const 2048) (i32.const 1) (i32.const 2056))",
    ),
    (
        "a wait",
        POLL,
        "(i32.store (i32.const 2048) (call $sleep (i64.const 1000000000000))) (call $poll (i32.const 2048) (i32.const 1) (i32.const 2056))",
    ),
    (
        "random bytes without end",
        RANDOM,
        "(loop (global.set $next (i32.const 4096)) (call $random (i64.const 60000) (i32.const 2048)) (br 0))",
    ),
    (
        "sockets without end",
        SOCKETS,
        "(loop (call $socket (i32.const 0) (i32.const 2048)) (br 0))",
    ),
];

#[test]
fn a_policy_is_checked_in_bounded_time_and_memory_whatever_it_does() {
    let tool = Tool::new(
        &std::fs::read(plugin("fibonacci")).unwrap(),
        &["policy", "check", "p.wasm"],
    );
    for kind in ["retry", "breaker", "isolation", "degradation"] {
        // One kind for those that take long.
        let most = if kind == "retry" { POLICIES.len() } else { QUICK };
        for (name, imports, body) in &POLICIES[..most] {
            let what = format!("{kind}: {name}");
            let ended = tool.meets(&what, &importing_policy(kind, imports, body), OF_POLICY);
            assert_eq!(ended.code, Some(1), "{what}: {}{}", ended.stdout, ended.stderr);
            assert!(ended.stdout.contains("FAIL"), "{what}: {}", ended.stdout);
        }
    }
}

/// What a policy says of its decision is escaped in either form.
#[test]
fn the_words_of_a_policy_are_harmless_wherever_they_are_shown() {
    // It gives up, with a reason.
    let data = r#"(data (i32.const 1024) "\01\00\00\00\00\00\00\00\00\08\00\00\0b\00\00\00")
        (data (i32.const 2048) "\1b\c2\9b\e2\80\ae\e2\80\a8xy")"#;
    let bench = Bench::with_config("agents: {}");
    bench.write("p.wasm", policy_component("retry", "", data));
    for command in ["check", "simulate"] {
        for (format, escaped) in [("human", "\\u{202e}"), ("json", "\\u202e")] {
            let ended = bench
                .fusebox(&["policy", command, "p.wasm", "--format", format])
                .expect(0);
            let said = &ended.stdout;
            assert!(
                !said.contains(['\u{1b}', '\u{9b}', '\u{202e}', '\u{2028}']),
                "{said}"
            );
            assert!(said.contains(escaped), "{command} {format}: {said}");
        }
    }
}

#[test]
fn a_policy_is_simulated_in_bounded_time_and_memory_whatever_it_does() {
    let tool = Tool::new(
        &std::fs::read(plugin("fibonacci")).unwrap(),
        &["policy", "simulate", "p.wasm", "--attempts", "100"],
    );
    for kind in ["retry", "degradation"] {
        for (name, imports, body) in &POLICIES {
            let what = format!("{kind}: {name}");
            let ended = tool.meets(&what, &importing_policy(kind, imports, body), OF_POLICY);
            assert_eq!(ended.code, Some(0), "{what}: {}{}", ended.stdout, ended.stderr);
        }
    }
}

/// Ctrl-C while a policy waits out its time, over and over.
#[test]
fn ctrl_c_ends_a_check_and_a_simulation() {
    let bench = Bench::with_config("agents: {}");
    let waits = POLICIES
        .iter()
        .find(|(name, ..)| *name == "a wait before each answer");
    let (_, imports, body) = waits.unwrap();
    bench.write("p.wasm", importing_policy("retry", imports, body));
    for arguments in [
        &["policy", "check", "p.wasm"][..],
        &["policy", "simulate", "p.wasm", "--attempts", "1000"],
    ] {
        let cache = bench.path("cache");
        let _ = std::fs::remove_dir_all(&cache);
        let mut command = bench.command(arguments);
        command.env("XDG_CACHE_HOME", &cache);
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It is asked once it is compiled, which its artefact shows.
        let cached = || std::fs::read_dir(cache.join("fusebox/artefacts")).map_or(0, Iterator::count);
        while cached() < 2 {
            std::thread::yield_now();
        }
        interrupt(child, arguments[1]);
    }
}
