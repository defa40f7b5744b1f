//! Waits that a service asks for (`Retry-After` and its relatives) are kept, with
//! the defaults: never undercut, and a task that cannot wait ends with the time.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::played_api::{Answer, PlayedApi};
use crate::support::{Bench, plugin};

const ANSWER: &str = include_str!("../api/glm-answer.json");
const PATH: &str = "/v1/chat/completions";
const TASK: &str = "- { id: f, agent: writer, input: { text: x } }\n";

/// An agent with the defaults, and these settings of its retries.
pub(crate) fn bench(api: &PlayedApi, retry: &str) -> Bench {
    Bench::with_config(&format!(
        "agents:\n  writer:\n    plugin: {:?}\n    settings: {{ url: {:?}, model: m }}\n    \
         grants: {{ upstreams: [api] }}\n    retry: {{ {retry} }}\n\
         upstreams:\n  api: {{ address: {:?}, network: loopback }}\n",
        plugin("llm"),
        api.url(PATH),
        api.origin(),
    ))
}

/// A service that first asks for a wait, then answers.
pub(crate) fn asking(headers: &[(&str, &str)]) -> PlayedApi {
    let throttled = Answer::json(429, "{}");
    let throttled = headers
        .iter()
        .fold(throttled, |answer, (name, value)| answer.header(name, value));
    PlayedApi::start(vec![throttled, Answer::json(200, ANSWER)])
}

/// The wait before the second attempt, in milliseconds.
fn waited(headers: &[(&str, &str)], retry: &str) -> f64 {
    let api = asking(headers);
    let bench = bench(&api, retry);
    bench.session(TASK, "out").expect(0);
    assert_eq!(api.received().len(), 2);
    let report = bench.report("out");
    report.task("f")["attempts"][1]["delay_before_ms"]
        .as_f64()
        .unwrap()
}

/// The time of a field of the report.
#[track_caller]
pub(crate) fn time(value: &Value) -> Timestamp {
    value.as_str().expect("a time").parse().unwrap()
}

/// The session ends at once, and everybody who is told says until when the task is held.
#[track_caller]
fn ends_at_once(seconds: i64, retry: &str) {
    let api = asking(&[("retry-after", &seconds.to_string())]);
    let bench = bench(&api, retry);
    let before = Timestamp::now();
    let ended = bench.session(TASK, "out").expect(75);
    assert_eq!(api.received().len(), 1);
    let report = bench.report("out");
    let task = report.task("f");
    assert_eq!(
        (
            &task["status"],
            &task["reason"],
            task["attempts"].as_array().unwrap().len()
        ),
        (&json!("held"), &json!("held"), 1)
    );
    let not_before = time(&task["not_before"]);
    let asked = before + SignedDuration::from_secs(seconds);
    assert!((asked..asked + SignedDuration::from_secs(60)).contains(&not_before));
    // A person is shown whole seconds.
    let shown = not_before + SignedDuration::from_nanos(999_999_000);
    let shown = shown.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    let told = ended.stdout.contains(&format!("not asked until {shown}"));
    assert!(told, "{shown}: {}", ended.stdout);
    let resume = &report.0["recovery"][0];
    let (action, command) = (resume["action"].as_str(), resume["command"].as_str().unwrap());
    assert_eq!(action, Some("resume"));
    assert!(!command.contains("--retry-failed"), "{command}");
}

#[test]
fn an_hour_ends_the_task_at_once_where_the_limits_do_not_allow_it() {
    ends_at_once(3600, "");
}

#[test]
fn half_a_minute_ends_a_task_at_once_that_has_12_s() {
    ends_at_once(30, "max_elapsed: 12s");
}

#[test]
fn a_wait_is_kept_beyond_max_delay() {
    let waited = waited(&[("retry-after", "1")], "max_delay: 200ms");
    assert!((1000.0..5000.0).contains(&waited), "{waited} ms");
}

#[test]
fn a_fraction_of_a_second_is_kept() {
    let waited = waited(&[("retry-after", "2.5")], "");
    assert!((2500.0..9000.0).contains(&waited), "{waited} ms");
}

#[test]
fn milliseconds_are_kept() {
    let waited = waited(&[("retry-after-ms", "2500")], "");
    assert!((2500.0..9000.0).contains(&waited), "{waited} ms");
}

/// Measured by the service's own clock.
#[test]
fn a_date_with_an_offset_is_kept() {
    let sent = ("date", "Tue, 25 Aug 2026 00:00:00 GMT");
    let waited = waited(&[sent, ("retry-after", "Tue, 25 Aug 2026 00:00:02 +0000")], "");
    assert!((2000.0..9000.0).contains(&waited), "{waited} ms");
}
