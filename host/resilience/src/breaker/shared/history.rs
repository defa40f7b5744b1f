//! What is asked of a breaker, and what it answers: of the plain one and of the
//! one with shards alike.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::inner::Inner;
use super::lock::Lock;
use super::shard::Shard;
use super::sharded::Sharded;
use crate::breaker::{Breaker, BreakerRules, Grant, Outcome, Permit, Refusal, Snapshot, Transition};

/// One question, with the rules and the time that are handed in.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) about: About,
    pub(super) rules: BreakerRules,
    pub(super) now: Duration,
}

#[derive(Debug, Clone)]
pub(super) enum About {
    Acquire,
    Finish(Permit, Outcome, Duration),
    Look,
    Reset,
    ForceOpen,
    Disable,
    Enable,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    Granted(Permit, Option<Transition>),
    Refused(Refusal),
    Seen(Snapshot),
    Changed(Option<Transition>),
}

impl From<Result<Grant, Refusal>> for Answer {
    fn from(result: Result<Grant, Refusal>) -> Self {
        match result {
            Ok(grant) => Self::Granted(grant.permit, grant.transition),
            Err(refusal) => Self::Refused(refusal),
        }
    }
}

/// Asks the plain breaker.
pub(super) fn plain(circuit: &mut Breaker, question: &Question) -> Answer {
    let (rules, now) = (&question.rules, question.now);
    Answer::Changed(match &question.about {
        About::Acquire => return circuit.try_acquire(rules, now).into(),
        About::Look => return Answer::Seen(circuit.snapshot(rules, now)),
        About::Finish(permit, outcome, took) => {
            circuit.finish(permit.clone(), *outcome, *took, rules, now, 0)
        }
        About::Reset => circuit.reset(rules, now),
        About::ForceOpen => circuit.force_open(rules, now),
        About::Disable => circuit.disable(rules, now),
        About::Enable => circuit.enable(rules, now),
    })
}

/// Asks the breaker with shards, in one of them.
pub(super) fn sharded<W: Lock<Inner>, L: Lock<Shard>>(
    circuit: &Sharded<W, L>,
    shard: usize,
    question: &Question,
) -> Answer {
    let (rules, now) = (&question.rules, question.now);
    match &question.about {
        About::Acquire => circuit.try_acquire(Some(shard), rules, now).into(),
        About::Finish(permit, outcome, took) => {
            let change = circuit.finish(Some(shard), permit.clone(), (*outcome, *took), rules, now, 0);
            Answer::Changed(change)
        }
        _ => circuit.exactly(rules, |circuit| plain(circuit, question)),
    }
}

/// A question that was asked and answered, and when: one that ended before
/// another began came before it.
#[derive(Debug, Clone)]
pub(super) struct Exchange {
    pub(super) question: Question,
    pub(super) answer: Answer,
    pub(super) began: u64,
    pub(super) ended: u64,
}

/// Numbers the moments of a history.
#[derive(Debug, Default)]
pub(super) struct Moments(AtomicU64);

impl Moments {
    /// Asks, and notes all of it.
    pub(super) fn note(&self, question: Question, ask: impl FnOnce(&Question) -> Answer) -> Exchange {
        let began = self.0.fetch_add(1, Ordering::SeqCst);
        let answer = ask(&question);
        let ended = self.0.fetch_add(1, Ordering::SeqCst);
        Exchange {
            question,
            answer,
            began,
            ended,
        }
    }
}

/// What one thread does next; results are of permits that it holds.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Acquire,
    /// Ends the permit at this place among those it holds; it is given up.
    Finish(usize, Outcome, bool),
    /// Anything else.
    Ask(About),
}

impl Step {
    /// The question; none if there is no permit to end.
    pub(super) fn question(
        &self,
        held: &mut Vec<Permit>,
        rules: BreakerRules,
        now: Duration,
    ) -> Option<Question> {
        let about = match self {
            Self::Acquire => About::Acquire,
            Self::Ask(about) => about.clone(),
            Self::Finish(place, outcome, slow) => {
                let place = place.checked_rem(held.len())?;
                let took = rules.slow_call + Duration::from_nanos(u64::from(*slow));
                About::Finish(held.swap_remove(place), *outcome, took)
            }
        };
        Some(Question { about, rules, now })
    }
}

/// Keeps the permit of an answer.
pub(super) fn keep(answer: &Answer, held: &mut Vec<Permit>) {
    if let Answer::Granted(permit, _) = answer {
        held.push(permit.clone());
    }
}
