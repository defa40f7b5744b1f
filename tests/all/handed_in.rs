//! What a guest handed in before it failed is in the task's end, or the end says
//! why it is not: whatever the failure, the settings and the chain of fallbacks.

use std::fs;

use fusebox::journal::{Reader, Record};
use serde_json::{Value, json};

use crate::resume::start_session;
use crate::support::{Bench, Report, plugin};

/// What a guest does after it has handed something in, and whether that succeeds.
const ENDS: [(&str, bool); 9] = [
    ("mode: none", true),
    ("mode: flaky, failures: 1", true),
    ("mode: flaky, failures: 9", false),
    ("mode: error", false),
    ("mode: garbage", false),
    ("mode: panic", false),
    ("mode: recurse", false),
    ("mode: memory", false),
    ("mode: spin", false),
];
/// What it hands in of a result, and whether that is as declared.
const PARTIALS: [(&str, Option<bool>); 3] = [
    ("", None),
    (", partial: true", Some(true)),
    (", partial: true, garbled: true", Some(false)),
];
const FALLBACKS: [&str; 2] = ["", ", fallback: instead"];
const CHAINS: [&str; 6] = [
    "[]",
    "[instance]",
    "[{ agent: shout }]",
    "[{ agent: broken }]",
    "[value]",
    "[skip]",
];

/// One task of all of them.
struct Case {
    id: String,
    agent: String,
    settings: String,
    succeeds: bool,
    partial: Option<bool>,
    fallback: Option<bool>,
    keeps: bool,
    chain: &'static str,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (agent, (chain, keeps)) in agents() {
        for (mode, succeeds) in ENDS {
            for (partial_text, partial) in PARTIALS {
                for fallback_text in FALLBACKS {
                    let well_formed = partial != Some(false);
                    cases.push(Case {
                        id: format!("t{}", cases.len()),
                        agent: agent.clone(),
                        settings: format!("{mode}{partial_text}{fallback_text}"),
                        succeeds,
                        partial,
                        fallback: (!fallback_text.is_empty()).then_some(well_formed),
                        keeps,
                        chain,
                    });
                }
            }
        }
    }
    cases
}

/// An agent for each chain and for each setting of `keep_partial`.
fn agents() -> Vec<(String, (&'static str, bool))> {
    let with = |keeps: bool| CHAINS.into_iter().map(move |chain| (chain, keeps));
    let all = [true, false].into_iter().flat_map(with);
    all.enumerate()
        .map(|(number, of)| (format!("a{number}"), of))
        .collect()
}

/// A plain model: status, who gave the output, and whether there is a part.
fn expected(case: &Case) -> (&'static str, Value, bool) {
    let by = |who: &str| ("degraded", json!(who), false);
    if case.succeeds {
        ("succeeded", Value::Null, false)
    } else if case.chain == "[{ agent: shout }]" {
        by("agent:shout")
    } else if case.keeps && case.partial == Some(true) {
        ("degraded", Value::Null, true)
    } else if case.chain == "[value]" || (case.chain != "[skip]" && case.fallback == Some(true)) {
        by("value")
    } else {
        ("failed", Value::Null, false)
    }
}

fn lines<'a>(task: &'a Value, key: &str) -> Vec<&'a str> {
    let context = task["failure"]["context"].as_array();
    let lines = context.into_iter().flatten().filter(|pair| pair[0] == key);
    lines.map(|pair| pair[1].as_str().unwrap()).collect()
}

#[track_caller]
fn is_as_expected(case: &Case, task: &Value) {
    let about = format!(
        "{} under {}, keeps: {}\n{task:#}",
        case.settings, case.chain, case.keeps
    );
    let (status, by, has_part) = expected(case);
    let by_whom = task.get("fallback").cloned().unwrap_or_default();
    assert_eq!((&task["status"], by_whom), (&json!(status), by), "{about}");
    assert_eq!(!task["partial"].is_null(), has_part, "{about}");
    if case.succeeds {
        return;
    }
    let is_told = |key: &str, what: &str| lines(task, key).iter().any(|line| line.contains(what));
    let part_is_lost = case.partial.is_some() && !has_part;
    assert_eq!(is_told("partial", "not kept"), part_is_lost, "{about}");
    let has_nothing = status == "failed";
    let fallback_is_lost = case.fallback == Some(false) || (case.fallback.is_some() && has_nothing);
    assert_eq!(
        is_told("fallback", "what was handed in"),
        fallback_is_lost,
        "{about}"
    );
}

