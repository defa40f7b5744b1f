//! The circuits of agents that fail on and on, and of services that guests name.

use serde_json::json;

use crate::support::{Bench, Report, plugin};

fn echo(report: &Report, id: &str) -> String {
    let inline = report.task(id)["output"]["inline"].as_str().unwrap();
    let echo: serde_json::Value = serde_json::from_str(inline).unwrap();
    echo["echo"].as_str().unwrap().to_owned()
}

#[test]
fn five_failures_in_a_row_open_the_circuit_of_the_agent_and_refuse_nobody() {
    let bench = Bench::with_config(&format!(
        "session: {{ max_parallel: 1 }}\nagents:\n  chaos: {{ plugin: {:?} }}\n  other: {{ plugin: {:?} }}\n",
        plugin("chaos"),
        plugin("chaos"),
    ));
    let task = |agent: &str, n: u32| {
        format!(
            "- {{ id: {agent}-{n}, agent: {agent}, settings: {{ mode: panic }}, input: {{ text: x }} }}\n"
        )
    };
    let tasks: String = (0..8)
        .map(|n| task("chaos", n))
        .chain((0..4).map(|n| task("other", n)))
        .collect();
    let ended = bench.session(&tasks, "out").expect(1);
    let told = "agent:chaos: open";
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
    let report = bench.report("out");
    for task in report.tasks() {
        assert_eq!(task["failure"]["code"], "trap.panic");
        assert_eq!(task["attempts"].as_array().unwrap().len(), 1);
    }
    let breakers = report.0["breakers"].as_array().unwrap();
    assert_eq!(breakers.len(), 1);
    assert_eq!(breakers[0]["key"], "agent:chaos");
    assert_eq!(breakers[0]["state"], "open");
    assert_eq!(breakers[0]["cause"], "consecutive-failures");
    assert_eq!(breakers[0]["counts"]["consecutive_failures"], 5);
    assert_eq!(breakers[0]["until"], json!(null), "it waits for successes");
}

/// One vote a task: what failed twice and succeeded then is a success.
#[test]
fn attempts_that_failed_on_the_way_to_a_result_open_no_circuit() {
    let bench = Bench::with_config(&format!(
        "agents:\n  chaos:\n    plugin: {:?}\n    retry: {{ strategy: fixed, base: 1ms }}\n    \
         breaker: {{ failure_threshold: 2 }}\n",
        plugin("chaos"),
    ));
    let tasks = "- { id: a, agent: chaos, settings: { mode: flaky, failures: 2 }, input: { text: x } }\n";
    bench.session(tasks, "out").expect(0);
    let report = bench.report("out");
    assert_eq!(report.task("a")["attempts"].as_array().unwrap().len(), 3);
    assert_eq!(report.0["breakers"], json!([]));
}

/// What a guest says of a service moves the breaker of that service of that
/// agent and of nothing else.
#[test]
fn failures_that_a_guest_reports_open_its_own_service_only() {
    let bench = Bench::with_config(&format!(
        "session: {{ max_parallel: 1 }}\nagents:\n  chaos: {{ plugin: {0:?} }}\n  other: {{ plugin: {0:?} }}\n",
        plugin("chaos"),
    ));
    let task = |id: &str, agent: &str, service: &str| {
        format!(
            "- {{ id: {id}, agent: {agent}, settings: {{ mode: service, failures: 7, service: {service} }}, input: {{ text: x }} }}\n"
        )
    };
    let tasks = [
        task("first", "chaos", "glm"),
        task("second", "chaos", "glm"),
        task("elsewhere", "chaos", "mail"),
        task("neighbour", "other", "glm"),
    ];
    bench.session(&tasks.concat(), "out").expect(0);
    let report = bench.report("out");
    let said = |id: &str| echo(&report, id);
    assert_eq!(said("first"), "5 of 7 calls of glm were let through");
    assert_eq!(said("second"), "0 of 7 calls of glm were let through");
    assert_eq!(said("elsewhere"), "5 of 7 calls of mail were let through");
    assert_eq!(said("neighbour"), "5 of 7 calls of glm were let through");
    let breakers = report.0["breakers"].as_array().unwrap();
    let keys: Vec<_> = breakers
        .iter()
        .map(|breaker| breaker["key"].as_str().unwrap())
        .collect();
    assert_eq!(
        keys,
        ["service:chaos/glm", "service:chaos/mail", "service:other/glm"]
    );
}

#[test]
fn an_agent_names_sixteen_services_and_no_more() {
    let bench = Bench::with_config(&format!(
        "session: {{ max_parallel: 1 }}\nagents:\n  chaos: {{ plugin: {:?} }}\n",
        plugin("chaos"),
    ));
    let task = |n: u32| {
        format!(
            "- {{ id: t{n}, agent: chaos, settings: {{ mode: service, failures: 1, service: s{n} }}, input: {{ text: x }} }}\n"
        )
    };
    bench
        .session(&(0..17).map(task).collect::<String>(), "out")
        .expect(0);
    let report = bench.report("out");
    let said = |id: &str| echo(&report, id);
    assert_eq!(said("t15"), "1 of 1 calls of s15 were let through");
    assert_eq!(said("t16"), "0 of 1 calls of s16 were let through");
}
