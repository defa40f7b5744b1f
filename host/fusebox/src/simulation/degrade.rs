//! What a degradation policy would try in which order, if tasks failed one after
//! the other.

use std::sync::Arc;
use std::time::Duration;

use fusebox_events::Event;
use fusebox_resilience::degradation::{FallbackLink, Left, Ruling, Step};
use fusebox_runtime::plugin::PolicyUse;
use fusebox_runtime::policies::{DegradationDecision, DegradationQuestion, ask};
use fusebox_runtime::policy_memory::{Asked, PolicyMemory};
use fusebox_runtime::sandbox::Degradation;
use fusebox_types::failure::Failure;
use fusebox_types::{Counts, TaskStatus};

/// What is to happen: all tasks of a session fail, and no fallback gives a
/// result.
#[derive(Debug, Clone)]
pub struct DegradationScenario {
    /// The chain of fallbacks.
    pub chain: Vec<FallbackLink>,
    /// What the tasks fail with, in order; the last goes on to the end.
    pub failures: Vec<Arc<Failure>>,
    /// How many tasks there are.
    pub tasks: u32,
    /// How many bytes of partial result each of them leaves; none for no
    /// partial result.
    pub partial_bytes: Option<u64>,
    /// Whether the session cannot do without any of them.
    pub required: bool,
    /// For everything that is left to chance.
    pub seed: u64,
}

/// One failed task and what would be tried in its place.
#[derive(Debug, Clone)]
pub struct DegradationStep {
    /// The task's number, from 1.
    pub task: u32,
    /// What it failed with.
    pub failure: Arc<Failure>,
    /// What is decided, in order; the last one is the end of the task.
    pub choices: Vec<Choice>,
}

/// One decision about a failed task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// `fall-back <link>`, `keep-partial`, `skip` or `fail-session`.
    pub decision: String,
    /// What the policy said about it; none if the built-in order decided.
    pub cause: Option<String>,
    /// How the policy failed to decide, if it did.
    pub strike: Option<String>,
}

/// Runs through the tasks until a policy ends the session, or none is left.
/// Without a policy the built-in order holds.
pub(crate) async fn degrade(
    policy: Option<PolicyUse<Degradation>>,
    scenario: &DegradationScenario,
) -> Vec<DegradationStep> {
    let memory = PolicyMemory::default();
    let mut counts = Counts::of(u64::from(scenario.tasks));
    let last = scenario.failures.last().into_iter().cycle();
    let failures = scenario.failures.iter().chain(last);
    let mut steps = Vec::new();
    for (task, failure) in (1..=scenario.tasks).zip(failures) {
        let mut loss = Loss {
            scenario,
            task,
            failure,
            counts,
            choices: Vec::new(),
        };
        let end = loss.walk(policy.as_ref(), &memory).await;
        steps.push(DegradationStep {
            task,
            failure: failure.clone(),
            choices: loss.choices,
        });
        match end {
            End::Over(status) => counts.add(status, 1),
            End::Session => break,
        }
    }
    steps
}

/// What a task comes to.
enum End {
    Over(TaskStatus),
    Session,
}

/// A task that has failed.
struct Loss<'s> {
    scenario: &'s DegradationScenario,
    task: u32,
    failure: &'s Failure,
    counts: Counts,
    choices: Vec<Choice>,
}

impl Loss<'_> {
    async fn walk(&mut self, policy: Option<&PolicyUse<Degradation>>, memory: &PolicyMemory) -> End {
        let mut left = Left::of(&self.scenario.chain);
        loop {
            let fallbacks = left.fallbacks(false);
            let asked = match policy {
                Some(used) => ask(&self.question(&fallbacks), used, memory).await,
                None => Asked::nobody(),
            };
            let (ruling, cause) = match asked.decision {
                Some(DegradationDecision { ruling, cause }) => (ruling, Some(cause)),
                None => (self.built_in(&mut left), None),
            };
            self.choices.push(Choice {
                decision: ruling.to_string(),
                cause,
                strike: asked.event.and_then(message),
            });
            match ruling {
                Ruling::Try(Step::Partial) => return End::Over(TaskStatus::Degraded),
                Ruling::Try(step) => left.take(&step),
                Ruling::LetFail => return End::Over(TaskStatus::Failed),
                Ruling::EndSession => return End::Session,
            }
        }
    }

    /// What the built-in order has next. Nobody has handed anything in here.
    fn built_in(&self, left: &mut Left) -> Ruling {
        let has_partial = self.scenario.partial_bytes.is_some();
        let gives = |step: &Step| match step {
            Step::Link(_) => true,
            Step::Partial => has_partial,
            Step::HandedIn => false,
        };
        let next = std::iter::from_fn(|| left.take_first()).find(gives);
        next.map_or(Ruling::LetFail, Ruling::Try)
    }

    fn question<'q>(&'q self, fallbacks: &'q [Step]) -> DegradationQuestion<'q> {
        DegradationQuestion {
            task: "rehearsal",
            agent: "rehearsal",
            instance: "rehearsal",
            failure: self.failure,
            attempts: 1,
            required: self.scenario.required,
            partial: self.scenario.partial_bytes,
            fallbacks,
            dependants: 0,
            counts: self.counts,
            now: Duration::from_secs(u64::from(self.task)),
            random: fusebox_resilience::random(self.scenario.seed, self.task, 1),
        }
    }
}

/// How a policy failed to decide.
fn message(strike: Event) -> Option<String> {
    match strike {
        Event::PolicyStrike { message, .. } => Some(message),
        _ => None,
    }
}
