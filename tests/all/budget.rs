//! Retries are bounded together, whatever each task may do by itself.

use serde_json::Value;

use crate::support::{Bench, Report, plugin};

/// Retries without a budget would be three for each task. None of these agents sends
/// anything: each has a retry for each first attempt, and a reserve.
fn bench(agents: &[&str]) -> Bench {
    let agent = |name: &&str| {
        format!(
            "  {name}: {{ plugin: {:?}, retry: {{ base: 1ms }}, breaker: {{ mode: \"off\" }} }}\n",
            plugin("chaos")
        )
    };
    let agents: String = agents.iter().map(agent).collect();
    Bench::with_config(&format!("agents:\n{agents}"))
}

fn tasks(agent: &str, count: usize, failures: u32) -> String {
    (0..count)
        .map(|n| {
            format!(
                "- {{ id: {agent}-{n}, agent: {agent}, settings: {{ mode: flaky, failures: {failures} }}, input: {{ text: x }} }}\n"
            )
        })
        .collect()
}

/// Of an agent's tasks: the attempts, and how many ended for this reason.
fn attempts(report: &Report, agent: &str, reason: &str) -> (usize, usize) {
    let tasks = || report.tasks().iter().filter(|task| task["agent"] == agent);
    let attempts = tasks().map(|task| task["attempts"].as_array().map_or(0, Vec::len));
    (
        attempts.sum(),
        tasks().filter(|task| task["reason"] == reason).count(),
    )
}

#[test]
fn a_total_outage_with_1000_tasks_stays_under_the_bound_of_the_budget() {
    let bench = bench(&["down"]);
    bench.session(&tasks("down", 1_000, 100), "out").expect(1);
    let report = bench.report("out");
    let (made, out_of_budget) = attempts(&report, "down", "budget");
    assert!(made <= 2 * 1_000 + 10, "{made} attempts");
    assert!(made >= 1_900, "{made} attempts: what is allowed was not used");
    let (_, all_made) = attempts(&report, "down", "attempts");
    assert_eq!(out_of_budget + all_made, 1_000);
    assert_eq!(report.0["counts"]["failed"], 1_000);
}

/// A retry for each, though none earns one before it fails: nobody outside pays.
#[test]
fn an_agent_whose_every_first_attempt_fails_before_sending() {
    let bench = bench(&["stumbles"]);
    bench.session(&tasks("stumbles", 200, 1), "out").expect(0);
    let report = bench.report("out");
    assert_eq!(report.0["counts"]["succeeded"], 200);
    assert_eq!(attempts(&report, "stumbles", "budget"), (400, 0));
}

#[test]
fn one_that_fails_on_purpose_cannot_spend_its_neighbours_share() {
    let bench = bench(&["greedy", "honest"]);
    let both = tasks("greedy", 400, 100) + &tasks("honest", 40, 1);
    bench.session(&both, "out").expect(3);
    let report = bench.report("out");
    let (made, out_of_budget) = attempts(&report, "greedy", "budget");
    assert!(
        made <= 2 * 400 + 10 && out_of_budget > 0,
        "{made} {out_of_budget}"
    );
    assert_eq!(attempts(&report, "honest", "budget"), (80, 0));
    let honest = |task: &&Value| task["agent"] == "honest";
    for task in report.tasks().iter().filter(honest) {
        assert_eq!(task["status"], "succeeded", "{}", task["id"]);
    }
}
