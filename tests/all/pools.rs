//! Agents with several instances: one that fails is taken out, and the others
//! carry its work.

use fusebox::engine::{Compiler, EngineOptions};
use fusebox::event::Event;
use fusebox::resilience::isolation::{Kind, Reason};
use fusebox::{Host, SessionStatus, session};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::guest::policy_component;
use crate::played_api::{Answer, PlayedApi};
use crate::support::{Bench, Report, plugin};

/// Four instances, of which these do what they are told instead of echoing.
fn bench(told: [&str; 4], more: &str) -> Bench {
    let instance = |(name, mode): (&str, &str)| format!("      {name}: {{ settings: {{ {mode} }} }}\n");
    let instances: String = ["a", "b", "c", "d"].into_iter().zip(told).map(instance).collect();
    Bench::with_config(&format!(
        "session: {{ max_parallel: 8 }}\nagents:\n  pool:\n    plugin: {:?}\n    retry: {{ base: 1ms }}\n{more}    \
         instances:\n{instances}",
        plugin("chaos"),
    ))
}

/// Echoes after some work: others have their turns while one is busy trapping.
const HONEST: &str = "mode: busy, iterations: 1000000";

fn tasks(count: u32) -> String {
    (0..count)
        .map(|n| format!("- {{ id: t{n}, agent: pool, input: {{ text: x }} }}\n"))
        .collect()
}

fn quarantined(report: &Report) -> &[Value] {
    report.0["quarantined"].as_array().unwrap()
}

fn instance<'a>(report: &'a Report, name: &str) -> &'a Value {
    let all = report.0["instances"].as_array().unwrap();
    all.iter().find(|one| one["instance"] == name).unwrap()
}

/// The rule is three strikes in a row; attempts that had begun by then end as
/// they began.
#[test]
fn one_bad_instance_of_four_is_taken_out_and_every_task_succeeds() {
    let bench = bench([HONEST, HONEST, HONEST, "mode: panic"], "");
    bench.write("session.yaml", format!("session: test\ntasks:\n{}", tasks(1000)));
    let config = fusebox_config::load(&bench.path("fusebox.yaml")).unwrap();
    let (name, graph) = session::load(&bench.path("session.yaml")).unwrap();
    let options = EngineOptions {
        compiler: Compiler::Program(env!("CARGO_BIN_EXE_fusebox").into()),
        ..EngineOptions::default()
    };
    let host = Host::new(&options).unwrap();
    let mut running = host.start(&name, graph, &config).unwrap();
    let handle = running.handle();
    let (mut strikes, mut out) = (Vec::new(), None);
    while let Some(event) = running.next_event() {
        match event {
            Event::AttemptEnded { attempt, .. } if attempt.failure.is_some() => {
                assert_eq!(&*attempt.instance, "d");
                let ended = attempt.started.checked_add(attempt.usage.wall).unwrap();
                strikes.push((ended, Timestamp::now()));
            }
            Event::Instance {
                instance, at, change, ..
            } => {
                assert_eq!((&*instance, out.is_none()), ("d", true));
                out = Some((at, change));
            }
            _ => {}
        }
    }
    assert_eq!(running.wait().unwrap().status, SessionStatus::Succeeded);
    let Some((at, Kind::Quarantined(evidence))) = out else {
        panic!("{out:?}");
    };
    assert_eq!(
        (evidence.reason.clone(), evidence.counts.consecutive),
        (Reason::Strikes, 3)
    );
    assert!((3..=10).contains(&strikes.len()), "{} strikes", strikes.len());
    strikes.sort();
    let detected = strikes
        .iter()
        .map(|(ended, seen)| seen.duration_since(*ended))
        .max()
        .unwrap();
    println!(
        "detected within {detected:#}, isolated {:#} after the third strike of {}",
        at.duration_since(strikes[2].0),
        strikes.len()
    );
    let shown = handle.quarantined();
    assert_eq!((shown.len(), shown[0].instance.as_str()), (1, "d"));
    assert_eq!(handle.status().quarantined, shown);
}

