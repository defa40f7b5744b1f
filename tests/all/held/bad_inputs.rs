//! One failure does not touch the others: whatever becomes of some tasks of an agent,
//! the rest has its results.

use std::collections::BTreeMap;

use fusebox::config::Config;
use fusebox::engine::{Compiler, EngineOptions};
use fusebox::state::StateStore;
use fusebox::{Host, Launch, session};
use fusebox_types::TaskStatus;
use proptest::prelude::*;
use proptest::test_runner::{Config as Cases, TestRunner};
use tokio_util::sync::CancellationToken;

use crate::support::{Bench, plugin};

/// What a task of the agent `script` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Fine,
    /// Its input is bad, as the guest says.
    Neutral,
    /// The host sees the guest fail.
    Counted(&'static str),
}

impl Kind {
    fn steps(self) -> String {
        match self {
            Self::Fine => r#"["attempt"]"#.into(),
            Self::Neutral => {
                r#"[{ "fail": { "category": "validation", "code": "input", "retryable": false } }]"#.into()
            }
            Self::Counted(end) => format!(r#"[{{ "end": "{end}" }}]"#),
        }
    }
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        3 => Just(Kind::Fine),
        2 => Just(Kind::Neutral),
        3 => prop::sample::select(vec!["panic", "abort", "recurse"]).prop_map(Kind::Counted),
    ]
}

fn tasks(kinds: &[Kind]) -> String {
    let task = |(n, kind): (usize, &Kind)| {
        let steps = kind.steps();
        format!("- {{ id: t{n:02}, agent: script, input: {{ json: {steps} }} }}\n")
    };
    kinds.iter().enumerate().map(task).collect()
}

fn config(bench: &Bench, max_parallel: u32) -> Config {
    bench.write(
        "fusebox.yaml",
        format!(
            "session: {{ max_parallel: {max_parallel} }}\nstate: {{ folder: {:?} }}\n\
             agents: {{ script: {{ plugin: {:?}, retry: {{ base: 1ms, max_delay: 1ms }} }} }}\n",
            bench.path("state"),
            plugin("script")
        ),
    );
    fusebox_config::load(&bench.path("fusebox.yaml")).unwrap()
}

/// What each task of a session comes to, and its result.
fn run(
    host: &Host,
    bench: &Bench,
    config: &Config,
    kinds: &[Kind],
) -> BTreeMap<String, (TaskStatus, Option<Vec<u8>>)> {
    bench.write("session.yaml", format!("session: test\ntasks:\n{}", tasks(kinds)));
    let (name, graph) = session::load(&bench.path("session.yaml")).unwrap();
    let graph = std::sync::Arc::new(graph);
    let registry = host
        .load(config, graph.agents().iter().map(String::as_str))
        .unwrap();
    let launch = Launch::new(&name, graph.clone(), config.session, CancellationToken::new())
        .remembering(StateStore::of(&config.state).unwrap());
    let mut running = host.launch(launch, &registry).unwrap();
    let mut ends = BTreeMap::new();
    while let Some(event) = running.next_event() {
        if let fusebox::event::Event::TaskEnded { task, record } = event {
            let id = graph.task(task).unwrap().id.to_string();
            let output = record.output.map(|output| output.bytes.clone());
            ends.insert(id, (record.status, output));
        }
    }
    running.wait().unwrap();
    ends
}

fn host() -> Host {
    Host::new(&EngineOptions {
        compiler: Compiler::Program(env!("CARGO_BIN_EXE_fusebox").into()),
        ..EngineOptions::default()
    })
    .unwrap()
}

