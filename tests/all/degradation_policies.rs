//! Degradation policies as components: they say what a task without a result
//! comes to, they are held to what there is, and what misbehaves is put aside
//! while the built-in order goes on.

use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::guest::policy_component;
use crate::support::{Bench, Report, plugin};

/// Where the snapshot has what is asked for in these tests.
const ATTEMPTS: u32 = 96;
const REQUIRED: u32 = 100;
const PARTIAL: u32 = 104;
const PARTIAL_BYTES: u32 = 112;
const FALLBACKS: u32 = 124;
const DEPENDANTS: u32 = 128;
const SUCCEEDED: u32 = 136;
const FAILED: u32 = 144;
const TOTAL: u32 = 152;

/// A policy whose `decide` is this body; it answers with the verdict at 1024,
/// which keeps the partial result unless the body wrote another.
fn policy(body: &str) -> Vec<u8> {
    policy_component("degradation", body, r#"(data (i32.const 2048) "mist")"#)
}

/// A field of the snapshot.
fn field(offset: u32) -> String {
    format!("(i32.load offset={offset} (local.get $snapshot))")
}

/// Writes a decision by its place in the contract, with a reason.
fn decide(decision: u32, place: &str) -> String {
    format!(
        "(i32.store8 (i32.const 1024) (i32.const {decision})) (i32.store (i32.const 1028) {place})
         (i32.store (i32.const 1032) (i32.const 2048)) (i32.store (i32.const 1036) (i32.const 4))"
    )
}

fn fall_back(place: &str) -> String {
    decide(1, place)
}

fn skip() -> String {
    decide(2, "(i32.const 0)")
}

fn fail_session() -> String {
    decide(3, "(i32.const 0)")
}

/// The last fallback that is left; none left, the task is skipped.
fn last_fallback() -> String {
    let left = field(FALLBACKS);
    format!(
        "(if {left} (then {}) (else {}))",
        fall_back(&format!("(i32.sub {left} (i32.const 1))")),
        skip()
    )
}

/// An agent `chaos` with this chain and its policy, and `shout`, `broken` and
/// `webhook` beside it.
fn bench(chain: &str, policy: &str, more: &str) -> Bench {
    let (chaos, shout, webhook) = (plugin("chaos"), plugin("shout"), plugin("webhook"));
    Bench::with_config(&format!(
        "defaults: {{ retry: {{ max_attempts: 2, base: 1ms }}, breaker: {{ mode: \"off\" }} }}\n\
         agents:\n  chaos:\n    plugin: {chaos:?}\n    degradation: {{ fallback: {chain} }}\n    policy: {{ {policy} }}\n{more}\
         \x20 shout: {{ plugin: {shout:?} }}\n\
         \x20 broken: {{ plugin: {chaos:?}, settings: {{ mode: panic }} }}\n\
         \x20 webhook:\n    plugin: {webhook:?}\n    settings: {{ url: \"http://127.0.0.1:9/\" }}\n    \
         degradation: {{ fallback: [{{ agent: shout }}] }}\n    policy: {{ {policy} }}\n"
    ))
}

/// The bench with a policy of this body.
fn bench_of(chain: &str, body: &str) -> Bench {
    let bench = bench(chain, "degradation: policy.wasm", "");
    bench.write("policy.wasm", policy(body));
    bench
}

fn salvage(chain: &str, settings: &str) -> Bench {
    let named = format!(
        "degradation: {:?}, degradation_settings: {{ {settings} }}",
        plugin("salvage")
    );
    bench(chain, &named, "")
}

fn fails(id: &str, more: &str) -> String {
    format!(
        "- {{ id: {id}, agent: chaos, settings: {{ mode: error{more} }}, input: {{ text: x }}, fallback: {{ text: mine }} }}\n"
    )
}

/// What the report says of what was decided and tried.
fn lines(task: &Value) -> Vec<(&str, &str)> {
    let pairs = task["failure"]["context"].as_array().unwrap().iter();
    let told = |pair: &&Value| pair[0] == "degradation" || pair[0] == "fallback";
    pairs
        .filter(told)
        .map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
        .collect()
}

/// What a task came to: its status, its fallback, its output.
fn end(report: &Report, id: &str) -> (Value, Value, Value) {
    let task = report.task(id);
    let fallback = task.get("fallback").cloned().unwrap_or_default();
    (task["status"].clone(), fallback, task["output"]["inline"].clone())
}

#[test]
fn salvage_changes_what_tasks_end_with() {
    let tasks = fails("part", ", partial: true") + &fails("none", "");
    let chain = "[{ agent: broken }, { agent: shout }]";
    let built_in = bench(chain, "", "");
    built_in.session(&tasks, "out").expect(3);
    let report = built_in.report("out");
    let shouted = (json!("degraded"), json!("agent:shout"), json!("X"));
    assert_eq!(
        (end(&report, "part"), end(&report, "none")),
        (shouted.clone(), shouted.clone())
    );
    // It keeps the partial result rather than ask another agent.
    let bench = salvage(chain, "");
    bench.session(&tasks, "out").expect(3);
    let report = bench.report("out");
    assert_eq!(
        end(&report, "part"),
        (json!("degraded"), Value::Null, Value::Null)
    );
    assert_eq!(report.task("part")["partial"]["inline"], r#"{"echo":"x"}"#);
    assert_eq!(
        lines(report.task("part")),
        [("degradation", "keep-partial: 12 bytes of partial result")]
    );
    assert_eq!(end(&report, "none"), shouted);
    let [first, gave_nothing, second] = &lines(report.task("none"))[..] else {
        panic!("{}", report.task("none"))
    };
    assert_eq!(
        *first,
        (
            "degradation",
            "fall-back agent:broken: `agent:broken` is the first fallback"
        )
    );
    assert!(
        gave_nothing.1.starts_with("agent:broken: ") && gave_nothing.1.contains("trap.panic"),
        "{gave_nothing:?}"
    );
    assert_eq!(
        *second,
        (
            "degradation",
            "fall-back agent:shout: `agent:shout` is the first fallback"
        )
    );
    assert_eq!(report.0["policies"], json!([]));
}

#[test]
fn a_policy_ends_a_session_that_is_lost_and_it_can_be_gone_on_with() {
    let bench = salvage("[]", "max_failed_percent: 0");
    let tasks = fails("a", "")
        + &fails("b", "").replace(
            "input:",
            "after: [{ task: a, on_failure: run-degraded }, well], input:",
        )
        + "- { id: well, agent: shout, input: { text: kept } }\n\
           - { id: sleeps, agent: chaos, settings: { mode: sleep, ms: 3600000 }, input: { text: x } }\n\
           - { id: never, agent: shout, after: [sleeps], input: { text: x } }\n";
    let ended = bench.session(&tasks, "out").expect(1);
    let said = "fails-session: fail-session: 1 of 5 tasks have failed, more than 0 %";
    assert!(ended.stdout.contains(said), "{}", ended.stdout);
    assert!(
        ended.stderr.contains("its degradation policy ended it at task b"),
        "{}",
        ended.stderr
    );
    let report = bench.report("out");
    assert_eq!(report.0["session"]["status"], "failed");
    let status = |id: &str| {
        (
            report.task(id)["status"].clone(),
            report.task(id)["reason"].clone(),
        )
    };
    assert_eq!(status("a"), (json!("failed"), json!("non-retryable")));
    assert_eq!(status("b"), (json!("failed"), json!("fails-session")));
    assert_eq!(report.task("well")["output"]["inline"], "KEPT");
    assert_eq!(status("sleeps"), (json!("cancelled"), json!("cancelled")));
    assert_eq!(status("never"), (json!("cancelled"), json!("cancelled")));
    let message = report.task("sleeps")["failure"]["message"].as_str().unwrap();
    assert!(message.contains("degradation policy"), "{message}");
    // What did not come to its end does, without what failed.
    let quick = "--set=agents.chaos.limits.deadline=100ms";
    bench.fusebox(&["resume", "out", quick]).expect(1);
    let report = bench.report("out");
    assert_eq!(report.task("sleeps")["failure"]["code"], "limit.deadline");
    assert_eq!(report.task("a")["attempts"].as_array().unwrap().len(), 1);
}

#[test]
fn a_session_that_its_policy_ended_keeps_the_partial_result_of_the_last_task() {
    let bench = bench_of("[value]", &fail_session());
    bench.session(&fails("a", ", partial: true"), "out").expect(1);
    let report = bench.report("out");
    assert_eq!(report.0["session"]["status"], "failed");
    assert_eq!(report.task("a")["partial"]["inline"], r#"{"echo":"x"}"#);
}

#[test]
fn a_policy_takes_the_links_in_its_own_order_and_each_once() {
    let bench = bench_of(
        "[value, { agent: broken }, { agent: shout }, skip, { agent: shout }]",
        &last_fallback(),
    );
    let tasks = fails("a", "").replace(", fallback: { text: mine }", "");
    bench.session(&tasks, "out").expect(3);
    let report = bench.report("out");
    assert_eq!(end(&report, "a").1, "agent:shout");
    assert_eq!(
        lines(report.task("a")),
        [("degradation", "fall-back agent:shout: mist")]
    );
    let bench = bench_of("[value, { agent: broken }]", &last_fallback());
    bench.session(&tasks, "out").expect(1);
    let report = bench.report("out");
    let decided: Vec<_> = lines(report.task("a"))
        .into_iter()
        .filter(|(key, _)| *key == "degradation")
        .map(|(_, line)| line)
        .collect();
    assert_eq!(
        decided,
        [
            "fall-back agent:broken: mist",
            "fall-back value: mist",
            "skip: mist"
        ]
    );
    assert_eq!(report.0["policies"], json!([]));
}

#[test]
fn what_the_plugin_handed_in_is_among_the_fallbacks() {
    let bench = bench_of("[]", &last_fallback());
    let tasks = fails("a", ", fallback: instead") + &fails("b", "");
    bench.session(&tasks, "out").expect(3);
    let report = bench.report("out");
    assert_eq!(
        end(&report, "a"),
        (json!("degraded"), json!("value"), json!(r#"{"echo":"instead"}"#))
    );
    assert_eq!(end(&report, "b").0, "failed");
}

#[test]
fn a_task_that_a_policy_lets_fail_has_nothing_and_what_depends_on_it_is_skipped() {
    let bench = bench_of("[value]", &skip());
    let tasks = fails("a", ", partial: true")
        + "- { id: b, agent: shout, after: [a], input: { text: x } }\n\
           - { id: c, agent: shout, after: [{ task: a, on_failure: run-degraded }], input: { text: x } }\n";
    bench.session(&tasks, "out").expect(3);
    let report = bench.report("out");
    assert_eq!(end(&report, "a"), (json!("failed"), Value::Null, Value::Null));
    assert_eq!(
        report.task("a").get("partial").cloned().unwrap_or_default(),
        Value::Null
    );
    let context = report.task("a")["failure"]["context"].as_array().unwrap();
    assert!(
        context.contains(&json!(["partial", "12 bytes of partial result were not kept"])),
        "{context:?}"
    );
    assert_eq!(
        (end(&report, "b").0, end(&report, "c").0),
        (json!("skipped"), json!("succeeded"))
    );
}

/// The webhook's request was refused, and it may not be run twice.
#[test]
fn a_policy_cannot_have_a_task_run_that_may_have_had_its_effect() {
    let bench = bench_of("[]", &last_fallback());
    bench
        .session("- { id: a, agent: webhook, input: { text: x } }\n", "out")
        .expect(1);
    let report = bench.report("out");
    assert_eq!(report.task("a")["attempts"].as_array().unwrap().len(), 1);
    assert_eq!(
        lines(report.task("a")),
        [
            ("degradation", "fall-back agent:shout: mist"),
            (
                "fallback",
                "agent:shout: not run: the task may have had its effect, and it is not idempotent"
            ),
            ("degradation", "skip: mist")
        ]
    );
}

/// It traps unless it is told what is true.
#[test]
fn a_policy_is_told_how_the_task_and_the_session_stand() {
    let expected = [
        (ATTEMPTS, 2),
        (REQUIRED, 1),
        (PARTIAL, 1),
        (PARTIAL_BYTES, 12),
        (FALLBACKS, 1),
        (DEPENDANTS, 2),
        (SUCCEEDED, 1),
        (FAILED, 2),
        (TOTAL, 7),
    ];
    let is_so = |(offset, value): (u32, u32)| {
        // Two of them are bytes.
        let load = match offset {
            REQUIRED | PARTIAL => format!("(i32.load8_u offset={offset} (local.get $snapshot))"),
            _ => field(offset),
        };
        format!("(if (i32.ne {load} (i32.const {value})) (then unreachable))")
    };
    let asked: String = expected.into_iter().map(is_so).collect();
    // The task that is lost before leaves no partial result.
    let body = format!(
        "(if (i32.load8_u offset={PARTIAL} (local.get $snapshot)) (then {asked}) (else {}))",
        skip()
    );
    let bench = bench_of("[value]", &body);
    let tasks = "- { id: well, agent: shout, input: { text: x } }\n\
        - { id: lost, agent: chaos, after: [well], settings: { mode: error }, input: { text: x } }\n\
        - { id: skipped, agent: shout, after: [lost], input: { text: x } }\n\
        - { id: told, agent: chaos, required: true, after: [well, { task: skipped, on_failure: run-degraded }], \
          settings: { mode: flaky, failures: 9, partial: true }, input: { text: x } }\n\
        - { id: one, agent: shout, after: [told, told], input: { text: x } }\n\
        - { id: two, agent: shout, after: [told], input: { text: x } }\n\
        - { id: last, agent: shout, after: [one, two], input: { text: x } }\n";
    bench.session(tasks, "out").expect(3);
    let report = bench.report("out");
    assert_eq!(report.0["policies"], json!([]));
    assert_eq!(lines(report.task("told")), [("degradation", "keep-partial")]);
}

/// Spins, traps, chooses what is not there, hands back a gigabyte, or more than
/// it may keep: the built-in order holds, and the report says which policy was
/// put aside.
#[test]
fn a_policy_that_misbehaves_is_put_aside_and_the_session_is_unharmed() {
    let keep = |bytes: &str| {
        format!(
            "{} (i32.store8 (i32.const 1040) (i32.const 1)) (i32.store (i32.const 1044) (i32.const 0))
             (i32.store (i32.const 1048) (i32.const {bytes}))",
            skip()
        )
    };
    let rows = [
        // The clock ends it first where the machine is busy.
        ("(loop (br 0))".to_owned(), "limit.fuel|limit.deadline"),
        ("(unreachable)".to_owned(), "trap.unreachable"),
        (String::new(), "a partial result, and there is none"),
        (
            fall_back("(i32.const 1)"),
            "fallback 1, counted from 0, of 1, and said: mist",
        ),
        (fall_back("(i32.const -1)"), "fallback 4294967295"),
        (decide(9, "(i32.const 0)"), "trap.contract"),
        (keep("0x40000000"), "trap.contract"),
        (keep("5000"), "5000 bytes, 4096 are the limit"),
        (
            "(drop (memory.grow (i32.const 10000)))".to_owned(),
            "limit.memory",
        ),
    ];
    for (body, message) in rows {
        let bench = bench_of("[value]", &body);
        let tasks: String = (0..4).map(|n| fails(&format!("t{n}"), "")).collect();
        bench.session(&tasks, "out").expect(3);
        let report = bench.report("out");
        for n in 0..4 {
            let stood_in = (json!("degraded"), json!("value"), json!("mine"));
            assert_eq!(end(&report, &format!("t{n}")), stood_in, "{body}");
        }
        let [entry] = &report.0["policies"].as_array().unwrap()[..] else {
            panic!("{body}: {}", report.0["policies"])
        };
        assert_eq!(
            (&entry["about"], &entry["put_aside"]),
            (&json!("chaos"), &json!(true)),
            "{body}"
        );
        let said = entry["message"].as_str().unwrap();
        assert!(
            message.split('|').any(|message| said.contains(message)),
            "{body}: {said}"
        );
    }
}

#[test]
fn a_partial_result_that_may_not_be_kept_is_none_to_a_policy() {
    let bench = bench_of("[value]", "");
    let config = std::fs::read_to_string(bench.path("fusebox.yaml")).unwrap();
    let config = config.replacen(
        "degradation: { fallback",
        "degradation: { keep_partial: false, fallback",
        1,
    );
    bench.write("fusebox.yaml", config);
    bench.session(&fails("a", ", partial: true"), "out").expect(3);
    let report = bench.report("out");
    assert_eq!(end(&report, "a").1, "value");
    let said = report.0["policies"][0]["message"].as_str().unwrap();
    assert!(said.contains("there is none"), "{said}");
}

/// Waits until a task waits for its next attempt.
fn until_it_waits(bench: &Bench, child: &mut Child, task: &str) {
    loop {
        let ended = bench.fusebox(&["status", "out", "--task", task, "--format", "json"]);
        let waits = || {
            let status: Value = serde_json::from_str(&ended.stdout).unwrap();
            status["state"] == "waiting"
        };
        if ended.code == Some(0) && waits() {
            return;
        }
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
    }
}

/// The second task waits for its next attempt while the file is replaced; what
/// it comes to is the new policy's to say.
#[test]
fn a_swap_during_a_session_changes_the_next_decision() {
    let bench = bench_of("[value]", &skip());
    let config = std::fs::read_to_string(bench.path("fusebox.yaml")).unwrap();
    bench.write(
        "fusebox.yaml",
        config.replacen("base: 1ms", "strategy: fixed, jitter: none, base: 4s", 1),
    );
    let tasks = fails("old", "")
        + "- { id: new, agent: chaos, after: [{ task: old, on_failure: run-degraded }], \
           settings: { mode: flaky, failures: 9 }, input: { text: x }, fallback: { text: mine } }\n";
    bench.write("session.yaml", format!("session: test\ntasks:\n{tasks}"));
    let mut child = bench
        .command(&["run", "session.yaml", "--out", "out"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until_it_waits(&bench, &mut child, "new");
    bench.write("new.wasm", policy(&fall_back("(i32.const 0)")));
    std::fs::rename(bench.path("new.wasm"), bench.path("policy.wasm")).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3));
    let report = bench.report("out");
    assert_eq!(lines(report.task("old")), [("degradation", "skip: mist")]);
    assert_eq!(
        lines(report.task("new")),
        [("degradation", "fall-back value: mist")]
    );
    let change = report.0["reloads"][0]["changes"][0].as_str().unwrap();
    assert!(
        change.contains("policy.wasm: its file has another content"),
        "{change}"
    );
}

#[test]
fn check_says_which_rules_a_policy_keeps() {
    let bench = Bench::with_config("{}");
    bench.write("bad.wasm", policy(&fall_back("(i32.const 7)")));
    let good = plugin("salvage").display().to_string();
    let said = bench.fusebox(&["policy", "check", &good]).expect(0).stdout;
    assert_eq!(said.matches("ok  ").count(), 3, "{said}");
    let said = bench.fusebox(&["policy", "check", "bad.wasm"]).expect(1).stdout;
    assert!(
        said.contains("FAIL  it chooses among what there is") && said.contains("fallback 7"),
        "{said}"
    );
}

#[test]
fn simulate_prints_what_would_be_tried_until_the_session_is_given_up() {
    let bench = Bench::with_config("{}");
    let salvage = plugin("salvage").display().to_string();
    let simulate = |arguments: &[&str]| {
        let all = [&["policy", "simulate", "--format", "json"], arguments].concat();
        let steps: Vec<Value> = serde_json::from_str(&bench.fusebox(&all).expect(0).stdout).unwrap();
        let decisions = |step: &Value| -> Vec<String> {
            let choices = step["choices"].as_array().unwrap().iter();
            choices
                .map(|choice| choice["decision"].as_str().unwrap().to_owned())
                .collect()
        };
        steps.iter().map(decisions).collect::<Vec<_>>()
    };
    let chain = ["--fallback", "agent:other,value"];
    let steps = simulate(&[&[salvage.as_str(), "--tasks", "4"], &chain[..]].concat());
    let tried = ["fall-back agent:other", "fall-back value", "skip"];
    assert_eq!(steps[..3], [tried, tried, tried]);
    assert_eq!(steps[3], ["fail-session"]);
    let kept = simulate(&[
        salvage.as_str(),
        "--partial",
        "1",
        "--failures",
        "limit.fuel,trap.panic",
    ]);
    assert_eq!(kept, [["keep-partial"], ["keep-partial"]]);
    let built_in = simulate(&[&["--kind", "degradation", "--partial", "1"], &chain[..]].concat());
    assert_eq!(built_in, [["fall-back agent:other", "keep-partial"]]);
    bench.write("bad.wasm", policy("(unreachable)"));
    let said = bench
        .fusebox(&["policy", "simulate", "bad.wasm"])
        .expect(0)
        .stdout;
    assert!(said.contains("the policy failed to decide"), "{said}");
    let wrong = bench
        .fusebox(&["policy", "simulate", &salvage, "--fallback", "instanse"])
        .expect(2);
    assert!(wrong.stderr.contains("`instanse` is no link"), "{}", wrong.stderr);
    let unheard = ["policy", "simulate", "--kind", "degradation", "--settings", "{}"];
    let refused = bench.fusebox(&unheard).expect(2).stderr;
    assert!(refused.contains("the built-in policy takes none"), "{refused}");
}

#[test]
fn simulate_takes_chain_policy_and_settings_of_an_agent() {
    let bench = salvage("[{ agent: shout }]", "max_failed_percent: 100");
    let arguments = [
        "policy",
        "simulate",
        "--kind",
        "degradation",
        "--agent",
        "chaos",
        "--tasks",
        "2",
    ];
    let said = bench.fusebox(&arguments).expect(0).stdout;
    assert_eq!(said.matches("fall-back agent:shout").count(), 2, "{said}");
    assert!(said.contains("salvage.wasm"), "{said}");
}
