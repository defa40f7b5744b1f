//! What a policy would decide about a row of failures.

use std::sync::Arc;
use std::time::Duration;

use fusebox_events::Event;
use fusebox_resilience::{Facts, RetryRules, RetryState, Verdict};
use fusebox_runtime::gateway::meanings;
use fusebox_runtime::plugin::PolicyUse;
use fusebox_runtime::policies::{PastAttempt, RetryQuestion};
use fusebox_runtime::policy_memory::PolicyMemory;
use fusebox_runtime::sandbox::Retry;
use fusebox_types::InstanceId;
use fusebox_types::failure::Failure;

/// The most attempts that are simulated.
const MOST: u32 = 1000;

/// What is to happen.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The rules that the policy decides within.
    pub rules: RetryRules,
    /// What the attempts end with, in order; the last goes on for ever.
    pub failures: Vec<Arc<Failure>>,
    /// For everything that is left to chance.
    pub seed: u64,
    /// Whether running the task twice does no harm.
    pub idempotent: bool,
    /// Retries that the agent has left at the start.
    pub budget: u64,
}

/// One failed attempt and what was decided about it.
#[derive(Debug, Clone)]
pub struct Step {
    /// The attempt's number, from 1.
    pub attempt: u32,
    /// What it ended with.
    pub failure: Arc<Failure>,
    /// All waits before it.
    pub elapsed: Duration,
    /// What was decided.
    pub verdict: Verdict,
    /// What the policy said about it.
    pub reason: Option<String>,
    /// How the policy failed to decide, if it did; the built-in one decided.
    pub strike: Option<String>,
}

/// Runs through the failures until the policy gives up, without waiting.
/// Without a policy the built-in one decides.
pub(crate) async fn simulate(policy: Option<PolicyUse<Retry>>, scenario: &Scenario) -> Vec<Step> {
    let memory = PolicyMemory::default();
    let mut simulated = SimulatedTask {
        state: RetryState::begun(Duration::ZERO),
        elapsed: Duration::ZERO,
        history: Vec::new(),
    };
    let mut steps = Vec::new();
    while simulated.state.tries() <= MOST {
        let attempt = simulated.state.tries();
        let at = usize::try_from(attempt - 1).unwrap_or(usize::MAX);
        let Some(failure) = scenario.failures.get(at).or(scenario.failures.last()).cloned() else {
            break;
        };
        let question = simulated.question(policy.as_ref(), scenario, &failure);
        let (decided, strike) = question.decide(Some(&memory)).await;
        let strike = match strike {
            Some(Event::PolicyStrike { message, .. }) => Some(message),
            _ => None,
        };
        steps.push(Step {
            attempt,
            failure: failure.clone(),
            elapsed: simulated.elapsed,
            verdict: decided.verdict,
            reason: decided.reason,
            strike,
        });
        match decided.verdict {
            Verdict::Again(wait) => simulated.wait(failure, wait),
            Verdict::GiveUp(_) => break,
        }
    }
    steps
}

/// What has happened so far.
struct SimulatedTask {
    state: RetryState,
    elapsed: Duration,
    history: Vec<PastAttempt>,
}

impl SimulatedTask {
    fn question<'a>(
        &'a self,
        policy: Option<&'a PolicyUse<Retry>>,
        scenario: &'a Scenario,
        failure: &'a Failure,
    ) -> RetryQuestion<'a> {
        let attempt = self.state.tries();
        let facts = Facts {
            now: self.elapsed,
            remaining: None,
            idempotent: scenario.idempotent,
            random: fusebox_resilience::random(scenario.seed, 0, attempt),
            meanings: meanings(),
        };
        RetryQuestion {
            agent: "rehearsal",
            instance: InstanceId::new("rehearsal"),
            rules: &scenario.rules,
            policy,
            snapshot: self.state.snapshot(failure, &facts),
            history: &self.history,
            budget_left: scenario.budget.saturating_sub(u64::from(attempt - 1)),
            now: self.elapsed,
            random: facts.random,
        }
    }

    fn wait(&mut self, failure: Arc<Failure>, wait: Duration) {
        PastAttempt {
            number: self.state.tries(),
            failure,
            at: self.elapsed,
            delay_before: self.state.previous_delay(),
        }
        .remember_in(&mut self.history);
        self.elapsed = self.elapsed.saturating_add(wait);
        self.state.go_on(wait);
    }
}
