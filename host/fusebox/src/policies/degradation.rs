//! Decisions about tasks that have ended without a result, by a component.

use std::time::Duration;

use super::consult::{Judged, consult, nonsense, reason, within_limit};
use super::wire::{context, failure};
use crate::event::Event;
use crate::plugin::PolicyUse;
use crate::policy_memory::PolicyMemory;
use crate::sandbox::Degradation;
use crate::sandbox::bindings::wire::degradation::{Decision, Snapshot as Told, Verdict};
use fusebox_resilience::degradation::{Answer, Ruling, Step, hold};
use fusebox_types::Counts;
use fusebox_types::failure::Failure;

/// All that a decision about a task is made from.
pub(crate) struct DegradationMatter<'a> {
    pub(crate) task: &'a str,
    /// The task's own agent, and the instance of it that failed last.
    pub(crate) agent: &'a str,
    pub(crate) instance: &'a str,
    /// What the task failed with by its own agent.
    pub(crate) failure: &'a Failure,
    pub(crate) attempts: u32,
    pub(crate) required: bool,
    /// How many bytes there are of a partial result that may be kept.
    pub(crate) partial: Option<u64>,
    /// The fallbacks that have not been tried.
    pub(crate) fallbacks: &'a [Step],
    pub(crate) dependants: u32,
    /// What the tasks of the session have come to so far.
    pub(crate) counts: Counts,
    /// The time since the session started.
    pub(crate) now: Duration,
    pub(crate) random: u64,
}

/// What a policy ruled, and what it said about it.
pub(crate) struct Ruled {
    pub(crate) ruling: Ruling,
    pub(crate) cause: String,
}

/// Asks the policies of a session's agents.
#[derive(Debug)]
pub(crate) struct DegradationDesk {
    agents: Vec<PolicyMemory>,
}

impl DegradationDesk {
    pub(crate) fn new(agents: usize) -> Self {
        Self {
            agents: (0..agents).map(|_| PolicyMemory::default()).collect(),
        }
    }

    /// What the policy of an agent, by its index in the graph, says of a task.
    /// None if it cannot be asked or failed to answer; the event says how.
    pub(crate) async fn ask(
        &self,
        agent: u16,
        used: &PolicyUse<Degradation>,
        matter: &DegradationMatter<'_>,
    ) -> (Option<Ruled>, Option<Event>) {
        let Some(standing) = self.agents.get(usize::from(agent)) else {
            return (None, None);
        };
        let tell = |memory| to_wire(matter, used, memory);
        consult(used, standing, matter.agent, tell, |verdict| {
            judge(matter, verdict)
        })
        .await
    }
}

/// The same in the words of the contract.
pub(crate) fn to_wire(
    matter: &DegradationMatter<'_>,
    used: &PolicyUse<Degradation>,
    memory: Vec<u8>,
) -> Told {
    let counts = &matter.counts;
    Told {
        context: context(
            used,
            memory,
            (matter.agent, matter.instance),
            (matter.now, matter.random),
        ),
        task: matter.task.to_owned(),
        failure: failure(matter.failure, matter.now),
        attempts: matter.attempts,
        required: matter.required,
        partial_bytes: matter.partial,
        fallbacks: matter.fallbacks.iter().map(ToString::to_string).collect(),
        dependants: matter.dependants,
        succeeded: counts.succeeded,
        failed: counts.failed.saturating_add(counts.skipped),
        total: counts.total,
    }
}

/// What an answer comes to, and what is to be kept.
pub(crate) fn judge(matter: &DegradationMatter<'_>, verdict: Verdict) -> Judged<Ruled> {
    let keep = within_limit(verdict.memory)?;
    let answer = match verdict.decision {
        Decision::KeepPartial => Answer::KeepPartial,
        Decision::FallBack(place) => Answer::FallBack(place),
        Decision::Skip => Answer::Skip,
        Decision::FailSession => Answer::FailSession,
    };
    let cause = reason(&verdict.cause);
    let ruling = hold(answer, matter.fallbacks, matter.partial.is_some());
    let ruling = ruling.map_err(|why| nonsense(why, &cause))?;
    Ok((Ruled { ruling, cause }, keep))
}

impl std::fmt::Display for Ruled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.ruling.fmt(f)?;
        match self.cause.as_str() {
            "" => Ok(()),
            cause => write!(f, ": {cause}"),
        }
    }
}
