//! Plugins that are hostile before they run: in a session that begins with them,
//! and in one of twenty neighbours that meets them when the configuration changes.

use std::fmt::Write;
use std::fs::File;
use std::process::{Child, Stdio};

use crate::beside::{self, NEIGHBOURS, Scene, await_tasks, interrupt, unchanged};
use crate::guest::Guest;
use crate::hostile_account::{CLOCK, WAITS};
use crate::loading::{child_of, is_gone_soon, slow};
use crate::resident::most_resident;
use crate::support::{Bench, Ended};

/// Sixty levels, each of which makes the one before it twice.
fn expanding() -> Vec<u8> {
    let mut wat = String::from("(component $c0 (core module $m) (core instance (instantiate $m)))");
    for level in 1..60 {
        let below = level - 1;
        let _ = write!(
            wat,
            "(component $c{level} (alias outer $root $c{below} (component $in)) \
             (instance (instantiate $in)) (instance (instantiate $in)))"
        );
    }
    let text = format!("(component $root {wat} (instance (instantiate $c59)))");
    wat::parse_str(text).unwrap()
}

/// A byte at either end of fifty memories.
fn sparse_memories() -> Vec<u8> {
    let module = "(core module (memory 257) (data (i32.const 0) \"x\") (data (i32.const 16777000) \"x\"))";
    wat::parse_str(format!("(component {})", module.repeat(50))).unwrap()
}

fn many_functions() -> Vec<u8> {
    let functions = "(func)".repeat(210_000);
    wat::parse_str(format!("(component (core module {functions}))")).unwrap()
}

/// A plugin, the code that it is refused with, and what is said to do.
type Row = (&'static str, fn() -> Vec<u8>, &'static str, &'static str);

const ROWS: [Row; 5] = [
    (
        "one that expands",
        expanding,
        "plugin.too-large",
        "which no setting raises",
    ),
    (
        "one with far data",
        sparse_memories,
        "plugin.wrong-world",
        "export_agent!",
    ),
    (
        "one of many functions",
        many_functions,
        "plugin.too-large",
        "`loading.functions`",
    ),
    (
        "one that compiles slowly",
        slow,
        "plugin.compile",
        "`loading.compile_cpu`",
    ),
    (
        "no plugin",
        || b"\0asm but none".to_vec(),
        "plugin.malformed",
        "plugin inspect",
    ),
];

const BOUNDS: &str = "loading: { compile_cpu: 1s }\n";

#[test]
fn a_session_does_not_begin_with_a_plugin_that_is_hostile_in_its_file() {
    for (what, component, code, next) in ROWS {
        let mut scene = Scene::new(component());
        scene.sections = BOUNDS.into();
        let seen = scene.run();
        assert_eq!(seen.ended.code, Some(78), "{what}: {}", seen.ended.stderr);
        for word in [code, next] {
            assert!(
                seen.ended.stderr.contains(word),
                "{what}: no {word} in {}",
                seen.ended.stderr
            );
        }
        seen.within(0, what);
        assert!(!seen.bench.path("out").exists(), "{what}");
    }
}

/// A file of ten gigabytes of nothing.
#[test]
fn a_sparse_file_is_no_plugin() {
    let scene = Scene::new(Vec::new());
    let bench = scene.bench(1);
    let file = File::create(bench.path("hostile.wasm")).unwrap();
    file.set_len(10 << 30).unwrap();
    let (ended, most) = beside::run(&bench);
    let seen = beside::Seen {
        bench,
        ended: ended.expect(78),
        most,
    };
    assert!(
        seen.ended.stderr.contains("`loading.file`"),
        "{}",
        seen.ended.stderr
    );
    seen.within(0, "a sparse file");
}

/// A session of twenty neighbours, and one task that sleeps while they and the
/// change of the configuration pass.
fn sleeping(scene: &Scene, ms: u32) -> (Bench, Child) {
    let bench = scene.lasting(1, ms);
    let child = beside::start(&bench);
    (bench, child)
}

fn change(bench: &Bench, config: &str) {
    bench.write("fusebox.yaml.new", config);
    std::fs::rename(bench.path("fusebox.yaml.new"), bench.path("fusebox.yaml")).unwrap();
}

#[test]
fn a_session_goes_on_as_it_was_when_a_plugin_that_is_hostile_in_its_file_comes() {
    for (what, component, _, _) in ROWS {
        let mut scene = Scene::new(Guest::new("").component());
        scene.sections = BOUNDS.into();
        let (bench, mut child) = sleeping(&scene, 8000);
        bench.write("bomb.wasm", component());
        await_tasks(&bench, &mut child, NEIGHBOURS + 1, what);
        change(&bench, &scene.config("bomb.wasm"));
        let (output, most) = most_resident(child);
        let seen = beside::Seen {
            ended: Ended::of(output),
            bench,
            most,
        };
        assert_eq!(seen.ended.code, Some(0), "{what}: {}", seen.ended.stderr);
        let report = seen.report();
        unchanged(&report, what);
        let reloads = report.0["reloads"].as_array().unwrap();
        assert_eq!(reloads.len(), 1, "{what}: {}", seen.ended.stderr);
        assert_eq!(reloads[0]["applied"], false, "{what}");
        let why = reloads[0]["message"].as_str().unwrap();
        assert!(why.contains("bomb.wasm"), "{what}: {why}");
        let file = std::fs::metadata(seen.bench.path("bomb.wasm")).unwrap().len();
        seen.within(2 * file, what);
    }
}

#[test]
fn ctrl_c_ends_a_session_that_compiles_what_has_come_and_no_process_is_left() {
    let scene = Scene::new(Guest::new("").component());
    let (bench, mut child) = sleeping(&scene, 60_000);
    bench.write("bomb.wasm", slow());
    await_tasks(&bench, &mut child, NEIGHBOURS + 1, "slow");
    change(&bench, &scene.config("bomb.wasm"));
    let compiler = loop {
        if let Some(compiler) = child_of(child.id()) {
            break compiler;
        }
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
    };
    interrupt(child, "slow");
    is_gone_soon(compiler);
    unchanged(&bench.report("out"), "slow");
}

/// What a plugin does when it is asked what it is, and with which limit it ends.
/// Its agent's tasks fail, and nothing else.
#[test]
fn a_describe_that_is_hostile_is_its_agents_alone() {
    for case in crate::hostile_account::CASES {
        let guest = Guest {
            imports: case.imports,
            describe: case.run,
            ..Guest::new("")
        };
        let seen = Scene::new(guest.component()).run();
        // Asked under the limits of everybody, and not under the agent's own.
        describe_failed(&seen, case.name);
    }
    for (what, start) in [
        ("a loop", "(func $start (loop (br 0))) (start $start)"),
        ("a trap", "(func $start (unreachable)) (start $start)"),
    ] {
        describe_failed(&Scene::new(Guest::new("").with(start).component()).run(), what);
    }
}

/// Memory and host bytes of everybody.
const OF_EVERYBODY: u64 = 2 * (64 << 20);

#[track_caller]
fn describe_failed(seen: &beside::Seen, what: &str) {
    assert!(seen.ended.stderr.is_empty() || seen.ended.stderr.contains("plugin.descriptor"));
    let report = seen.report();
    unchanged(&report, what);
    for n in 0..beside::HOSTILE {
        let id = format!("hostile-{n}");
        assert_eq!(
            report.code(&id),
            "plugin.descriptor",
            "{what}: {}",
            report.task(&id)
        );
        assert!(
            report.task(&id)["attempts"].as_array().unwrap().is_empty(),
            "{what}"
        );
    }
    seen.within(OF_EVERYBODY, what);
}

/// One that fails as chance has it: its tasks may succeed, and nobody else's suffer.
#[test]
fn a_describe_that_fails_at_random_refuses_nobody() {
    let guest = Guest {
        imports: "(import \"wasi:random/random@0.2.12\" \"get-random-u64\" (func $random (result i64)))",
        describe: "(if (i64.eqz (i64.and (call $random) (i64.const 1))) (then (unreachable)))",
        ..Guest::new("")
    };
    let scene = Scene::new(guest.component());
    let mut found = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let seen = scene.run();
        let report = seen.report();
        unchanged(&report, "at random");
        let codes: std::collections::BTreeSet<_> = (0..beside::HOSTILE)
            .map(|n| report.code(&format!("hostile-{n}")).to_owned())
            .collect();
        assert_eq!(codes.len(), 1, "{codes:?}");
        assert_eq!(seen.ended.code, Some(if codes.contains("none") { 0 } else { 3 }));
        seen.within(OF_EVERYBODY, "at random");
        found.extend(codes);
    }
    let both = ["none", "plugin.descriptor"].map(String::from);
    assert_eq!(found, both.into());
}

