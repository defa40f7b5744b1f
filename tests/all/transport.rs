//! What fails on the way to an upstream: tried again as often as `explain` says,
//! whatever the plugin makes of it.

pub(crate) mod ways;

use std::collections::BTreeSet;

use fusebox::failure::Code;
use serde_json::{Value, json};

use crate::played_api::{Answer, Delivery, PlayedApi};
use crate::support::{Bench, Report, context, plugin};
use ways::{Way, ways};

/// An agent that calls an upstream, with nothing else that ends its tries.
fn config(agent: &str, settings: &str, way: &Way) -> String {
    let upstream = &way.upstream;
    format!(
        "agents:\n  writer:\n    plugin: {:?}\n    {settings}\n    \
         grants: {{ upstreams: [api] }}\n    breaker: {{ mode: \"off\" }}\n    \
         retry: {{ strategy: fixed, base: 1ms, jitter: none, max_attempts: 3 }}\n\
         upstreams:\n  api:\n    address: \"{}\"\n    network: loopback\n    breaker: {{ mode: \"off\" }}\n{upstream}",
        plugin(agent),
        way.address,
    )
}

/// What the task of one session came to.
fn run(agent: &str, settings: &str, way: &Way) -> Value {
    let settings = format!("settings: {{ url: \"{}/v1\", {settings} }}", way.address);
    run_on("{ text: x }", &config(agent, &settings, way), way)
}

/// What a guest of the plugin `script` came to that does this.
fn run_script(step: &Value, way: &Way) -> Value {
    run_on(
        &format!("{{ json: [{step}] }}"),
        &config("script", "settings: {}", way),
        way,
    )
}

fn run_on(input: &str, config: &str, way: &Way) -> Value {
    let bench = Bench::with_config(config);
    bench.write("ca.pem", &way.trusted);
    bench.write(
        "session.yaml",
        format!("session: test\ntasks:\n- {{ id: t, agent: writer, input: {input} }}\n"),
    );
    let mut command = bench.command(&["run", "session.yaml", "--out", "out"]);
    command.envs(way.environment.iter().copied());
    let ended = command.output().unwrap();
    assert_eq!(
        ended.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    bench.report("out").task("t").clone()
}

/// Whether a code is tried again, as the program explains it.
fn explained(code: &str) -> bool {
    let bench = Bench::with_config("{}");
    let told = bench.fusebox(&["explain", code, "--format", "json"]).expect(0);
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    told[0]["retryable"] == json!(true)
}

fn attempts(task: &Value) -> Vec<&Value> {
    let attempts = task["attempts"].as_array().unwrap().iter();
    attempts.map(|attempt| &attempt["failure"]).collect()
}

/// Each code of the way, and what an upstream says by its status, through a real
/// plugin of the SDK against a real socket.
#[test]
fn each_transport_failure_is_tried_as_often_as_explain_says() {
    let mut driven = BTreeSet::new();
    for way in ways() {
        let again = explained(way.code);
        // JSON is asked for through the SDK's `retry`, text is not.
        for settings in ["model: m", "model: m, response: json"] {
            let task = run("llm", settings, &way);
            let (failures, name) = (attempts(&task), way.name);
            for failure in &failures {
                assert_eq!(failure["code"], way.code, "{name}: {failure}");
                assert_eq!(failure["retryable"], again, "{name}: {failure}");
            }
            let expected = if again {
                (3, "attempts")
            } else {
                (1, "non-retryable")
            };
            let found = (failures.len(), task["reason"].as_str().unwrap());
            assert_eq!(found, expected, "{name} with {settings}: {task}");
        }
        driven.insert(way.code.to_owned());
    }
    let codes = Code::ALL.iter().map(ToString::to_string);
    let all: BTreeSet<String> = codes.filter(|code| code.starts_with("http.")).collect();
    assert_eq!(driven, all, "a code of `http.` without a way to it");
}

/// Asked for with `GET` and with the `POST` of a plugin that is idempotent, by a guest
/// that handles nothing and by one that hands the error on.
#[test]
fn a_guest_that_handles_nothing_is_tried_as_often_as_explain_says() {
    for way in ways() {
        let again = explained(way.code);
        for (method, then) in [
            ("get", "escape"),
            ("post", "escape"),
            ("get", "hand-on"),
            ("post", "hand-on"),
        ] {
            let url = format!("{}/v1", way.address);
            let task = run_script(&json!({ method: { "url": url, "then": then } }), &way);
            let (failures, name) = (attempts(&task), format!("{}, {method}, {then}", way.name));
            assert_eq!(failures.len(), if again { 3 } else { 1 }, "{name}: {task}");
            for failure in failures {
                assert_eq!(
                    (&failure["code"], &failure["retryable"]),
                    (&json!(way.code), &json!(again)),
                    "{name}"
                );
                assert_eq!(
                    context(failure, "unhandled").is_some(),
                    then == "escape",
                    "{name}: {failure}"
                );
            }
        }
    }
}

/// What was sent may have been carried out. Where nothing was, there is no harm.
#[test]
fn a_plugin_that_is_not_idempotent_is_tried_again_only_if_nothing_was_sent() {
    for way in ways().into_iter().filter(|way| explained(way.code)) {
        let task = run("webhook", "", &way);
        let (failures, name) = (attempts(&task), way.name);
        assert_eq!(failures[0]["code"], way.code, "{name}: {}", failures[0]);
        let expected = if way.sent {
            (1, "not-idempotent", Value::Null)
        } else {
            (3, "attempts", json!(true))
        };
        let found = (
            failures.len(),
            task["reason"].as_str().unwrap(),
            failures[0]["retryable"].clone(),
        );
        assert_eq!(found, expected, "{name}: {task}");
    }
}

/// A rule for these codes is followed, which it was not while a plugin's own
/// word came first.
#[test]
fn a_rule_for_transport_failures_holds() {
    let api = PlayedApi::answering(|_| Some(Answer::json(200, "{}").delivered(Delivery::HangUp)));
    let rules = "    retry: { base: 1ms, rules: [{ when: { code: \"http.*\" }, strategy: fixed, base: 2ms, max_attempts: 5 }] }\n";
    let bench = Bench::with_config(&format!(
        "agents:\n  writer:\n    plugin: {:?}\n    settings: {{ url: {:?}, model: m }}\n    \
         grants: {{ upstreams: [api] }}\n    breaker: {{ mode: \"off\" }}\n{rules}\
         upstreams:\n  api: {{ address: {:?}, network: loopback, breaker: {{ mode: \"off\" }} }}\n",
        plugin("llm"),
        api.url("/v1"),
        api.origin(),
    ));
    bench
        .session("- { id: t, agent: writer, input: { text: x } }\n", "out")
        .expect(1);
    let report: Report = bench.report("out");
    assert_eq!(attempts(report.task("t")).len(), 5);
    assert_eq!(api.connections(), 5);
}