#[test]
fn what_a_guest_handed_in_is_there_or_a_reason_is_whatever_the_end() {
    let (chaos, shout) = (plugin("chaos"), plugin("shout"));
    let limits = "limits: { fuel: 20000000, memory: 16MiB }";
    let mut config = format!(
        "defaults: {{ retry: {{ max_attempts: 2, base: 1ms, max_delay: 1ms }}, breaker: {{ mode: \"off\" }} }}\n\
         session: {{ retry_budget: {{ reserve: 10000 }} }}\nagents:\n  shout: {{ plugin: {shout:?} }}\n  \
         broken: {{ plugin: {chaos:?}, settings: {{ mode: panic }} }}\n"
    );
    for (name, (chain, keeps)) in agents() {
        config += &format!(
            "  {name}: {{ plugin: {chaos:?}, {limits}, degradation: {{ fallback: {chain}, keep_partial: {keeps} }} }}\n"
        );
    }
    let bench = Bench::with_config(&config);
    let task = |case: &Case| {
        format!(
            "- {{ id: {}, agent: {}, settings: {{ {} }}, input: {{ text: x }}, fallback: {{ text: mine }} }}\n",
            case.id, case.agent, case.settings
        )
    };
    let cases = cases();
    bench
        .session(&cases.iter().map(task).collect::<String>(), "out")
        .expect(3);
    let report = bench.report("out");
    let tasks: std::collections::HashMap<_, _> = report
        .tasks()
        .iter()
        .map(|task| (task["id"].as_str().unwrap(), task))
        .collect();
    for case in &cases {
        is_as_expected(case, tasks[case.id.as_str()]);
    }
}

/// An agent of which nothing else is said, with one task.
fn bench(agent: &str) -> Bench {
    let (chaos, shout) = (plugin("chaos"), plugin("shout"));
    Bench::with_config(&format!(
        "agents:\n  shout: {{ plugin: {shout:?} }}\n  \
         broken: {{ plugin: {chaos:?}, retry: {{ max_attempts: 1 }}, settings: {{ mode: panic, partial: true, fallback: no }} }}\n  \
         a: {{ plugin: {chaos:?}, {agent} }}\n"
    ))
}

const TASK: &str = "- { id: t, agent: a, input: { text: x } }\n";
const PART: &str = r#"{"echo":"x"}"#;

#[track_caller]
fn has_its_part(report: &Report) {
    let task = report.task("t");
    assert_eq!(
        (&task["status"], &task["partial"]["inline"]),
        (&json!("degraded"), &json!(PART)),
        "{task:#}"
    );
}

#[test]
fn a_part_that_was_there_is_kept_when_the_time_is_up_or_the_breaker_refuses_the_next_attempt() {
    for agent in [
        "limits: { deadline: 300ms }, retry: { max_attempts: 1 }, settings: { mode: sleep, ms: 3600000, partial: true }",
        "retry: { base: 1ms }, breaker: { failure_threshold: 1, open_time: 1h, max_open_time: 1h }, settings: { mode: flaky, failures: 9, partial: true }",
    ] {
        let bench = bench(agent);
        bench.session(TASK, "out").expect(3);
        has_its_part(&bench.report("out"));
    }
}

#[test]
fn what_an_agent_that_stands_in_hands_in_is_not_the_tasks_and_the_report_says_so() {
    let bench = bench(
        "retry: { max_attempts: 1 }, settings: { mode: error }, degradation: { fallback: [{ agent: broken }] }",
    );
    bench.session(TASK, "out").expect(1);
    let report = bench.report("out");
    let task = report.task("t");
    assert_eq!(
        (&task["status"], &task["partial"]),
        (&json!("failed"), &Value::Null)
    );
    for key in ["partial", "fallback"] {
        let told = lines(task, key)
            .into_iter()
            .any(|line| line.contains("not kept: it is of agent `broken`, which stood in and failed too"));
        assert!(told, "{key}: {task:#}");
    }
}

