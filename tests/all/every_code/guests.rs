//! What a guest fails by its own doing, or by its values.
//!
//! Where it is tried again, it asks for the time first: an attempt that asks for
//! nothing whose answer can differ would end the same way again.

use serde_json::json;

use super::scene::{Again, Scene};
use super::{Driver, Way};
use crate::guest::{Guest, words};

/// A code that is a guest's own.
pub(super) const OWN: &str = "guest.text/plain";

/// The time, and what is said.
const IMPORTS: &str = r#"
    (import "wasi:clocks/monotonic-clock@0.2.12" "now" (func $now (result i64)))
    (import "wasi:clocks/monotonic-clock@0.2.12" "subscribe-duration" (func $sleep (param i64) (result i32)))
    (import "wasi:io/poll@0.2.12" "poll" (func $poll (param i32 i32 i32)))
    (import "wasi:random/random@0.2.12" "get-random-bytes" (func $random (param i64 i32)))
    (import "wasi:cli/exit@0.2.12" "exit" (func $exit (param i32)))
    (import "fusebox:agent/log@0.1.0" "write" (func $log (param i32 i32 i32 i32 i32)))"#;

/// The time is asked for, then this is done.
macro_rules! asks {
    ($run:literal) => {
        concat!("(drop (call $now)) ", $run)
    };
}

fn guest(run: &'static str) -> Guest {
    Guest {
        imports: IMPORTS,
        ..Guest::new(run)
    }
}

/// The time is asked for, and this is the result.
fn answers(result: &[u32]) -> Guest {
    Guest {
        result: result.to_vec(),
        ..guest(asks!(""))
    }
}

fn task(code: &'static str, scene: fn() -> Scene) -> Driver {
    let way = Way::Task(scene);
    Driver { code, way }
}

pub(super) fn traps() -> Vec<Driver> {
    vec![
        task("trap.unreachable", || {
            Scene::guest(&guest(asks!("(unreachable)")))
        }),
        task("trap.panic", || Scene::guest(&panics())),
        task("trap.out-of-bounds", || {
            Scene::guest(&guest(asks!("(drop (i32.load (i32.const -4)))")))
        }),
        task("trap.arithmetic", || {
            Scene::guest(&guest(asks!("(drop (i32.div_u (i32.const 1) (i32.const 0)))")))
        }),
        task("trap.indirect-call", || {
            let calls = guest(asks!("(call_indirect (i32.const 0))"));
            Scene::guest(&calls.with("(table 4 funcref)"))
        }),
        task("trap.stack-overflow", || {
            let deep = guest(asks!("(call $deep)"));
            Scene::guest(&deep.with("(func $deep (call $deep) (call $deep))"))
        }),
        task("trap.contract", || {
            Scene::guest(&answers(&[7, 0, 530, 10, 530, 10]))
        }),
        task("trap.exit", || {
            Scene::guest(&guest(asks!("(call $exit (i32.const 0))")))
        }),
        task("trap.other", || Scene::guest(&calls_while_it_may_not())),
    ]
}

/// The words of a panic, as the SDK leaves them, then the abort.
fn panics() -> Guest {
    let field = words(&[600, 5, 610, 4]);
    let run = asks!(
        "(call $log (i32.const 4) (i32.const 530) (i32.const 10) (i32.const 620) (i32.const 1)) (unreachable)"
    );
    guest(run).with(format!(
        r#"(data (i32.const 600) "panic") (data (i32.const 610) "here") (data (i32.const 620) "{field}")"#
    ))
}

/// It calls the host while the host hands it something over.
fn calls_while_it_may_not() -> Guest {
    Guest {
        realloc: "(if (global.get $armed) (then (drop (call $now))))",
        ..guest(asks!(
            "(global.set $armed (i32.const 1)) (call $random (i64.const 8) (i32.const 4096))"
        ))
    }
    .with("(global $armed (mut i32) (i32.const 0))")
}