/// Ctrl-C while a plugin is asked what it is, which takes it long.
#[test]
fn ctrl_c_ends_a_start_that_waits_for_a_describe() {
    let guest = Guest {
        imports: CLOCK,
        describe: WAITS,
        ..Guest::new("")
    };
    let bench = Scene::new(guest.component()).bench(beside::HOSTILE);
    for arguments in [
        &["run", "session.yaml", "--out", "out"][..],
        &["plugin", "inspect", "hostile.wasm"],
        &["plugin", "list"],
    ] {
        let _ = std::fs::remove_dir_all(bench.path("cache"));
        let child = bench
            .command(arguments)
            .env("XDG_CACHE_HOME", bench.path("cache"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It is asked once it is compiled, which its artefact shows.
        let compiled = |name: &str| std::fs::read_dir(bench.path(name)).map_or(0, Iterator::count) >= 2;
        while !compiled("cache/fusebox/artefacts") {
            std::thread::yield_now();
        }
        interrupt(child, "a describe that waits");
    }
    assert!(!bench.path("out").exists());
}

/// A health check asks a plugin what it is, under its instance's limits and in a
/// time of its own: whoever hangs then is taken out, and nothing else suffers.
#[test]
fn a_health_check_that_hangs_is_stopped_at_its_time() {
    let guest = Guest {
        imports: CLOCK,
        describe: "(i32.store (i32.const 65536) (call $sleep (i64.const 1000000000)))
            (call $poll (i32.const 65536) (i32.const 1) (i32.const 4096))",
        ..Guest::new("")
    };
    let mut scene = Scene::new(guest.component());
    scene.agent = "    instances: { a: {}, b: {}, c: {} }\n    isolation: { health_interval: 200ms, health_timeout: 150ms }\n".into();
    let (bench, child) = sleeping(&scene, 3000);
    let (output, most) = most_resident(child);
    let seen = beside::Seen {
        ended: Ended::of(output),
        bench,
        most,
    };
    assert_eq!(seen.ended.code, Some(0), "{}", seen.ended.stderr);
    let report = seen.report();
    unchanged(&report, "health");
    let quarantined = report.0["quarantined"].to_string();
    assert!(quarantined.contains("limit.deadline"), "{quarantined}");
    seen.within(OF_EVERYBODY, "health");
    let (bench, mut child) = sleeping(&scene, 60_000);
    await_tasks(&bench, &mut child, NEIGHBOURS + 1, "health");
    interrupt(child, "health");
}
