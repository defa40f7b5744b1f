//! `fusebox breaker`, on a live session and on one that is over; a breaker policy
//! in a session.

use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::support::{Bench, Ended, plugin};

/// An agent that never ends by itself and one that fails.
fn bench(policy: &str) -> Bench {
    Bench::with_config(&format!(
        "session: {{ max_parallel: 2 }}\nagents:\n  chaos:\n    plugin: {0:?}\n{policy}  \
         sleeper:\n    plugin: {0:?}\n    limits: {{ deadline: 10m }}\n",
        plugin("chaos"),
    ))
}

fn failing(count: u32) -> String {
    (0..count)
        .map(|n| {
            format!("- {{ id: t{n}, agent: chaos, settings: {{ mode: panic }}, input: {{ text: x }} }}\n")
        })
        .collect()
}

fn start(bench: &Bench) -> Child {
    let sleep =
        "- { id: sleeps, agent: sleeper, settings: { mode: sleep, ms: 3600000 }, input: { text: x } }\n";
    bench.write(
        "session.yaml",
        format!("session: test\ntasks:\n{}{sleep}", failing(6)),
    );
    bench
        .command(&["run", "session.yaml", "--out", "out"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn asked(bench: &Bench, arguments: &[&str]) -> Ended {
    let arguments = [&["breaker"], arguments, &["--format", "json"]].concat();
    bench.fusebox(&arguments)
}

/// The one breaker of an answer.
#[track_caller]
fn one(ended: &Ended) -> Value {
    let breakers: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{}", ended.stderr));
    breakers[0].clone()
}

/// Asks until the breaker is as it should be.
#[track_caller]
fn until(bench: &Bench, child: &mut Child, state: &str) -> Value {
    loop {
        let ended = asked(bench, &["show", "out", "agent:chaos"]);
        if ended.code == Some(0) && one(&ended)["state"] == state {
            return one(&ended);
        }
        assert!(
            child.try_wait().unwrap().is_none(),
            "{}{}",
            ended.stdout,
            ended.stderr
        );
    }
}

#[test]
fn circuits_of_a_live_session_are_shown_and_ordered() {
    let bench = bench("");
    let mut child = start(&bench);
    let open = until(&bench, &mut child, "open");
    // The sixth shows that it must not close.
    let causes = ["consecutive-failures", "probe-failed"];
    assert!(causes.contains(&open["cause"].as_str().unwrap()), "{open}");
    let rows = [
        ("reset", "closed"),
        ("force-open", "forced-open"),
        ("disable", "disabled"),
        ("reset", "closed"),
    ];
    for (order, state) in rows {
        let ended = asked(&bench, &[order, "out", "agent:chaos"]).expect(0);
        assert_eq!(
            (&one(&ended)["state"], &one(&ended)["cause"]),
            (&json!(state), &json!("operator"))
        );
    }
    let listed = bench.fusebox(&["breaker", "list", "out"]).expect(0);
    assert_eq!(listed.stdout.lines().count(), 2, "{}", listed.stdout);
    let unknown = bench
        .fusebox(&["breaker", "reset", "out", "agent:choas"])
        .expect(2);
    assert!(
        unknown.stderr.contains("agent:chaos, agent:sleeper"),
        "{}",
        unknown.stderr
    );
    asked(&bench, &["force-open", "out", "agent:chaos"]).expect(0);
    bench.fusebox(&["cancel", "out"]).expect(0);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    // What the report says of it, now that it is over.
    let ended = asked(&bench, &["show", "out", "agent:chaos"]).expect(0);
    assert_eq!(one(&ended)["state"], "forced-open");
    let ended = bench
        .fusebox(&["breaker", "reset", "out", "agent:chaos"])
        .expect(0);
    assert!(ended.stderr.contains("is over"), "{}", ended.stderr);
    let ended = asked(&bench, &["show", "out", "agent:chaos"]).expect(0);
    assert_eq!(one(&ended)["state"], "closed");
}

#[test]
fn a_breaker_policy_judges_the_circuit_of_its_agent() {
    let policy = format!(
        "    policy:\n      breaker: {:?}\n      breaker_settings: {{ fast_failures: 3 }}\n",
        plugin("burn-rate")
    );
    let bench = bench(&policy);
    bench.session(&failing(6), "out").expect(1);
    let report = bench.report("out");
    let breaker = &report.0["breakers"][0];
    assert_eq!(
        (&breaker["state"], &breaker["cause"]),
        (&json!("open"), &json!("policy"))
    );
    assert!(breaker["reason"].as_str().unwrap().contains("burn"), "{breaker}");
    // It is open for one at a time, and refuses nobody.
    assert!(
        report
            .tasks()
            .iter()
            .all(|task| task["failure"]["code"] == "trap.panic")
    );
    assert_eq!(report.0["policies"], json!([]));
}

/// Settings that it does not know are no reason to leave a breaker unguarded.
#[test]
fn a_breaker_policy_that_cannot_decide_is_put_aside_and_the_built_in_one_judges() {
    let policy = format!(
        "    policy:\n      breaker: {:?}\n      breaker_settings: {{ no_such: 3 }}\n",
        plugin("burn-rate")
    );
    let bench = bench(&policy);
    bench.session(&failing(7), "out").expect(1);
    let report = bench.report("out");
    let breaker = &report.0["breakers"][0];
    assert_eq!(
        (&breaker["state"], &breaker["cause"]),
        (&json!("open"), &json!("consecutive-failures"))
    );
    let policy = &report.0["policies"][0];
    assert_eq!(
        (&policy["about"], &policy["put_aside"]),
        (&json!("agent:chaos"), &json!(true))
    );
    assert!(
        policy["message"].as_str().unwrap().contains("no_such"),
        "{policy}"
    );
}

#[test]
fn a_breaker_policy_is_checked_from_the_command_line() {
    let bench = bench("");
    let file = plugin("burn-rate");
    let ended = bench
        .fusebox(&["policy", "check", file.to_str().unwrap()])
        .expect(0);
    assert_eq!(ended.stdout.matches("ok  ").count(), 3, "{}", ended.stdout);
    let ended = bench
        .fusebox(&["policy", "simulate", file.to_str().unwrap()])
        .expect(2);
    assert!(
        ended.stderr.contains("says nothing to a breaker policy"),
        "{}",
        ended.stderr
    );
}