#[test]
fn the_report_says_who_was_taken_out_why_and_how_all_did() {
    let bench = bench([HONEST, HONEST, HONEST, "mode: panic"], "");
    let ended = bench.session(&tasks(200), "out").expect(0);
    assert!(
        ended.stderr.contains("instance pool/d: quarantined until"),
        "{}",
        ended.stderr
    );
    assert!(
        ended
            .stdout
            .contains("pool/d  quarantined: too many strikes in a row"),
        "{}",
        ended.stdout
    );
    let report = bench.report("out");
    let [out] = quarantined(&report) else {
        panic!("{:?}", report.0["quarantined"]);
    };
    assert_eq!(
        (&out["agent"], &out["instance"], &out["state"]),
        (&json!("pool"), &json!("d"), &json!("quarantined"))
    );
    assert!(out["until"].as_str() > out["since"].as_str());
    let evidence = out["evidence"].as_array().unwrap();
    assert!(
        evidence[0].as_str().unwrap().starts_with("3 strikes in a row"),
        "{evidence:?}"
    );
    assert!(
        evidence[1]
            .as_str()
            .unwrap()
            .contains("trap.panic: chaos was asked to panic"),
        "{evidence:?}"
    );
    let (bad, good) = (instance(&report, "d"), instance(&report, "a"));
    assert_eq!(
        (&bad["state"], &bad["error_rate"], &bad["healthy"]),
        (&json!("quarantined"), &json!(1.0), &json!(false))
    );
    assert_eq!(
        (&good["state"], &good["strikes"]),
        (&json!("in-service"), &json!(0))
    );
    assert!(good["succeeded"].as_u64().unwrap() > 20, "{good}");
    assert!(good["memory_peak_bytes"].as_u64().unwrap() > 0 && good["median_ms"].as_f64().unwrap() > 0.0);
    let breakers = report.0["breakers"].as_array().unwrap();
    assert!(
        breakers.is_empty(),
        "the fault of one instance is not the agent's: {breakers:?}"
    );
    let recovery = report.0["recovery"].as_array().unwrap();
    assert_eq!(
        recovery[0]["command"],
        "fusebox config explain agents.pool.instances.d"
    );
    let listed = bench.fusebox(&["quarantine", "list", "out"]).expect(0);
    assert!(listed.stdout.contains("pool/d") && listed.stdout.contains("chaos was asked to panic"));
    let listed = bench
        .fusebox(&["quarantine", "list", "out", "--format", "json"])
        .expect(0);
    // As it is kept for the next session: by another clock, a millisecond apart.
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    for field in ["agent", "instance", "state", "reason", "times"] {
        assert_eq!(listed[0][field], report.0["quarantined"][0][field], "{field}");
    }
    let all = bench.fusebox(&["quarantine", "list", "out", "--all"]).expect(0);
    assert_eq!(all.stdout.lines().count(), 4);
    bench
        .fusebox(&["quarantine", "release", "out", "pool/d"])
        .expect(0);
    let listed = bench.fusebox(&["quarantine", "list", "out"]).expect(0);
    assert!(listed.stdout.contains("no instance is out"), "{}", listed.stdout);
}

/// Two may be out, and the other two stay for want of better ones. Then it is
/// the agent that fails, so its breaker opens and nothing waits for ever.
#[test]
fn a_pool_of_which_all_are_bad_keeps_half_and_fails_with_reasons() {
    // With a breaker, how far the last two come is a matter of what is under way
    // when it opens.
    let bench = bench(["mode: panic"; 4], "    breaker: { mode: \"off\" }\n");
    bench.session(&tasks(200), "out").expect(1);
    let report = bench.report("out");
    let states: Vec<_> = quarantined(&report)
        .iter()
        .map(|out| out["state"].as_str().unwrap())
        .collect();
    let count = |state: &str| states.iter().filter(|known| **known == state).count();
    assert_eq!((count("quarantined"), count("held")), (2, 2), "{states:?}");
    assert!(report.tasks().iter().all(|task| task["status"] == "failed"));
}