pub(super) fn limits() -> Vec<Driver> {
    const ENDLESS: &str = "fuel: 18446744073709551615";
    vec![
        task("limit.fuel", || {
            Scene::guest(&guest("(loop (br 0))")).with_agent("    limits: { fuel: 50000000 }\n")
        }),
        task("limit.cpu", || {
            Scene::guest(&guest("(loop (br 0))"))
                .with_agent(format!("    limits: {{ {ENDLESS}, cpu: 200ms }}\n"))
        }),
        task("limit.deadline", || {
            let waits = guest(
                "(i32.store (i32.const 65536) (call $sleep (i64.const 25000000000)))
                (call $poll (i32.const 65536) (i32.const 1) (i32.const 4096))",
            );
            Scene::guest(&waits).with_agent("    limits: { deadline: 200ms }\n")
        }),
        task("limit.memory", || {
            let takes = guest("(loop (drop (memory.grow (i32.const 1))) (br 0))");
            Scene::guest(&takes).with_agent("    limits: { memory: 16MiB }\n")
        }),
        task("limit.table", || {
            let takes = guest("(loop (drop (table.grow (ref.null func) (i32.const 100))) (br 0))");
            Scene::guest(&takes.with("(table 1 funcref)"))
                .with_agent("    limits: { table_elements: 1000 }\n")
        }),
        task("limit.handles", || {
            Scene::guest(&guest(
                "(loop (drop (call $sleep (i64.const 1000000000000))) (br 0))",
            ))
        }),
        task("limit.host-calls", || {
            Scene::guest(&guest("(loop (drop (call $now)) (br 0))"))
                .with_agent("    limits: { host_calls: 1000 }\n")
        }),
        task("limit.host-bytes", || {
            let says = guest(
                "(drop (memory.grow (i32.const 96)))
                (call $log (i32.const 2) (i32.const 65536) (i32.const 6000000) (i32.const 0) (i32.const 0))",
            );
            Scene::guest(&says)
        }),
        task("limit.output", || {
            Scene::guest(&answers(&[0, 0, 530, 10, 4096, 2000])).with_agent("    limits: { output: 1KiB }\n")
        }),
        task("limit.partial", || Scene {
            input: "x".repeat(2_000),
            task: ", settings: { partial: true }".into(),
            ..Scene::bundled("chaos").with_agent("    limits: { output: 1KiB }\n")
        }),
        task("limit.input", || Scene {
            input: "x".repeat(2_000),
            again: Again::BeforeAnyAttempt,
            ..Scene::guest(&guest("")).with_agent("    limits: { input: 1KiB }\n")
        }),
    ]
}

pub(super) fn values() -> Vec<Driver> {
    vec![
        task("invalid.output", || {
            let declares = Guest::declaring(r#"{"type":"string"}"#);
            Scene::guest(&Guest {
                imports: IMPORTS,
                run: asks!(""),
                ..declares
            })
        }),
        task("invalid.input", || {
            // It takes JSON, and is given text.
            let mut takes = guest("").with(format!(r#"(data (i32.const 700) "{}")"#, words(&[570, 16])));
            takes.says = vec![(6, 700), (7, 1)];
            Scene {
                again: Again::BeforeAnyAttempt,
                ..Scene::guest(&takes)
            }
        }),
        task("plugin.descriptor", || Scene {
            again: Again::BeforeAnyAttempt,
            ..Scene::guest(&Guest {
                describe: "(unreachable)",
                ..guest("")
            })
        }),
        task("denied.secret", || {
            let shows = guest(
                "(i32.store (i32.const 2064) (local.get 12)) (i32.store (i32.const 2068) (local.get 13))",
            );
            Scene {
                files: vec![("key.txt", b"hunter2-hunter2".to_vec())],
                ..Scene::guest(&shows).with_agent("    secrets: { key: { file: key.txt } }\n")
            }
        }),
        task(OWN, || Scene::guest(&answers(&[1, 0, 2, 530, 10, 530, 10]))),
    ]
}

/// Steps of files of which the last has to be done.
fn steps(step: &serde_json::Value) -> Scene {
    let settings = json!({"mode": "files", "steps": [step]});
    let grants = "    grants: { files: [{ path: data, mount: /data }, { path: out, mount: /out, write: true, quota: 10KiB, max_files: 5 }] }\n";
    Scene {
        task: format!(", settings: {settings}"),
        folders: &["data", "out"],
        files: vec![("data/a.txt", b"granted".to_vec())],
        ..Scene::bundled("chaos").with_agent(grants)
    }
}

pub(super) fn files() -> Vec<Driver> {
    vec![
        task("denied.file", || {
            steps(&json!({"path": "../fusebox.yaml", "must": true}))
        }),
        task("limit.file-bytes", || {
            steps(
                &json!({"does": "set-size", "at": "/out", "path": "sparse", "bytes": 1_u64 << 40, "must": true}),
            )
        }),
        task("limit.file-count", || {
            steps(&json!({"does": "make-folder", "at": "/out", "path": "f%", "times": 10, "must": true}))
        }),
        task("limit.open-files", || {
            steps(&json!({"does": "hold", "path": "a.txt", "times": 100_000, "must": true}))
        }),
    ]
}
