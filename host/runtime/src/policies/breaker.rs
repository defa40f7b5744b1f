//! Decisions about breakers.

use super::ask::ask;
use super::question::{About, InvalidDecision, Question, reason};
use super::wire::{failure, millis};
use crate::breakers::{AskedLater, BreakerDecision, BreakerQuestion, JudgeBreaker};
use crate::plugin::PolicyUse;
use crate::policy_memory::PolicyMemory;
use crate::sandbox::Breaker;
use crate::sandbox::bindings::wire::Context;
use crate::sandbox::bindings::wire::breaker::{Counts, Decision, Snapshot, State as WireState, Verdict};
use fusebox_resilience::breaker::{Answer, State, WindowKind, clamp};

impl JudgeBreaker for PolicyUse<Breaker> {
    fn judge<'a>(&'a self, memory: &'a PolicyMemory, question: &'a BreakerQuestion<'a>) -> AskedLater<'a> {
        Box::pin(ask(question, self, memory))
    }
}

impl Question for BreakerQuestion<'_> {
    type Kind = Breaker;
    type Decision = BreakerDecision;

    fn subject(&self) -> &str {
        self.breaker
    }

    fn about(&self) -> About {
        About {
            agent: self.agent.to_owned(),
            instance: self.instance.to_owned(),
            now: self.now,
            random: self.random,
        }
    }

    fn snapshot(&self, context: Context) -> Snapshot {
        let counts = &self.snapshot.counts;
        Snapshot {
            context,
            circuit: self.breaker.to_owned(),
            state: match self.snapshot.state {
                State::Open | State::ForcedOpen => WireState::Open,
                State::HalfOpen => WireState::HalfOpen,
                State::Closed | State::Disabled | State::MetricsOnly => WireState::Closed,
            },
            since_ms: millis(self.snapshot.since),
            counts: Counts {
                calls: counts.calls,
                failures: counts.failures,
                slow: counts.slow,
                consecutive_failures: counts.consecutive_failures,
                consecutive_successes: counts.consecutive_successes,
                window_ms: match self.rules.window_kind {
                    WindowKind::Time => millis(self.rules.window_time),
                    WindowKind::Calls => 0,
                },
            },
            trips: self.snapshot.trips,
            failure: self.failure.map(|seen| failure(seen, self.now)),
        }
    }

    fn clamp(&self, verdict: Verdict) -> Result<BreakerDecision, InvalidDecision> {
        let answer = match verdict.decision {
            Decision::Stay => Answer::Stay,
            Decision::Open(ms) => Answer::Open(ms),
            Decision::Close => Answer::Close,
        };
        let cause = reason(&verdict.cause);
        match clamp(self.rules, answer) {
            Ok(ruling) => Ok(BreakerDecision { ruling, cause }),
            Err(why) => Err(InvalidDecision::Breaker { why, cause }),
        }
    }
}
