//! What cannot be run is refused before anything runs: its own message, its
//! own exit code, nothing written.

use crate::support::{Bench, plugin};

const TASK: &str = "session: s\ntasks: [{ id: a, agent: a, input: { text: x } }]";

/// A configuration whose agent `a` is this plugin.
fn with_plugin(bytes: &[u8]) -> Bench {
    let bench = Bench::with_config("agents: { a: { plugin: a.wasm } }");
    bench.write("a.wasm", bytes);
    bench.write("s.yaml", TASK);
    bench
}

fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

#[track_caller]
fn refused(bench: &Bench, source: &str, code: i32, words: &[&str]) {
    let ended = bench.fusebox(&["run", source]).expect(code);
    for word in words {
        assert!(ended.stderr.contains(word), "no `{word}` in:\n{}", ended.stderr);
    }
    assert!(ended.stdout.is_empty());
    assert!(!bench.path("fusebox-out").exists(), "something was written");
}

#[test]
fn a_malformed_component_is_refused() {
    let mut torn = std::fs::read(plugin("shout")).unwrap();
    torn.truncate(torn.len() / 2);
    refused(
        &with_plugin(&torn),
        "s.yaml",
        78,
        &["plugin.malformed", "agent `a`"],
    );
    refused(&with_plugin(b""), "s.yaml", 78, &["plugin.malformed"]);
    refused(&with_plugin(b"(component)"), "s.yaml", 78, &["plugin.malformed"]);
    let invalid = wasm("(component (core module (func (export \"f\") (result i32))))");
    refused(&with_plugin(&invalid), "s.yaml", 78, &["plugin.malformed"]);
}

#[test]
fn a_core_module_is_refused() {
    refused(
        &with_plugin(&wasm("(module)")),
        "s.yaml",
        78,
        &["plugin.core-module", "fusebox plugin build"],
    );
}

#[test]
fn a_wrong_world_is_refused_and_what_is_missing_is_named() {
    let words = ["plugin.wrong-world", "fusebox:agent/plugin@0.1.0"];
    refused(&with_plugin(&wasm("(component)")), "s.yaml", 78, &words);
    let mistyped = "(component (instance $i) (export \"fusebox:agent/plugin@0.1.0\" (instance $i)))";
    refused(
        &with_plugin(&wasm(mistyped)),
        "s.yaml",
        78,
        &["plugin.wrong-world", "describe"],
    );
}

#[test]
fn an_import_that_is_not_offered_is_named() {
    let wants = "(component (import \"wasi:nn/graph@0.2.0\" (instance)) (instance $i) (export \"fusebox:agent/plugin@0.1.0\" (instance $i)))";
    refused(
        &with_plugin(&wasm(wants)),
        "s.yaml",
        78,
        &["plugin.missing-import", "wasi:nn/graph@0.2.0"],
    );
}

#[test]
fn an_instantiation_bomb_is_refused() {
    let mut text = String::from("(component $c0 (core module $m) (core instance (instantiate $m)))");
    for level in 1..40 {
        let below = level - 1;
        text.push_str(&format!(
            "(component $c{level} (alias outer 1 {below} (component $in)) (instance (instantiate $in)) (instance (instantiate $in)))"
        ));
    }
    let bomb = wasm(&format!("(component {text} (instance (instantiate $c39)))"));
    refused(
        &with_plugin(&bomb),
        "s.yaml",
        78,
        &["plugin.too-large", "instances"],
    );
}

#[test]
fn a_missing_plugin_board_session_or_configuration_is_named() {
    let bench = Bench::with_config("agents: { a: { plugin: nowhere.wasm } }");
    bench.write("s.yaml", TASK);
    refused(&bench, "s.yaml", 66, &["plugin.missing", "nowhere.wasm"]);
    refused(&bench, "gone.yaml", 66, &["gone.yaml"]);
    refused(&bench, "gone.canvas", 66, &["gone.canvas"]);
    let ended = bench
        .fusebox(&["run", "s.yaml", "--config", "gone.yaml"])
        .expect(66);
    assert!(ended.stderr.contains("gone.yaml"));
}