/// Runs until the first attempt has failed and waits for the next, and kills the
/// host.
fn killed_between_attempts(bench: &Bench, tasks: &str) {
    let mut child = start_session(bench, tasks);
    let waits = || {
        let mut reader = Reader::open(&bench.path("out/journal")).ok()?;
        let mut records = std::iter::from_fn(|| reader.next_record().unwrap());
        records.find(|record| matches!(record, Record::Retry(_)))
    };
    while waits().is_none() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

fn files(bench: &Bench) -> Vec<String> {
    let files = fs::read_dir(bench.path("out/results")).unwrap();
    files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect()
}

const WAITS: &str = "retry: { strategy: fixed, max_attempts: 2, base: 1h, max_delay: 1h, max_elapsed: 10h, jitter: none }, settings: { mode: flaky, failures: 9, partial: true, fallback: instead }";
/// The next attempt hands nothing in.
const RESUMED: [&str; 5] = [
    "resume",
    "out",
    "--set=agents.a.retry.base=1ms",
    "--set=agents.a.retry.max_delay=1ms",
    "--set=agents.a.settings.partial=false",
];

#[test]
fn what_an_attempt_handed_in_outlives_its_host() {
    let bench = bench(WAITS);
    killed_between_attempts(&bench, TASK);
    bench.fusebox(&RESUMED).expect(3);
    has_its_part(&bench.report("out"));
    assert_eq!(
        bench.report("out").task("t")["attempts"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn a_large_part_outlives_its_host_in_a_file_of_which_nothing_is_left() {
    let bench = bench(WAITS);
    let text = "long ".repeat(4000);
    let task = TASK.replace("text: x", &format!("text: \"{text}\""));
    killed_between_attempts(&bench, &task);
    let [before] = &files(&bench)[..] else {
        panic!("{:?}", files(&bench));
    };
    assert!(before.contains(".handed-in-partial."), "{before}");
    bench.fusebox(&RESUMED).expect(3);
    let report = bench.report("out");
    let path = report.task("t")["partial"]["path"].as_str().unwrap().to_owned();
    let kept: Value = serde_json::from_slice(&fs::read(bench.path("out").join(&path)).unwrap()).unwrap();
    assert_eq!(kept, json!({ "echo": text }));
    assert_eq!(files(&bench), [path.trim_start_matches("results/")]);
}

#[test]
fn a_large_part_that_is_gone_when_its_session_is_resumed_is_told() {
    let bench = bench(WAITS);
    let task = TASK.replace("text: x", &format!("text: \"{}\"", "long ".repeat(4000)));
    killed_between_attempts(&bench, &task);
    let [file] = &files(&bench)[..] else {
        panic!("{:?}", files(&bench));
    };
    fs::write(bench.path("out/results").join(file), "something else").unwrap();
    bench.fusebox(&RESUMED).expect(3);
    let report = bench.report("out");
    let told = lines(report.task("t"), "partial").join("\n");
    assert!(told.starts_with("a partial result was not kept: "), "{told}");
    assert!(told.contains("is not what was kept there"), "{told}");
}

#[test]
fn a_part_stays_until_a_task_that_is_run_again_has_more() {
    let bench = bench("retry: { max_attempts: 1 }, settings: { mode: error, partial: true }");
    bench.session(TASK, "out").expect(3);
    let again = |mode: &str, code: i32| {
        let set = format!("--set=agents.a.settings={{ mode: {mode}, partial: false }}");
        bench
            .fusebox(&["resume", "out", "--retry-failed", &set])
            .expect(code);
        bench.report("out")
    };
    has_its_part(&again("error", 3));
    let report = again("none", 0);
    assert_eq!(
        (&report.task("t")["status"], &report.task("t")["partial"]),
        (&json!("succeeded"), &Value::Null)
    );
}
