//! Judgements about circuits by a component.

use super::consult::{Judged, consult, nonsense, reason, within_limit};
use super::wire::{context, failure, millis};
use crate::circuits::{BreakerMatter, JudgeCircuit, Judging};
use crate::plugin::PolicyUse;
use crate::policy_memory::PolicyMemory;
use crate::sandbox::Breaker;
use crate::sandbox::bindings::wire::breaker::{
    Counts, Decision, Snapshot as Told, State as WireState, Verdict,
};
use fusebox_resilience::breaker::{Answer, Ruling, Snapshot, State, WindowKind, hold};

impl JudgeCircuit for PolicyUse<Breaker> {
    fn judge<'a>(&'a self, memory: &'a PolicyMemory, matter: &'a BreakerMatter<'a>) -> Judging<'a> {
        let tell = |memory| to_wire(matter, self, memory);
        Box::pin(consult(self, memory, matter.circuit, tell, |verdict| {
            judge(matter, verdict)
        }))
    }
}

/// What a policy is told, in the words of the contract.
pub(crate) fn to_wire(matter: &BreakerMatter<'_>, used: &PolicyUse<Breaker>, memory: Vec<u8>) -> Told {
    let Snapshot {
        state,
        since,
        counts,
        trips,
        ..
    } = matter.snapshot;
    Told {
        context: context(
            used,
            memory,
            (matter.agent, matter.instance),
            (matter.now, matter.random),
        ),
        circuit: matter.circuit.to_owned(),
        state: match state {
            State::Open | State::ForcedOpen => WireState::Open,
            State::HalfOpen => WireState::HalfOpen,
            State::Closed | State::Disabled | State::MetricsOnly => WireState::Closed,
        },
        since_ms: millis(since),
        counts: Counts {
            calls: counts.calls,
            failures: counts.failures,
            slow: counts.slow,
            consecutive_failures: counts.consecutive_failures,
            consecutive_successes: counts.consecutive_successes,
            window_ms: match matter.rules.window_kind {
                WindowKind::Time => millis(matter.rules.window_time),
                WindowKind::Calls => 0,
            },
        },
        trips,
        failure: matter.failure.map(|seen| failure(seen, matter.now)),
    }
}

/// What an answer comes to, and what is to be kept.
pub(crate) fn judge(matter: &BreakerMatter<'_>, verdict: Verdict) -> Judged<(Ruling, String)> {
    let keep = within_limit(verdict.memory)?;
    let answer = match verdict.decision {
        Decision::Stay => Answer::Stay,
        Decision::Open(ms) => Answer::Open(ms),
        Decision::Close => Answer::Close,
    };
    let words = reason(&verdict.cause);
    let ruling = hold(matter.rules, answer).map_err(|why| nonsense(why, &words))?;
    Ok(((ruling, words), keep))
}