#[test]
fn the_circuit_of_an_agent_opens_when_its_whole_pool_is_bad() {
    let bench = bench(["mode: panic"; 4], "");
    bench.session(&tasks(200), "out").expect(1);
    let report = bench.report("out");
    let reasons = ["trap.panic", "shed.breaker"];
    for task in report.tasks() {
        assert_eq!(task["status"], "failed");
        assert!(
            reasons.contains(&task["failure"]["code"].as_str().unwrap()),
            "{task}"
        );
    }
    assert_eq!(report.0["breakers"][0]["key"], "agent:pool");
    assert_eq!(report.0["breakers"][0]["state"], "open");
}

#[test]
fn what_an_upstream_does_never_takes_an_instance_out() {
    let throttled = Answer::json(429, include_str!("../api/glm-1302.json"));
    let broken = Answer::json(500, "{}");
    let api = PlayedApi::start(vec![throttled, broken]);
    let bench = Bench::with_config(&format!(
        "agents:\n  pool:\n    plugin: {:?}\n    settings: {{ url: {:?}, model: m }}\n    grants: {{ upstreams: [api] }}\n    \
         retry: {{ strategy: fixed, base: 1ms, jitter: none, max_attempts: 2 }}\n    breaker: {{ mode: \"off\" }}\n    \
         instances: {{ a: {{}}, b: {{}} }}\n\
         upstreams:\n  api:\n    address: {:?}\n    network: loopback\n    breaker: {{ mode: \"off\" }}\n",
        plugin("llm"),
        api.url("/v1/chat/completions"),
        api.origin(),
    ));
    bench.session(&tasks(20), "out").expect(1);
    let report = bench.report("out");
    assert!(
        report
            .tasks()
            .iter()
            .all(|task| task["failure"]["blame"] == "upstream")
    );
    assert!(quarantined(&report).is_empty());
    for name in ["a", "b"] {
        let one = instance(&report, name);
        assert_eq!(
            (&one["strikes"], &one["healthy"]),
            (&json!(0), &json!(true)),
            "{one}"
        );
        assert!(one["neutral"].as_u64().unwrap() > 0);
    }
}

/// Of what a guest says of a service, and of calls that the breaker refused.
#[test]
fn neither_a_guests_words_about_a_service_nor_back_pressure_take_an_instance_out() {
    let flaky = "mode: flaky, failures: 100";
    let bench = bench([flaky; 4], "    breaker: { failure_threshold: 5 }\n");
    bench.session(&tasks(60), "out").expect(1);
    let report = bench.report("out");
    // Twenty of them show that the plugin can do nothing.
    let code = |code: &str| {
        report
            .tasks()
            .iter()
            .filter(|task| task["failure"]["code"] == code)
            .count()
    };
    assert!(code("guest.chaos.flaky") > 0 && code("shed.breaker") > 0);
    assert!(quarantined(&report).is_empty(), "{:?}", report.0["quarantined"]);
}

/// The first instance never works, and nothing takes it out here.
#[test]
fn a_retry_goes_to_an_instance_on_which_the_task_has_not_failed() {
    let bench = bench(
        ["mode: panic", HONEST, HONEST, HONEST],
        "    isolation: { strikes: 1000, outlier_attempts: 1000 }\n",
    );
    bench.session(&tasks(100), "out").expect(0);
    let report = bench.report("out");
    let retried = report
        .tasks()
        .iter()
        .filter(|task| task["attempts"].as_array().unwrap().len() > 1);
    let mut seen = 0;
    for task in retried {
        let attempts = task["attempts"].as_array().unwrap();
        assert_eq!(attempts.len(), 2, "{task}");
        assert_eq!(attempts[0]["instance"], "a");
        assert_ne!(attempts[1]["instance"], "a");
        seen += 1;
    }
    assert!(seen >= 3, "{seen}");
}