/// Any number of bad inputs, and at most 19 tasks at which the plugin fails.
#[test]
fn whatever_becomes_of_some_tasks_of_an_agent_the_others_have_their_results() {
    let (host, alone) = (host(), b"done".to_vec());
    let kinds = || prop::collection::vec(kind(), 2..60);
    let cases = Cases {
        cases: 24,
        failure_persistence: None,
        ..Cases::default()
    };
    let parallel = prop_oneof![Just(1_u32), Just(2), 1..64_u32];
    let sessions = (kinds(), kinds(), parallel).prop_map(|(one, two, parallel)| {
        let bounded = |mut kinds: Vec<Kind>| {
            let counted = kinds.iter_mut().filter(|kind| matches!(kind, Kind::Counted(_)));
            counted.skip(19).for_each(|kind| *kind = Kind::Neutral);
            kinds
        };
        ([bounded(one), bounded(two)], parallel)
    });
    let outcome = TestRunner::new(cases).run(&sessions, |(sessions, parallel)| {
        let bench = Bench::with_config("");
        let config = config(&bench, parallel);
        for kinds in sessions {
            let ends = run(&host, &bench, &config, &kinds);
            for (n, kind) in kinds.iter().enumerate() {
                let (status, output) = &ends[&format!("t{n:02}")];
                let is_fine = (*status, output.as_ref()) == (TaskStatus::Succeeded, Some(&alone));
                prop_assert_eq!(
                    is_fine,
                    *kind == Kind::Fine,
                    "task {} of {:?}: {:?}",
                    n,
                    kinds,
                    status
                );
            }
        }
        Ok(())
    });
    outcome.unwrap();
}

/// Two of eight inputs at which the plugin gives garbage, one task at a time, in two
/// sessions.
#[test]
fn two_bad_inputs_of_eight_refuse_nobody() {
    let bench = Bench::with_config(&format!(
        "agents: {{ echo: {{ plugin: {:?} }} }}\nstate: {{ folder: state }}\n",
        plugin("chaos")
    ));
    let bad =
        |n| format!("- {{ id: bad{n}, agent: echo, settings: {{ mode: garbage }}, input: {{ text: a }} }}\n");
    let fine = |n| format!("- {{ id: ok{n}, agent: echo, input: {{ text: a }} }}\n");
    let tasks: String = (0..2).map(bad).chain((0..6).map(fine)).collect();
    bench.write("session.yaml", format!("session: s\ntasks:\n{tasks}"));
    for out in ["one", "two"] {
        let arguments = ["run", "session.yaml", "--max-parallel", "1", "--out", out];
        bench.fusebox(&arguments).expect(3);
        let report = bench.report(out);
        for n in 0..6 {
            assert_eq!(report.task(&format!("ok{n}"))["status"], "succeeded");
        }
        assert_eq!([report.code("bad0"), report.code("bad1")], ["invalid.output"; 2]);
    }
}

/// At the head of the queue and by default all at once.
#[test]
fn an_agent_that_fails_at_everything_is_tried_with_twenty_tasks() {
    let bench = Bench::with_config(&format!(
        "agents: {{ script: {{ plugin: {:?} }} }}\n",
        plugin("script")
    ));
    let tasks = tasks(&[Kind::Counted("panic"); 200]);
    let ended = bench.session(&tasks, "out").expect(1);
    let report = bench.report("out");
    let tried = |task: &&serde_json::Value| !task["attempts"].as_array().unwrap().is_empty();
    assert!(report.tasks().iter().filter(tried).count() <= 20);
    let shed: Vec<_> = report.tasks().iter().filter(|task| !tried(task)).collect();
    assert!(shed.iter().all(|task| task["failure"]["code"] == "shed.breaker"));
    let messages: std::collections::BTreeSet<_> = shed
        .iter()
        .map(|task| task["failure"]["message"].to_string())
        .collect();
    assert_eq!(messages.len(), 1, "{messages:?}");
    let told = ended.stdout.matches("failed at 20 different tasks").count();
    assert_eq!(told, 1, "{}", ended.stdout);
}

/// One that fails at every first attempt, before it asks for anything.
#[test]
fn breakers_that_only_measure_refuse_nobody() {
    for mode in ["metrics-only", "\"off\""] {
        let bench = Bench::with_config(&format!(
            "agents: {{ script: {{ plugin: {:?}, breaker: {{ mode: {mode} }}, retry: {{ max_attempts: 1 }} }} }}\n",
            plugin("script")
        ));
        bench
            .session(&tasks(&[Kind::Counted("panic"); 40]), "out")
            .expect(1);
        let report = bench.report("out");
        assert!(
            report
                .tasks()
                .iter()
                .all(|task| task["failure"]["code"] == "trap.panic")
        );
    }
}
