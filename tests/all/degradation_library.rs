//! What is left of a session in which something failed, from Rust: live, over,
//! and after its host was killed.

use std::fs;

use fusebox::degradation::{Completeness, Degradation, KeptResult, OpenError};
use fusebox::engine::{Compiler, EngineOptions};
use fusebox::{Host, SessionStatus, session};
use fusebox_config::open_degradation;
use serde_json::{Value, json};

use crate::resume::{kill_after, start_session};
use crate::support::{Bench, plugin};

/// A task for each thing that can become of one.
const TASKS: &str = "- { id: whole, agent: shout, input: { text: whole } }\n\
    - { id: part, agent: chaos, settings: { mode: error, partial: true }, input: { text: x } }\n\
    - { id: other, agent: helped, input: { text: other } }\n\
    - { id: fixed, agent: fixed, input: { text: x }, fallback: { text: mine } }\n\
    - { id: lost, agent: chaos, required: true, settings: { mode: memory }, input: { text: x } }\n\
    - { id: after, agent: shout, after: [lost], input: { text: x } }\n";

fn bench() -> Bench {
    let (chaos, shout) = (plugin("chaos"), plugin("shout"));
    Bench::with_config(&format!(
        "defaults: {{ retry: {{ max_attempts: 1 }}, breaker: {{ mode: \"off\" }} }}\nagents:\n  \
         shout: {{ plugin: {shout:?} }}\n  \
         chaos: {{ plugin: {chaos:?}, limits: {{ memory: 16MiB }} }}\n  \
         helped: {{ plugin: {chaos:?}, settings: {{ mode: panic }}, degradation: {{ fallback: [{{ agent: shout }}] }} }}\n  \
         fixed: {{ plugin: {chaos:?}, settings: {{ mode: error }}, degradation: {{ fallback: [cached, value] }} }}\n"
    ))
}

