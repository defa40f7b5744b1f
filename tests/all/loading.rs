//! Loading: what a plugin costs before its first task, what a bound stops, and
//! that no process is left behind.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::guest::Guest;
use crate::support::{Bench, Ended, plugin};

const TASK: &str = "session: s\ntasks: [{ id: a, agent: a, input: { text: x } }]";

/// A bench whose agent `a` is this plugin, with a cache of its own.
fn with_plugin(bytes: &[u8]) -> Bench {
    let bench = Bench::with_config("agents: { a: { plugin: a.wasm } }");
    bench.write("a.wasm", bytes);
    bench.write("s.yaml", TASK);
    bench
}

fn command(bench: &Bench, arguments: &[&str]) -> Command {
    let mut command = bench.command(arguments);
    command.env("XDG_CACHE_HOME", bench.path("cache"));
    command
}

fn run(bench: &Bench, arguments: &[&str]) -> Ended {
    Ended::of(command(bench, arguments).output().unwrap())
}

/// One function that takes the compiler minutes, though it is within its bound.
pub(crate) fn slow() -> Vec<u8> {
    let step = "(br_if 0 (i32.load (i32.const 0))) (i32.store (i32.const 4) (i32.load (i32.const 8)))";
    let text = format!(
        "(component (core module (memory 1) (func {})))",
        step.repeat(40_000)
    );
    wat::parse_str(text).unwrap()
}

fn cached_bytes(bench: &Bench) -> u64 {
    let Ok(found) = fs::read_dir(bench.path("cache/fusebox/artefacts")) else {
        return 0;
    };
    found.map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
}