#[test]
fn an_unknown_agent_is_refused_and_the_known_ones_are_listed() {
    let bench = Bench::with_config("agents: { b: { plugin: b.wasm } }");
    bench.write("s.yaml", TASK);
    refused(
        &bench,
        "s.yaml",
        78,
        &["session.unknown-agent", "`a`", "the configuration has: b"],
    );
}

#[test]
fn a_session_that_is_none_is_refused() {
    let bench = Bench::new("");
    let cases = [
        (
            "session: s\ntasks: [{ id: a, agent: x, after: [a] }]",
            "session.cycle",
        ),
        (
            "session: s\ntasks: [{ id: a, agent: x, after: [b] }, { id: b, agent: x, after: [a] }]",
            "a -> b -> a",
        ),
        (
            "session: s\ntasks: [{ id: a, agent: x }, { id: a, agent: x }]",
            "session.duplicate-id",
        ),
        (
            "session: s\ntasks: [{ id: a, agent: x, after: [zz] }]",
            "session.unknown-task",
        ),
        ("session: [", "session.unreadable"),
        ("session: s\ntasks: [{ id: a, agent: x, retires: 3 }]", "retires"),
    ];
    for (text, word) in cases {
        bench.write("s.yaml", text);
        refused(&bench, "s.yaml", 65, &[word]);
    }
}

#[test]
fn a_board_that_is_none_is_refused() {
    let bench = Bench::with_config(
        "agents: { a: { plugin: a.wasm } }\nboards: { rules: [{ agent: a, when: { color: '4' } }] }",
    );
    let task = |id: &str| {
        format!(r#"{{"id":"{id}","type":"text","text":"x","x":0,"y":0,"width":1,"height":1,"color":"4"}}"#)
    };
    let edge =
        |id: &str, from: &str, to: &str| format!(r#"{{"id":"{id}","fromNode":"{from}","toNode":"{to}"}}"#);
    let cases = [
        (String::new(), 65, "board.unreadable"),
        ("{\"nodes\":[".into(), 65, "line 1, column"),
        ("[]".into(), 65, "board.unreadable"),
        (
            format!(r#"{{"nodes":[{},{}]}}"#, task("a"), task("a")),
            65,
            "board.duplicate-id",
        ),
        (
            format!(
                r#"{{"nodes":[{},{}],"edges":[{},{}]}}"#,
                task("a"),
                task("b"),
                edge("1", "a", "b"),
                edge("2", "b", "a")
            ),
            65,
            "session.cycle",
        ),
        (r#"{"nodes":[]}"#.into(), 78, "board.no-tasks"),
    ];
    for (text, code, word) in cases {
        bench.write("b.canvas", text);
        refused(&bench, "b.canvas", code, &[word]);
    }
}

#[test]
fn a_configuration_that_is_wrong_is_refused_with_its_key() {
    let bench = Bench::with_config("agents: { a: { plugin: x, limits: { memory: 64MB } } }");
    bench.write("s.yaml", TASK);
    refused(
        &bench,
        "s.yaml",
        78,
        &["fusebox.yaml:1:45: `agents.a.limits.memory`", "64MB", "1MiB"],
    );
}

#[test]
fn an_output_folder_with_a_session_is_not_written_over() {
    let bench = Bench::new("");
    bench
        .session("- { id: a, agent: shout, input: { text: x } }\n", "out")
        .expect(0);
    let before = std::fs::read(bench.path("out/report.json")).unwrap();
    let ended = bench.fusebox(&["run", "session.yaml", "--out", "out"]).expect(73);
    assert!(
        ended.stderr.contains("already holds a session"),
        "{}",
        ended.stderr
    );
    assert_eq!(std::fs::read(bench.path("out/report.json")).unwrap(), before);
}

#[test]
fn an_unknown_code_or_option_says_what_there_is() {
    let bench = Bench::with_config("{}");
    assert!(
        bench
            .fusebox(&["explain", "limit.fule"])
            .expect(2)
            .stderr
            .contains("limit.fuel")
    );
    assert!(bench.fusebox(&["run"]).expect(2).stderr.contains("Usage"));
    bench.fusebox(&["explain", "trap.panic"]).expect(0);
}