/// A policy whose `decide` is this body; it answers with the verdict at 1024,
/// which keeps the instance unless the body wrote another.
fn policy(body: &str) -> Vec<u8> {
    policy_component("isolation", body, "")
}

fn judged(body: &str) -> Report {
    let bench = bench(
        ["", "", "", "mode: panic"],
        "    policy: { isolation: policy.wasm }\n",
    );
    // One after the other: each instance has its turns, however long a trap takes.
    let config = std::fs::read_to_string(bench.path("fusebox.yaml")).unwrap();
    bench.write(
        "fusebox.yaml",
        config.replace("max_parallel: 8", "max_parallel: 1"),
    );
    bench.write("policy.wasm", policy(body));
    let checked = bench.fusebox(&["policy", "check", "policy.wasm"]);
    assert_eq!(
        checked.code,
        Some(if body.contains("unreachable") { 1 } else { 0 }),
        "{}",
        checked.stdout
    );
    bench.session(&tasks(200), "out").expect(0);
    bench.report("out")
}

#[test]
fn a_component_judges_within_the_rules() {
    // A minute, because of `mist`.
    let at_once = "(i32.store8 (i32.const 1024) (i32.const 1)) (i64.store (i32.const 1032) (i64.const 60000))
        (i32.store (i32.const 1040) (i32.const 2048)) (i32.store (i32.const 1044) (i32.const 4))
        (i32.store (i32.const 2048) (i32.const 0x7473696d))";
    let report = judged(at_once);
    assert_eq!(quarantined(&report)[0]["reason"], "the policy: mist");
    let evidence = quarantined(&report)[0]["evidence"][0].as_str().unwrap();
    assert!(evidence.starts_with("1 strikes in a row"), "{evidence}");
    let kept = judged("");
    assert!(quarantined(&kept).is_empty(), "the policy keeps it");
    // The built-in policy takes it out at three.
    assert!(instance(&kept, "d")["strikes"].as_u64().unwrap() > 3);
}

#[test]
fn a_component_that_fails_to_judge_is_put_aside_and_the_built_in_policy_goes_on() {
    let report = judged("(unreachable)");
    assert_eq!(quarantined(&report)[0]["reason"], "too many strikes in a row");
    let strikes = &report.0["policies"][0];
    assert_eq!(
        (&strikes["about"], &strikes["put_aside"]),
        (&json!("pool"), &json!(true))
    );
}

/// Forty at once, in a session that lasts for as long as one task sleeps.
#[test]
fn patterns_among_the_failures_are_in_the_report() {
    let bench = bench(
        ["mode: panic"; 4],
        "    retry: { max_attempts: 1 }\n    breaker: { mode: \"off\" }\n",
    );
    let config = std::fs::read_to_string(bench.path("fusebox.yaml")).unwrap();
    let config = config.replace("    retry: { base: 1ms }\n", "");
    let other = format!("  other: {{ plugin: {:?} }}\n", plugin("chaos"));
    bench.write("fusebox.yaml", config + &other);
    let sleeps = "- { id: sleeps, agent: other, settings: { mode: sleep, ms: 3000 }, input: { text: x } }\n";
    let ended = bench.session(&format!("{sleeps}{}", tasks(40)), "out").expect(3);
    assert!(
        ended.stdout.contains("burst of trap.panic: 40 times"),
        "{}",
        ended.stdout
    );
    let report = bench.report("out");
    let pattern = &report.0["patterns"][0];
    assert_eq!(
        (&pattern["code"], &pattern["kind"], &pattern["count"]),
        (&json!("trap.panic"), &json!("burst"), &json!(40))
    );
    assert_eq!(pattern["auto_recovery"], true);
    assert!(pattern["first"].as_str() < pattern["last"].as_str());
    let instances = pattern["instances"].as_array().unwrap();
    assert!(
        instances.contains(&json!("pool/a")) && instances.len() >= 2,
        "{pattern}"
    );
    assert!(pattern["recommendation"].as_str().unwrap().contains("at once"));
}