/// What `TASKS` leave: the task, what its result is worth, who gave it, and it.
fn expected() -> Vec<(&'static str, Completeness, Option<&'static str>, &'static str)> {
    vec![
        ("fixed", Completeness::Fallback, Some("value"), "mine"),
        ("other", Completeness::Fallback, Some("agent:shout"), "OTHER"),
        ("part", Completeness::Partial, None, r#"{"echo":"x"}"#),
        ("whole", Completeness::Whole, None, "WHOLE"),
    ]
}

#[track_caller]
fn are_kept(degradation: &Degradation, expected: &[(&str, Completeness, Option<&str>, &str)]) {
    let mut results: Vec<KeptResult> = degradation.partial_results().map(Result::unwrap).collect();
    results.sort_by(|one, other| one.task.cmp(&other.task));
    let told = |result: &KeptResult| {
        let text = String::from_utf8(result.output.bytes.clone()).unwrap();
        (
            result.task.clone(),
            result.completeness,
            result.fallback.clone(),
            text,
        )
    };
    let owned = |(task, completeness, by, text): &(&str, _, Option<&str>, &str)| {
        (
            (*task).to_owned(),
            *completeness,
            by.map(str::to_owned),
            (*text).to_owned(),
        )
    };
    let found: Vec<_> = results.iter().map(told).collect();
    assert_eq!(found, expected.iter().map(owned).collect::<Vec<_>>());
}

#[test]
fn the_library_tells_a_partial_failure_of_a_session_while_it_runs_and_after_it() {
    let bench = bench();
    bench.write("session.yaml", format!("session: test\ntasks:\n{TASKS}"));
    let config = fusebox_config::load(&bench.path("fusebox.yaml")).unwrap();
    let (name, graph) = session::load(&bench.path("session.yaml")).unwrap();
    let options = EngineOptions {
        compiler: Compiler::Program(env!("CARGO_BIN_EXE_fusebox").into()),
        ..EngineOptions::default()
    };
    let host = Host::new(&options).unwrap();
    let mut running = host.start(&name, graph, &config).unwrap();
    let mut degradation = running.degradation("session.yaml");
    are_kept(&degradation, &[]);
    let mut usable = Vec::new();
    while let Some(event) = running.next_event() {
        degradation.read(&event);
        let failure = degradation.partial_failure();
        let kept = degradation.partial_results().count() as u64;
        assert_eq!(failure.usable, kept, "at every moment what is usable is there");
        usable.push((failure.usable, failure.outcome));
    }
    assert!(usable.contains(&(4, None)) && usable.is_sorted_by_key(|(usable, _)| *usable));
    let failure = degradation.partial_failure();
    assert_eq!(
        (failure.outcome, failure.usable),
        (Some(SessionStatus::Failed), 4)
    );
    assert_eq!(
        (failure.required_missing, failure.not_run),
        (vec!["lost".to_owned()], vec!["after".to_owned()])
    );
    let codes: Vec<_> = failure
        .failures
        .iter()
        .map(|of| (of.code.as_str(), of.agent.as_str()))
        .collect();
    assert_eq!(
        codes,
        [
            ("guest.chaos.error", "chaos"),
            ("guest.chaos.error", "fixed"),
            ("limit.memory", "chaos"),
            ("trap.panic", "helped"),
        ]
    );
    are_kept(&degradation, &expected());
    // Nothing is kept that could be resumed.
    let options = degradation.recovery_options();
    let again = options.iter().find(|option| option.tasks == ["after"]).unwrap();
    assert_eq!(again.command, "fusebox run session.yaml --only=after");
}

#[test]
fn the_library_tells_of_a_session_that_is_over_what_its_report_does() {
    let bench = bench();
    let long = "long ".repeat(2000);
    let tasks = format!("{TASKS}- {{ id: zlong, agent: shout, input: {{ text: \"{long}\" }} }}\n");
    // The commands name the folder as it was named.
    let folder = bench.path("out");
    bench.session(&tasks, folder.to_str().unwrap()).expect(1);
    let degradation = open_degradation(&folder).unwrap();
    let mut expected = expected();
    let long = long.to_uppercase();
    expected.push(("zlong", Completeness::Whole, None, &long));
    are_kept(&degradation, &expected);
    let (report, written) = (
        serde_json::to_value(degradation.failure_report()).unwrap(),
        bench.report("out").0,
    );
    for field in ["patterns", "breakers", "quarantined", "recovery"] {
        assert_eq!(report[field], written[field], "{field}");
    }
    let failure = &report["failure"];
    assert_eq!(
        (&failure["session"], &failure["outcome"], &failure["counts"]),
        (
            &written["session"]["id"],
            &written["session"]["status"],
            &written["counts"]
        )
    );
    let schema = schemars::schema_for!(fusebox::degradation::FailureReport);
    assert!(jsonschema::is_valid(schema.as_value(), &report));
}

#[test]
fn each_recovery_option_says_its_command_why_and_what_it_does() {
    let bench = bench();
    bench.session(TASKS, "out").expect(1);
    let options = open_degradation(&bench.path("out")).unwrap().recovery_options();
    let raise = options
        .iter()
        .find(|option| option.action == "raise-limit")
        .unwrap();
    assert!(
        raise.command.ends_with("--set agents.chaos.limits.memory=32MiB"),
        "{}",
        raise.command
    );
    assert!(raise.effect.contains("All other results stay") && raise.effect.contains("this run alone"));
    for option in &options {
        assert!(!option.why.is_empty() && !option.effect.is_empty(), "{option:?}");
        let shell = std::process::Command::new("bash")
            .args([
                "-c",
                &format!("fusebox() {{ \"$FUSEBOX\" \"$@\"; }}; {}", option.command),
            ])
            .env("FUSEBOX", env!("CARGO_BIN_EXE_fusebox"))
            .env("XDG_STATE_HOME", bench.path("state"))
            .env("XDG_RUNTIME_DIR", bench.path(""))
            .current_dir(bench.path(""))
            .output()
            .unwrap();
        assert!(
            matches!(shell.status.code(), Some(0 | 1 | 3)),
            "{option:?}: {shell:?}"
        );
    }
}

#[test]
fn the_library_tells_what_a_killed_session_left_and_changes_nothing() {
    let bench = bench();
    let sleeps = format!(
        "  sleeps: {{ plugin: {:?}, settings: {{ mode: sleep, ms: 3600000 }}, limits: {{ deadline: 2h }} }}\n",
        plugin("chaos")
    );
    let config = fs::read_to_string(bench.path("fusebox.yaml")).unwrap();
    bench.write("fusebox.yaml", config + &sleeps);
    let tasks = format!("{TASKS}- {{ id: zlong, agent: sleeps, input: {{ text: x }} }}\n");
    let mut child = start_session(&bench, &tasks);
    let out = bench.path("out");
    let usable = || open_degradation(&out).map_or(0, |live| live.partial_failure().usable);
    while usable() < 4 {
        assert!(child.try_wait().unwrap().is_none(), "it is told while it runs");
    }
    kill_after(&bench, &mut child, 6);
    let before = fs::read(bench.path("out/journal")).unwrap();
    let degradation = open_degradation(&bench.path("out")).unwrap();
    let failure = degradation.partial_failure();
    assert_eq!(
        (failure.outcome, failure.usable, failure.counts.total),
        (None, 4, 7)
    );
    are_kept(&degradation, &expected());
    let report = serde_json::to_value(degradation.failure_report()).unwrap();
    assert_eq!(report["failure"]["outcome"], Value::Null);
    assert_eq!(fs::read(bench.path("out/journal")).unwrap(), before);
    bench
        .fusebox(&["resume", "out", "--set=agents.sleeps.settings.ms=0"])
        .expect(1);
    let after = open_degradation(&bench.path("out")).unwrap().partial_failure();
    assert_eq!((after.outcome, after.usable), (Some(SessionStatus::Failed), 5));
}

#[test]
fn a_cached_output_is_marked_with_its_age() {
    let bench = bench();
    let task = "- { id: a, agent: fixed, settings: { mode: flaky, failures: 1 }, input: { text: x } }\n";
    bench.write("session.yaml", format!("session: test\ntasks:\n{task}"));
    let run = |out: &str, attempts: &str| {
        let set = format!("--set=agents.fixed.retry={{ max_attempts: {attempts}, base: 1ms }}");
        bench.fusebox(&["run", "session.yaml", "--out", out, &set])
    };
    run("one", "2").expect(0);
    run("two", "1").expect(3);
    let degradation = open_degradation(&bench.path("two")).unwrap();
    let results: Vec<_> = degradation.partial_results().map(Result::unwrap).collect();
    let fallback = results[0].fallback.as_deref().unwrap();
    assert_eq!(results[0].completeness, Completeness::Fallback);
    assert!(fallback.starts_with("cached:"), "{fallback}");
}

#[test]
fn a_result_that_is_gone_is_told_and_the_others_are_there() {
    let bench = bench();
    let long = "long ".repeat(2000);
    let tasks = format!(
        "- {{ id: gone, agent: shout, input: {{ text: \"{long}\" }} }}\n\
         - {{ id: there, agent: shout, input: {{ text: x }} }}\n"
    );
    bench.session(&tasks, "out").expect(0);
    let output = bench.report("out").task("gone")["output"]["path"]
        .as_str()
        .unwrap()
        .to_owned();
    fs::write(bench.path("out").join(output), "something else").unwrap();
    let degradation = open_degradation(&bench.path("out")).unwrap();
    let results: Vec<_> = degradation.partial_results().collect();
    assert!(
        results[0]
            .as_ref()
            .unwrap_err()
            .to_string()
            .contains("is not what was kept")
    );
    assert_eq!(results[1].as_ref().unwrap().task, "there");
}

#[test]
fn a_folder_without_a_session_and_a_report_that_is_none_are_refused_by_name() {
    let bench = bench();
    assert!(matches!(
        open_degradation(&bench.path("")),
        Err(OpenError::Kept(_))
    ));
    bench
        .session("- { id: a, agent: shout, input: { text: x } }\n", "out")
        .expect(0);
    fs::write(bench.path("out/report.json"), json!([]).to_string()).unwrap();
    let error = open_degradation(&bench.path("out")).unwrap_err();
    assert!(error.to_string().contains("report.json"), "{error}");
}
