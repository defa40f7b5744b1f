//! Retry policies as components: they decide, they are held within the rules,
//! and what misbehaves is put aside while the built-in one goes on.

use serde_json::{Value, json};

use crate::guest::policy_component;
use crate::support::{Bench, Report, plugin};

/// A policy whose `decide` is this body; it answers with the verdict at 1024,
/// `again(7)` that keeps nothing unless the body wrote another.
fn policy(body: &str) -> Vec<u8> {
    let again = r#"(data (i32.const 1024) "\00\00\00\00\00\00\00\00\07\00\00\00\00\00\00\00\00")"#;
    policy_component("retry", body, again)
}

/// Four tasks that fail so many times each, decided about by this policy.
fn run(policy: &[u8], failures: u32, retry: &str) -> (Bench, Report) {
    let bench = Bench::with_config(&format!(
        "session: {{ retry_budget: {{ reserve: 100 }} }}\n\
         agents:\n  chaos:\n    plugin: {:?}\n    policy: {{ retry: policy.wasm }}\n    breaker: {{ mode: \"off\" }}\n    \
         retry: {{ base: 1ms, {retry} }}\n",
        plugin("chaos"),
    ));
    bench.write("policy.wasm", policy);
    let task = |n: u32| {
        format!(
            "- {{ id: t{n}, agent: chaos, settings: {{ mode: flaky, failures: {failures} }}, input: {{ text: x }} }}\n"
        )
    };
    bench
        .session(&(0..4).map(task).collect::<String>(), "out")
        .expect(0);
    let report = bench.report("out");
    (bench, report)
}

fn delays(task: &Value) -> Vec<f64> {
    let attempts = task["attempts"].as_array().unwrap();
    attempts
        .iter()
        .map(|attempt| attempt["delay_before_ms"].as_f64().unwrap())
        .collect()
}

#[test]
fn a_component_decides() {
    let (_, report) = run(&policy(""), 2, "max_attempts: 3");
    assert_eq!(delays(report.task("t0")), [0.0, 7.0, 7.0]);
    assert_eq!(report.0["policies"], json!([]));
}

#[test]
fn a_component_is_held_within_the_rules() {
    // An hour, which `max_delay` cuts.
    let hour = policy("(i64.store (i32.const 1032) (i64.const 3600000))");
    let (_, report) = run(&hour, 1, "max_delay: 20ms");
    assert_eq!(delays(report.task("t0")), [0.0, 20.0]);
    assert_eq!(report.0["policies"], json!([]));
}

#[test]
fn a_component_that_gives_up_says_why() {
    let give_up = "(i32.store8 (i32.const 1024) (i32.const 1)) (i32.store (i32.const 1032) (i32.const 2048))
        (i32.store (i32.const 1036) (i32.const 4)) (i32.store (i32.const 2048) (i32.const 0x6d697274))";
    let bench = Bench::with_config(&format!(
        "agents: {{ chaos: {{ plugin: {:?}, policy: {{ retry: policy.wasm }} }} }}",
        plugin("chaos")
    ));
    bench.write("policy.wasm", policy(give_up));
    let task = "- { id: a, agent: chaos, settings: { mode: flaky, failures: 1 }, input: { text: x } }\n";
    bench.session(task, "out").expect(1);
    let report = bench.report("out");
    let task = report.task("a");
    assert_eq!(
        (&task["reason"], task["attempts"].as_array().unwrap().len()),
        (&json!("policy"), 1)
    );
    let context = task["failure"]["context"].as_array().unwrap();
    assert!(context.contains(&json!(["policy", "trim"])), "{context:?}");
}

/// Spins, traps, answers zero for ever or `u64::MAX`, hands back a gigabyte, or
/// more than it may keep: the session is unharmed, and the report says which
/// policy was put aside.
#[test]
fn a_component_that_misbehaves_is_put_aside_and_the_session_is_unharmed() {
    let keep = |bytes: &str| {
        format!(
            "(i32.store8 (i32.const 1040) (i32.const 1)) (i32.store (i32.const 1044) (i32.const 0))
             (i32.store (i32.const 1048) (i32.const {bytes}))"
        )
    };
    let rows = [
        // The clock ends it first where the machine is busy.
        ("(loop (br 0))".to_owned(), "limit.fuel|limit.deadline"),
        ("(unreachable)".to_owned(), "trap.unreachable"),
        (
            "(i64.store (i32.const 1032) (i64.const 0))".to_owned(),
            "again and again",
        ),
        (
            "(i64.store (i32.const 1032) (i64.const -1))".to_owned(),
            "18446744073709551615",
        ),
        (keep("0x40000000"), "trap.contract"),
        (keep("5000"), "5000 bytes, 4096 are the limit"),
        (
            "(drop (memory.grow (i32.const 10000)))".to_owned(),
            "limit.memory",
        ),
    ];
    for (body, message) in rows {
        let (bench, report) = run(&policy(&body), 4, "max_attempts: 5, max_delay: 5ms");
        for n in 0..4 {
            assert_eq!(report.task(&format!("t{n}"))["status"], "succeeded", "{body}");
        }
        let [entry] = &report.0["policies"].as_array().unwrap()[..] else {
            panic!("{body}: {}", report.0["policies"])
        };
        assert_eq!(
            (&entry["about"], &entry["put_aside"]),
            (&json!("chaos"), &json!(true)),
            "{body}"
        );
        assert!(entry["policy"].as_str().unwrap().ends_with("policy.wasm"));
        let said = entry["message"].as_str().unwrap();
        assert!(
            message.split('|').any(|message| said.contains(message)),
            "{body}: {entry}"
        );
        drop(bench);
    }
}