/// A session that compiles something slow, and the process that compiles.
// Whoever asked for it waits for it.
#[allow(clippy::zombie_processes)]
fn compiling(bench: &Bench, arguments: &[&str]) -> (Child, u32) {
    let mut command = command(bench, arguments);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let begun = Instant::now();
    loop {
        if let Some(compiler) = child_of(child.id()) {
            return (child, compiler);
        }
        if begun.elapsed() > Duration::from_secs(20) {
            let _ = child.kill().and_then(|()| child.wait());
            panic!("nothing compiles");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub(crate) fn child_of(parent: u32) -> Option<u32> {
    let text = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).ok();
    let from_any = || {
        let processes = fs::read_dir("/proc").ok()?;
        let ids = processes
            .flatten()
            .filter_map(|p| p.file_name().to_str()?.parse::<u32>().ok());
        ids.into_iter().find(|id| {
            let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
            status.lines().any(|line| line == format!("PPid:\t{parent}"))
        })
    };
    let listed = text.and_then(|text| text.split_whitespace().next()?.parse().ok());
    listed.or_else(from_any)
}

fn is_running(id: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

#[track_caller]
pub(crate) fn is_gone_soon(id: u32) {
    let begun = Instant::now();
    while is_running(id) {
        assert!(
            begun.elapsed() < Duration::from_secs(2),
            "the compile child is left"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn signal(name: &str, id: u32) {
    let status = Command::new("kill").args([name, &id.to_string()]).status();
    assert!(status.unwrap().success());
}

#[test]
fn an_interrupt_while_a_plugin_compiles_ends_with_130_and_leaves_no_process() {
    let bench = with_plugin(&slow());
    for arguments in [
        &["run", "s.yaml"][..],
        &["plugin", "inspect", "a.wasm"],
        &["plugin", "list"],
        &["policy", "check", "a.wasm"],
    ] {
        let (child, compiler) = compiling(&bench, arguments);
        let begun = Instant::now();
        signal("-INT", child.id());
        let ended = Ended::of(child.wait_with_output().unwrap()).expect(130);
        assert!(begun.elapsed() < Duration::from_secs(2), "{}", ended.stderr);
        is_gone_soon(compiler);
    }
    assert!(!bench.path("fusebox-out").exists());
}

#[test]
fn a_host_that_is_killed_leaves_no_process_that_compiles() {
    let bench = with_plugin(&slow());
    let (mut child, compiler) = compiling(&bench, &["run", "s.yaml"]);
    child.kill().unwrap();
    child.wait().unwrap();
    is_gone_soon(compiler);
}

#[test]
fn a_compile_that_takes_too_long_is_stopped_by_the_bound_that_is_named() {
    let bench = with_plugin(&slow());
    for (bound, words) in [
        ("loading.compile_cpu=1s", "`loading.compile_cpu`"),
        ("loading.compile_time=1s", "`loading.compile_time`"),
    ] {
        let begun = Instant::now();
        let ended = run(&bench, &["run", "s.yaml", "--set", bound]).expect(78);
        assert!(
            ended.stderr.contains(words) && ended.stderr.contains("plugin.compile"),
            "{}",
            ended.stderr
        );
        assert!(begun.elapsed() < Duration::from_secs(20));
    }
}

#[test]
fn a_long_compile_is_told_of() {
    let bench = with_plugin(&slow());
    let arguments = ["run", "s.yaml", "--set", "loading.compile_time=4s"];
    let ended = run(&bench, &arguments).expect(78);
    assert!(
        ended.stderr.contains("compiling") && ended.stderr.contains("a.wasm (1 MB), 2 s"),
        "{}",
        ended.stderr
    );
    let quiet = run(&bench, &[&arguments[..], &["--quiet"]].concat()).expect(78);
    assert!(!quiet.stderr.contains("compiling it failed: 2 s") && !quiet.stderr.contains("(1 MB)"));
}

#[test]
fn an_artefact_over_its_bound_is_refused_and_not_kept() {
    let bench = with_plugin(&fs::read(plugin("shout")).unwrap());
    let ended = run(&bench, &["run", "s.yaml", "--set", "loading.artefact=64KiB"]).expect(78);
    assert!(
        ended.stderr.contains("`loading.artefact`") && ended.stderr.contains("plugin.too-large"),
        "{}",
        ended.stderr
    );
    assert!(cached_bytes(&bench) < 1000, "{}", cached_bytes(&bench));
    run(&bench, &["run", "s.yaml"]).expect(0);
    assert!(cached_bytes(&bench) > 64 << 10);
}

/// A byte at either end of fifty memories: no image of the memories is made.
#[test]
fn data_at_both_ends_of_many_memories_costs_what_it_is() {
    let module = "(core module (memory 257) (data (i32.const 0) \"x\") (data (i32.const 16777000) \"x\"))";
    let bench = with_plugin(&wat::parse_str(format!("(component {})", module.repeat(50))).unwrap());
    let ended = run(&bench, &["run", "s.yaml"]).expect(78);
    // It is no agent; it is loaded before that is seen.
    assert!(ended.stderr.contains("plugin.wrong-world"), "{}", ended.stderr);
    let bytes = cached_bytes(&bench);
    assert!(bytes > 0 && bytes < 4 << 20, "{bytes} bytes are cached");
}

#[test]
fn the_cache_is_kept_within_its_bound() {
    let bench = with_plugin(&fs::read(plugin("shout")).unwrap());
    run(&bench, &["run", "s.yaml"]).expect(0);
    bench.write("a.wasm", fs::read(plugin("outline")).unwrap());
    run(&bench, &["run", "s.yaml", "--set", "loading.cache=1KiB"]).expect(0);
    let left = fs::read_dir(bench.path("cache/fusebox/artefacts")).unwrap();
    let artefacts = left.filter(|entry| entry.as_ref().unwrap().file_name() != "key");
    assert_eq!(artefacts.count(), 1);
}

#[test]
fn a_component_of_wasi_0_3_is_told_what_to_build() {
    let wat = "(component (import \"wasi:cli/stdout@0.3.0\" (instance)))";
    let bench = with_plugin(&wat::parse_str(wat).unwrap());
    let ended = run(&bench, &["run", "s.yaml"]).expect(78);
    for word in ["wasi:cli/stdout@0.3.0", "plugin.later-wasi", "wasm32-wasip2"] {
        assert!(ended.stderr.contains(word), "no `{word}` in {}", ended.stderr);
    }
}

/// A bench with an agent whose `describe` does this, and an honest one.
fn with_describe(extra: &'static str) -> Bench {
    let bench = Bench::with_config(&format!(
        "agents:\n  shout: {{ plugin: {:?} }}\n  guest:\n    plugin: guest.wasm\n    \
         degradation: {{ fallback: [{{ agent: shout }}] }}\n  bare: {{ plugin: guest.wasm }}\n",
        plugin("shout")
    ));
    bench.write("guest.wasm", Guest::new("").with(extra).component());
    bench
}

const TASKS: &str = "- { id: guest, agent: guest, input: { text: x } }\n- { id: bare, agent: bare, input: { text: x } }\n\
     - { id: honest, agent: shout, input: { text: hi } }\n";

#[test]
fn a_describe_that_fails_fails_the_tasks_of_its_agent_and_no_others() {
    for extra in [
        "(func $start (loop (br 0))) (start $start)",
        "(func $start (unreachable)) (start $start)",
    ] {
        let bench = with_describe(extra);
        let ended = bench.session(TASKS, "out").expect(3);
        assert!(
            ended.stderr.contains("warning: agent bare: plugin.descriptor"),
            "{}",
            ended.stderr
        );
        let report = bench.report("out");
        assert_eq!(report.task("honest")["output"]["inline"], "HI");
        assert_eq!(report.code("bare"), "plugin.descriptor");
        assert_eq!(report.task("bare")["attempts"].as_array().map_or(0, Vec::len), 0);
        // Whoever is to stand in does.
        assert_eq!(report.task("guest")["output"]["inline"], "X");
        // Going on runs nothing that did not fail, and does not refuse.
        let ended = bench.fusebox(&["resume", "out", "--retry-failed"]);
        assert!(
            matches!(ended.code, Some(1 | 3)),
            "{:?} {}",
            ended.code,
            ended.stderr
        );
        assert_eq!(bench.report("out").code("bare"), "plugin.descriptor");
    }
}

#[test]
fn a_plugin_that_is_mended_is_asked_again_when_the_session_goes_on() {
    let bench = with_describe("(func $start (unreachable)) (start $start)");
    bench.session(TASKS, "out").expect(3);
    bench.write("guest.wasm", Guest::new("").component());
    bench.fusebox(&["resume", "out", "--retry-failed"]);
    assert_eq!(bench.report("out").code("bare"), "none");
}

/// One whose fault is in the file still refuses the session before anything runs.
#[test]
fn a_plugin_that_is_none_refuses_the_session() {
    let bench = with_describe("");
    bench.write("guest.wasm", b"\0asm but no component");
    bench.session(TASKS, "out").expect(78);
    assert!(!Path::new(&bench.path("out")).exists());
}
