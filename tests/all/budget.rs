//! Retries are bounded together, whatever each task may do by itself.

use serde_json::Value;

use crate::support::{Bench, Report, plugin};

/// Retries without a budget would be two for each task.
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

/// The bound: first attempts, the reserve, and a share of first attempts.
#[test]
fn a_total_outage_with_1000_tasks_stays_under_the_bound_of_the_budget() {
    let bench = bench(&["down"]);
    bench.session(&tasks("down", 1_000, 100), "out").expect(1);
    let report = bench.report("out");
    let (made, out_of_budget) = attempts(&report, "down", "budget");
    assert!(made <= 1_000 + 100 + 200, "{made} attempts");
    assert!(
        made >= 1_000 + 100,
        "{made} attempts: what is allowed was not used"
    );
    let (_, all_made) = attempts(&report, "down", "attempts");
    assert!(out_of_budget >= 700, "{out_of_budget}");
    assert_eq!(out_of_budget + all_made, 1_000);
    assert_eq!(report.0["counts"]["failed"], 1_000);
}

/// Good tasks save up no more than the cap, however many there are.
#[test]
fn a_calm_does_not_pay_for_an_outage() {
    let bench = bench(&["calm"]);
    let storm = tasks("calm", 300, 100).replace("calm-", "storm-");
    bench
        .session(&(tasks("calm", 1_500, 0) + &storm), "out")
        .expect(3);
    let report = bench.report("out");
    assert_eq!(report.0["counts"]["succeeded"], 1_500);
    let (made, out_of_budget) = attempts(&report, "calm", "budget");
    // The cap, the reserve, and a fifth of the first attempts of the outage and of
    // the good tasks that were under way beside it.
    assert!(made <= 1_500 + 300 + 50 + 100 + 60 + 64 / 5, "{made} attempts");
    assert!(out_of_budget >= 150, "{out_of_budget}");
}

#[test]
fn one_that_fails_on_purpose_cannot_spend_its_neighbours_share() {
    let bench = bench(&["greedy", "honest"]);
    let both = tasks("greedy", 400, 100) + &tasks("honest", 40, 1);
    bench.session(&both, "out").expect(3);
    let report = bench.report("out");
    let (made, out_of_budget) = attempts(&report, "greedy", "budget");
    // Half of the reserve, and a fifth of its own first attempts.
    assert!(
        made <= 400 + 50 + 80 && out_of_budget > 0,
        "{made} {out_of_budget}"
    );
    assert_eq!(attempts(&report, "honest", "budget"), (80, 0));
    let honest = |task: &&Value| task["agent"] == "honest";
    for task in report.tasks().iter().filter(honest) {
        assert_eq!(task["status"], "succeeded", "{}", task["id"]);
    }
}