#[test]
fn what_is_no_policy_is_refused_before_anything_runs() {
    let bench = Bench::with_config(&format!(
        "agents: {{ chaos: {{ plugin: {0:?}, policy: {{ retry: {0:?} }} }} }}",
        plugin("chaos")
    ));
    let ended = bench
        .session("- { id: a, agent: chaos, input: { text: x } }\n", "out")
        .expect(78);
    assert!(
        ended.stderr.contains("fusebox:policy/retry@0.1.0"),
        "{}",
        ended.stderr
    );
    assert!(!bench.path("out").exists());
}

/// The first wait was the old policy's, the next ones are the new one's; the
/// attempts go on counting.
#[test]
fn a_swap_during_a_wait_changes_the_next_decision_and_keeps_the_attempts() {
    let bench = Bench::with_config(&format!(
        "agents:\n  chaos:\n    plugin: {:?}\n    policy: {{ retry: policy.wasm }}\n    retry: {{ max_attempts: 4 }}\n",
        plugin("chaos"),
    ));
    bench.write(
        "policy.wasm",
        policy("(i64.store (i32.const 1032) (i64.const 4000))"),
    );
    bench.write(
        "session.yaml",
        "session: s\ntasks: [{ id: a, agent: chaos, settings: { mode: flaky, failures: 3 }, input: { text: x } }]",
    );
    let mut child = bench
        .command(&["run", "session.yaml", "--out", "out"])
        .spawn()
        .unwrap();
    while !bench.path("out/report.json.part").exists() {
        assert!(child.try_wait().unwrap().is_none());
        std::thread::yield_now();
    }
    bench.write("new.wasm", policy(""));
    std::fs::rename(bench.path("new.wasm"), bench.path("policy.wasm")).unwrap();
    assert!(child.wait().unwrap().success());
    let report = bench.report("out");
    assert_eq!(delays(report.task("a")), [0.0, 4000.0, 7.0, 7.0]);
    let change = report.0["reloads"][0]["changes"][0].as_str().unwrap();
    assert!(
        change.contains("policy.wasm: its file has another content"),
        "{change}"
    );
}

#[test]
fn simulate_prints_the_delays_of_built_ins_and_components() {
    let bench = Bench::with_config("{}");
    bench.write("policy.wasm", policy(""));
    let simulate = |arguments: &[&str]| {
        let all = [&["policy", "simulate", "--format", "json"], arguments].concat();
        let steps: Vec<Value> = serde_json::from_str(&bench.fusebox(&all).expect(0).stdout).unwrap();
        steps
    };
    let steps = simulate(&["policy.wasm", "--attempts", "3"]);
    let delays: Vec<_> = steps.iter().map(|step| &step["delay_ms"]).collect();
    assert_eq!(delays, [&json!(7.0), &json!(7.0), &Value::Null]);
    assert_eq!(steps[2]["gave_up"], "attempts");
    let built_in = [
        "--failures",
        "guest.glm.1302:5000",
        "--attempts",
        "4",
        "--seed",
        "7",
    ];
    assert_eq!(simulate(&built_in), simulate(&built_in));
    assert!(simulate(&built_in)[0]["delay_ms"].as_f64() >= Some(5000.0));
    let drawn = bench
        .fusebox(&["policy", "simulate", "--attempts", "4"])
        .expect(0)
        .stdout;
    assert!(drawn.contains("built-in") && drawn.contains('█'), "{drawn}");
    let refused = bench
        .fusebox(&["policy", "simulate", "--settings", "{\"a\": 1}"])
        .expect(2)
        .stderr;
    assert!(refused.contains("the built-in policy takes none"), "{refused}");
}

#[test]
fn check_says_which_rules_a_policy_keeps() {
    let bench = Bench::with_config("{}");
    bench.write("good.wasm", policy(""));
    bench.write("bad.wasm", policy("(i64.store (i32.const 1032) (i64.const -1))"));
    let said = bench.fusebox(&["policy", "check", "good.wasm"]).expect(0).stdout;
    assert_eq!(said.matches("ok  ").count(), 3, "{said}");
    let said = bench.fusebox(&["policy", "check", "bad.wasm"]).expect(1).stdout;
    assert!(
        said.contains("FAIL  its waits") && said.contains("18446744073709551615"),
        "{said}"
    );
}

#[test]
fn simulate_takes_the_rules_of_one_instance() {
    let bench = Bench::with_config(&format!(
        "agents:\n  chaos:\n    plugin: {:?}\n    retry: {{ strategy: fixed, base: 1s, jitter: none, max_attempts: 2 }}\n    \
         instances: {{ brief: {{}}, patient: {{ retry: {{ base: 7s }} }} }}\n",
        plugin("chaos"),
    ));
    let simulate = |agent: &str| bench.fusebox(&["policy", "simulate", "--agent", agent, "--format", "json"]);
    let wait = |agent: &str| {
        let steps: Value = serde_json::from_str(&simulate(agent).expect(0).stdout).unwrap();
        steps[0]["delay_ms"].clone()
    };
    assert_eq!(
        (wait("chaos"), wait("chaos.patient")),
        (json!(1000.0), json!(7000.0))
    );
    let unknown = simulate("chaos.patent").expect(2);
    assert!(
        unknown.stderr.contains("it has: brief, patient"),
        "{}",
        unknown.stderr
    );
}
