//! What the host fails in, and what is done to it.

use std::path::Path;
use std::process::{Child, Stdio};

use super::refused::Refusal;
use super::scene::{Scene, Upstream};
use super::{Driver, Way};
use crate::played_api::{Answer, Delivery, Gate, PlayedApi};
use crate::support::{Bench, Report, plugin};

pub(super) fn drivers() -> Vec<Driver> {
    let driver = |code, way| Driver { code, way };
    vec![
        driver("cancelled", Way::Live(cancelled)),
        driver("held.sent", Way::Live(killed)),
        driver("host.engine", Way::Task(nowhere_to_scratch)),
        driver("host.state", Way::Task(quota_that_cannot_be_read)),
        driver("host.journal", Way::Refused(journal_that_nobody_can_write)),
        driver(
            "host.panic",
            Way::Nothing("the host's own code would have to be wrong"),
        ),
    ]
}

/// A folder that the host works in, named by this variable, is spoilt while the
/// session runs: before the task begins.
fn spoilt(variable: &'static str, spoil: fn(&Path), scene: Scene) -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let api = PlayedApi::answering(move |_| {
        spoil(&path);
        Some(Answer::new(200, "text/plain", "ok"))
    });
    let before = format!(
        "  before: {{ plugin: {:?}, settings: {{ url: {:?} }}, grants: {{ upstreams: [api] }} }}\n",
        plugin("webhook"),
        api.url("/hook")
    );
    Scene {
        environment: vec![(variable, folder.path().to_owned())],
        emptied: Some(folder.path().to_owned()),
        more_agents: before,
        before: "- { id: before, agent: before, input: { text: x } }\n".into(),
        task: format!("{}, after: [before]", scene.task),
        upstream: Some(Upstream {
            address: api.origin(),
            more: "    network: loopback\n    limits: { quotas: [{ requests: 9, window: 5h }] }\n".into(),
            breaker: None,
            granted: false,
        }),
        servers: vec![Box::new((folder, api))],
        ..scene
    }
}

/// A folder of its own is promised, and what it is to be in goes away.
fn nowhere_to_scratch() -> Scene {
    let empty = |temporary: &Path| {
        for folder in std::fs::read_dir(temporary).unwrap() {
            std::fs::remove_dir_all(folder.unwrap().path()).unwrap();
        }
    };
    let scene = Scene {
        task: ", settings: { mode: files, steps: [{ path: /tmp/x }] }".into(),
        ..Scene::bundled("chaos").with_agent("    grants: { scratch: { quota: 1MiB } }\n")
    };
    spoilt("TMPDIR", empty, scene)
}

/// What is used up of a quota is no longer where it was written.
fn quota_that_cannot_be_read() -> Scene {
    let spoil = |state: &Path| {
        let quotas = state.join("fusebox/quotas");
        std::fs::remove_dir_all(&quotas).unwrap();
        std::fs::write(quotas, "a file").unwrap();
    };
    let scene = spoilt("XDG_STATE_HOME", spoil, Scene::bundled("llm"));
    let address = scene.upstream.as_ref().map(|api| api.address.clone()).unwrap();
    let agent =
        format!("    settings: {{ url: \"{address}/v1\", model: m }}\n    grants: {{ upstreams: [api] }}\n");
    scene.with_agent(agent)
}

/// A folder in the place of its lock: nobody can write there, not even the superuser.
fn journal_that_nobody_can_write() -> Refusal {
    let bench = Bench::with_config(&format!("agents: {{ a: {{ plugin: {:?} }} }}\n", plugin("shout")));
    bench
        .session("- { id: t, agent: a, input: { text: x } }\n", "out")
        .expect(0);
    let lock = bench.path("out/journal.lock");
    // Where there is none it is made anew.
    let _ = std::fs::remove_file(&lock);
    std::fs::create_dir(&lock).unwrap();
    Refusal {
        bench,
        command: vec!["resume", "out"],
        exit: 73,
    }
}

fn start(bench: &Bench, task: &str) -> Child {
    bench.write("session.yaml", format!("session: test\ntasks:\n{task}"));
    let mut command = bench.command(&["run", "session.yaml", "--out", "out"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

/// A hook that is never answered, and the session that calls it.
fn called() -> (Bench, Child, impl Send) {
    let (held, opener) = Gate::closed();
    let hook = Answer::new(200, "text/plain", "ok").delivered(Delivery::Held(held));
    let api = PlayedApi::answering(move |_| Some(hook.clone()));
    let bench = Bench::with_config(&format!(
        "agents:\n  a:\n    plugin: {:?}\n    settings: {{ url: {:?} }}\n    grants: {{ upstreams: [api] }}\n\
         upstreams: {{ api: {{ address: {:?}, network: loopback }} }}\n",
        plugin("webhook"),
        api.url("/hook"),
        api.origin(),
    ));
    let mut child = start(&bench, "- { id: t, agent: a, input: { text: x } }\n");
    while api.received().is_empty() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
    }
    (bench, child, (api, opener))
}

fn cancelled() -> Report {
    let (bench, mut child, _server) = called();
    bench.fusebox(&["cancel", "out"]).expect(0);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    bench.report("out")
}

/// What it sent may have been carried out.
fn killed() -> Report {
    let (bench, mut child, _server) = called();
    child.kill().unwrap();
    child.wait().unwrap();
    bench.fusebox(&["resume", "out"]).expect(1);
    bench.report("out")
}
