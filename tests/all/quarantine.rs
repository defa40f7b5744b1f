//! Quarantines of a live session, seen and ended from elsewhere.

use std::process::Stdio;
use std::time::Duration;

use fusebox::engine::{Compiler, EngineOptions};
use fusebox::event::{Event, QuarantineStatus};
use fusebox::session::InstanceError;
use fusebox::{Host, session};
use serde_json::Value;

use crate::support::{Bench, plugin};

/// `bad` panics; `good` echoes after some work. Tasks that sleep keep the session alive.
fn bench(isolation: &str) -> Bench {
    Bench::with_config(&format!(
        "session: {{ max_parallel: 4 }}\nagents:\n  pool:\n    plugin: {0:?}\n    retry: {{ base: 1ms }}\n    \
         isolation: {{ {isolation} }}\n    instances: {{ bad: {{ settings: {{ mode: panic }} }}, good: {{ settings: {{ mode: busy, iterations: 2000000 }} }} }}\n  \
         other: {{ plugin: {0:?} }}\n",
        plugin("chaos"),
    ))
}

const SLEEPS: &str =
    "- { id: sleeps, agent: other, settings: { mode: sleep, ms: 20000 }, input: { text: x } }\n";

fn tasks(count: u32) -> String {
    (0..count)
        .map(|n| format!("- {{ id: t{n}, agent: pool, input: {{ text: x }} }}\n"))
        .collect()
}

#[test]
fn an_instance_of_a_live_session_is_listed_and_released() {
    let bench = bench("");
    bench.write("s.yaml", format!("session: s\ntasks:\n{SLEEPS}{}", tasks(60)));
    let mut child = bench
        .command(&["run", "s.yaml", "--out", "out"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let listed = |arguments: &[&str]| -> Vec<Value> {
        let ended = bench.fusebox(&[arguments, &["--format", "json"]].concat());
        serde_json::from_str(&ended.stdout).unwrap_or_default()
    };
    let list = loop {
        let list = listed(&["quarantine", "list", "out"]);
        if !list.is_empty() {
            break list;
        }
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
    };
    assert_eq!(list[0]["instance"], "bad");
    // The status follows the events, a moment behind the pools. With nothing left
    // to do, nothing takes the instance out again.
    let is_over = |status: &str| {
        let view: Value = serde_json::from_str(status).unwrap_or_default();
        view["counts"]["succeeded"] == 60
    };
    while !is_over(&bench.fusebox(&["status", "out", "--format", "json"]).stdout) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
    }
    let status = bench.fusebox(&["status", "out"]).expect(0).stdout;
    assert!(
        status.contains("instance pool/bad: quarantined until"),
        "{status}"
    );
    let released = listed(&["quarantine", "release", "out", "pool/bad"]);
    assert_eq!(released[0]["state"], "in-service");
    assert!(listed(&["quarantine", "list", "out"]).is_empty());
    let all = bench
        .fusebox(&["quarantine", "list", "out", "--all"])
        .expect(0)
        .stdout;
    assert!(all.contains("pool/good") && all.contains("in-service"), "{all}");
    for (name, words) in [
        ("pool/none", "bad, good"),
        ("none/bad", "pool"),
        ("bad", "scorer/fast"),
    ] {
        let ended = bench.fusebox(&["quarantine", "release", "out", name]).expect(2);
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
    }
    bench.fusebox(&["cancel", "out"]).expect(0);
    child.wait().unwrap();
    let report = bench.report("out");
    let out = &report.0["quarantined"][0];
    assert_eq!(
        (out["state"].as_str(), out["released_by"].as_str()),
        (Some("released"), Some("operator"))
    );
}

#[test]
fn the_library_has_the_operations_of_an_isolation_manager() {
    let bench = bench("health_interval: 5s, health_timeout: 5s");
    bench.write("s.yaml", format!("session: s\ntasks:\n{SLEEPS}{}", tasks(60)));
    let config = fusebox_config::load(&bench.path("fusebox.yaml")).unwrap();
    let (name, graph) = session::load(&bench.path("s.yaml")).unwrap();
    let options = EngineOptions {
        compiler: Compiler::Program(env!("CARGO_BIN_EXE_fusebox").into()),
        ..EngineOptions::default()
    };
    let host = Host::new(&options).unwrap();
    let mut running = host.start(&name, graph, &config).unwrap();
    let handle = running.handle();
    while let Some(event) = running.next_event() {
        if matches!(event, Event::Instance { .. }) {
            break;
        }
    }
    assert_eq!(handle.quarantined()[0].instance, "bad");
    let minute = Some(Duration::from_secs(60));
    let needed = handle.quarantine("pool", "good", minute, "for the test");
    assert!(matches!(needed, Err(InstanceError::Needed { .. })), "{needed:?}");
    let back = handle.release("pool", "bad").unwrap();
    assert_eq!((back.state.as_str(), back.quarantine), ("in-service", None));
    let out = handle.quarantine("pool", "good", minute, "for the test").unwrap();
    let quarantine = out.quarantine.unwrap();
    assert_eq!(
        (quarantine.state, quarantine.reason.as_str()),
        (QuarantineStatus::Quarantined, "the operator: for the test")
    );
    // Both answer what they are, however they work.
    for name in ["bad", "good"] {
        let check = handle.check_health("pool", name).unwrap().check.unwrap();
        assert!(check.failure.is_none() && check.response_ms > 0.0 && check.memory_peak_bytes > 0);
    }
    let unknown = handle.check_health("pool", "none").unwrap_err().to_string();
    assert!(unknown.contains("bad, good"), "{unknown}");
    assert!(
        handle
            .patterns()
            .iter()
            .all(|pattern| pattern.code == "trap.panic")
    );
    // By itself, beside the work.
    let alone = handle.instances().show("other", "default").unwrap();
    assert_eq!(alone.check, None, "the only one of its agent is not asked");
    handle.cancel();
    while running.next_event().is_some() {}
    running.wait().unwrap();
    assert!(matches!(
        handle.check_health("pool", "good"),
        Err(InstanceError::Over)
    ));
}
