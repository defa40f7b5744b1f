//! Every code of a failure is brought about, and what happens is what
//! `fusebox explain` says of it, column by column.
//!
//! A new code needs a driver in one of the modules below: what brings it about.

mod guests;
mod host;
mod refused;
mod scene;
mod upstreams;

use std::collections::BTreeSet;

use fusebox::failure::Code;
use serde_json::{Value, json};

use crate::support::{Bench, Report};
use refused::Refusal;
use scene::{Again, Aim, Scene};

/// What brings a code about.
struct Driver {
    code: &'static str,
    way: Way,
}

/// How it does.
enum Way {
    /// The task `t` of a session ends with it.
    Task(fn() -> Scene),
    /// So does the task `t` of a session that something is done to.
    Live(fn() -> Report),
    /// The program refuses to go on.
    Refused(fn() -> Refusal),
    /// Nothing that a test could do, and why.
    Nothing(&'static str),
}

fn drivers() -> Vec<Driver> {
    let families = [
        guests::traps(),
        guests::limits(),
        guests::values(),
        guests::files(),
        upstreams::ways(),
        upstreams::answers(),
        upstreams::denials(),
        upstreams::back_pressure(),
        refused::inputs(),
        refused::plugins(),
        host::drivers(),
    ];
    families.into_iter().flatten().collect()
}

#[test]
fn every_code_has_a_driver() {
    let driven: Vec<_> = drivers().iter().map(|driver| driver.code.to_owned()).collect();
    let once: BTreeSet<_> = driven.iter().cloned().collect();
    assert_eq!(once.len(), driven.len(), "a code with two drivers");
    let mut all: BTreeSet<_> = Code::ALL.iter().map(ToString::to_string).collect();
    all.insert(guests::OWN.into());
    assert_eq!(once, all);
    let without: Vec<_> = drivers()
        .into_iter()
        .filter_map(|driver| match driver.way {
            Way::Nothing(why) => Some((driver.code, why)),
            _ => None,
        })
        .collect();
    for (code, why) in &without {
        println!("{code} is not driven: {why}");
    }
    assert!(without.len() <= 4, "{without:?}");
}

#[test]
fn a_task_that_a_trap_ends_is_treated_as_explained() {
    drive(guests::traps());
}

#[test]
fn a_task_that_a_limit_ends_is_treated_as_explained() {
    drive(guests::limits());
}

#[test]
fn a_task_whose_values_are_not_right_is_treated_as_explained() {
    drive(guests::values());
}

#[test]
fn a_task_that_does_with_files_what_it_may_not_is_treated_as_explained() {
    drive(guests::files());
}

#[test]
fn a_task_whose_upstream_cannot_be_reached_is_treated_as_explained() {
    drive(upstreams::ways());
}

#[test]
fn a_task_whose_upstream_refuses_is_treated_as_explained() {
    drive(upstreams::answers());
}

#[test]
fn a_task_whose_request_is_denied_is_treated_as_explained() {
    drive(upstreams::denials());
}

#[test]
fn a_task_for_which_there_is_no_room_is_treated_as_explained() {
    drive(upstreams::back_pressure());
}

#[test]
fn what_cannot_be_read_is_refused_with_its_code() {
    drive(refused::inputs());
}

#[test]
fn a_plugin_that_cannot_be_used_is_refused_with_its_code() {
    drive(refused::plugins());
}

#[test]
fn what_the_host_fails_in_is_treated_as_explained() {
    drive(host::drivers());
}

/// All of them, before it says of which what happened is not what is explained.
fn drive(drivers: Vec<Driver>) {
    let wrong: Vec<String> = drivers
        .into_iter()
        .flat_map(|driver| match driver.way {
            Way::Task(scene) => compared(driver.code, &scene()),
            Way::Live(happened) => as_a_task(driver.code, &happened()),
            Way::Refused(refusal) => refusal().compared(driver.code),
            Way::Nothing(_) => Vec::new(),
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the program says of a code.
fn explained(code: &str) -> Value {
    let bench = Bench::with_config("{}");
    let told = bench.fusebox(&["explain", code, "--format", "json"]).expect(0);
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    told[0].clone()
}

/// What of a session is not what is explained of the code.
fn compared(code: &str, scene: &Scene) -> Vec<String> {
    let counted = scene.run(Aim::Counted);
    let mut wrong = as_a_task(code, &counted);
    wrong.extend(counts(code, scene, &counted));
    wrong.extend(tries(code, scene, &scene.run(Aim::Tried)));
    wrong.extend(payment(code, scene, &scene.run(Aim::Paid)));
    wrong
}

/// A line for what is not as it should be.
fn unless_same(code: &str, what: &str, found: &Value, expected: &Value) -> Option<String> {
    (found != expected).then(|| format!("{code}: {what} is {found}, explained is {expected}"))
}

/// What a task's failure itself says.
fn as_a_task(code: &str, report: &Report) -> Vec<String> {
    let (explained, failure) = (explained(code), &report.task("t")["failure"]);
    let columns = ["code", "category", "severity", "blame", "retryable"];
    let wrong = columns.map(|name| unless_same(code, name, &failure[name], &explained[name]));
    let mut wrong: Vec<_> = wrong.into_iter().flatten().collect();
    if !wrong.is_empty() {
        wrong.push(format!("  {failure}"));
    }
    wrong
}

/// Strikes, and failures on the breakers, of one attempt.
fn counts(code: &str, scene: &Scene, report: &Report) -> Vec<String> {
    let explained = explained(code);
    let number = |column: &str| u64::from(explained[column].as_bool().unwrap());
    let instances = report.0["instances"].as_array().unwrap();
    let of_it = instances.iter().find(|instance| instance["agent"] == "a");
    let strikes = of_it.map_or(json!(0), |instance| instance["strikes"].clone());
    let failures = |key: &str| {
        let breakers = report.0["breakers"].as_array().unwrap();
        let of_it = breakers.iter().find(|breaker| breaker["key"] == key);
        of_it.map_or(json!(0), |breaker| {
            breaker["counts"]["consecutive_failures"].clone()
        })
    };
    let upstream = number("upstream_breaker") + scene.failures_before;
    let columns = [
        ("strikes", strikes, number("strike")),
        (
            "failures on the agent's breaker",
            failures("agent:a"),
            number("agent_breaker"),
        ),
        (
            "failures on the upstream's breaker",
            failures("upstream:api"),
            upstream,
        ),
    ];
    let wrong = columns.map(|(what, found, expected)| unless_same(code, what, &found, &json!(expected)));
    wrong.into_iter().flatten().collect()
}

/// How many attempts of three were made, and why no more.
fn attempts(report: &Report) -> Value {
    let task = report.task("t");
    json!([task["attempts"].as_array().unwrap().len(), task["reason"]])
}

/// Why nothing is tried again where it is of no use before the session is over.
const AT_NO_TIME: [&str; 4] = ["breaker-open", "held", "not-before", "non-retryable"];

/// By the built-in policy: three attempts, or one.
fn tries(code: &str, scene: &Scene, report: &Report) -> Vec<String> {
    let found = attempts(report);
    let expected = match (&scene.again, &explained(code)["retryable"]) {
        (Again::BeforeAnyAttempt, _) => json!([0, "non-retryable"]),
        (Again::AtATime, _) if AT_NO_TIME.contains(&found[1].as_str().unwrap()) => return Vec::new(),
        (Again::AtATime, _) => json!(AT_NO_TIME),
        // Its plugin is idempotent, so where nobody knows it is tried.
        (Again::AsExplained, Value::Null | Value::Bool(true)) => json!([3, "attempts"]),
        (Again::AsExplained, _) => json!([1, "non-retryable"]),
    };
    unless_same(code, "attempts", &found, &expected)
        .into_iter()
        .collect()
}

/// By a policy that always tries again, while there is one retry to be paid.
fn payment(code: &str, scene: &Scene, report: &Report) -> Vec<String> {
    let found = attempts(report);
    let expected = match (&scene.again, &explained(code)["budget"]) {
        (Again::BeforeAnyAttempt, _) => json!([0, "non-retryable"]),
        // No policy undercuts a time that is asked for.
        (Again::AtATime, _) if AT_NO_TIME.contains(&found[1].as_str().unwrap()) => return Vec::new(),
        (Again::AtATime, _) => json!(AT_NO_TIME),
        (_, Value::Bool(true)) => json!([2, "budget"]),
        _ => json!([3, "attempts"]),
    };
    unless_same(code, "attempts of one paid retry", &found, &expected)
        .into_iter()
        .collect()
}
