//! One breaker, its name and its clock.

use std::sync::Arc;
use std::time::Duration;

use super::clock::Clock;
use super::judge::{BreakerQuestion, JudgeBreaker};
use crate::policy_memory::PolicyMemory;
use fusebox_events::Event;
use fusebox_resilience::breaker::{
    BreakerRules, Outcome, Permit, Refusal, SharedBreaker, Snapshot, State, Transition,
};
use fusebox_types::failure::{Code, Failure};

/// A circuit breaker with a name.
#[derive(Debug)]
pub struct NamedBreaker {
    key: Arc<str>,
    pub(super) breaker: SharedBreaker,
    pub(super) clock: Clock,
    /// Of the policy that judges it, if one does.
    memory: PolicyMemory,
}

/// A call that ended.
pub struct Ended<'a> {
    /// The agent that called.
    pub agent: &'a str,
    /// The instance of it.
    pub instance: &'a str,
    /// How it counts.
    pub outcome: Outcome,
    /// How long it took.
    pub duration: Duration,
    /// What it failed with, if it did.
    pub failure: Option<&'a Failure>,
}

impl NamedBreaker {
    pub(super) fn new(key: impl Into<Arc<str>>, clock: Clock) -> Self {
        Self {
            key: key.into(),
            breaker: SharedBreaker::new(clock.now()),
            clock,
            memory: PolicyMemory::default(),
        }
    }

    /// Asks for the right to make one call, and says what that changed.
    ///
    /// # Errors
    /// If the breaker is open, or as many probes are under way as may.
    pub fn acquire(&self, rules: &BreakerRules) -> Result<(Permit, Option<Event>), Refusal> {
        let grant = self.breaker.try_acquire(rules, self.clock.now())?;
        Ok((
            grant.permit,
            grant.transition.map(|change| self.event(change, None)),
        ))
    }

    /// Whether calls would pass now.
    pub fn admission(&self, rules: &BreakerRules) -> fusebox_resilience::breaker::Admission {
        self.breaker.admission(rules, self.clock.now())
    }

    /// Why a call would be refused now, without asking for one.
    pub(crate) fn refusal(&self, rules: &BreakerRules) -> Option<Refusal> {
        let now = self.clock.now();
        let Snapshot { state, until, .. } = self.breaker.snapshot(rules, now);
        let refuses = match state {
            State::ForcedOpen => true,
            State::Open => until.is_some_and(|until| until > now),
            _ => false,
        };
        refuses.then_some(Refusal { state, until })
    }

    /// Takes a permit back with what the call came to, and says what that
    /// changed.
    pub fn finish(
        &self,
        permit: Permit,
        (outcome, duration): (Outcome, Duration),
        rules: &BreakerRules,
        random: u64,
    ) -> Option<Event> {
        let now = self.clock.now();
        let change = self
            .breaker
            .finish(permit, outcome, duration, rules, now, random)?;
        Some(self.event(change, None))
    }

    /// The same, judged by a policy; by the built-in one where that fails to.
    pub async fn finish_judged(
        &self,
        permit: Permit,
        ended: Ended<'_>,
        rules: &BreakerRules,
        policy: &dyn JudgeBreaker,
        random: u64,
    ) -> Vec<Event> {
        let (outcome, duration, now) = (ended.outcome, ended.duration, self.clock.now());
        let Some(generation) = self.breaker.record(permit, outcome, duration, rules, now) else {
            return Vec::new();
        };
        let question = BreakerQuestion {
            breaker: &self.key,
            agent: ended.agent,
            instance: ended.instance,
            rules,
            snapshot: self.breaker.snapshot(rules, now),
            failure: ended.failure,
            now,
            random,
        };
        let asked = policy.judge(&self.memory, &question).await;
        let now = self.clock.now();
        let change = match asked.decision {
            Some(decided) => {
                let change = self.breaker.apply(generation, decided.ruling, rules, now, random);
                change.map(|change| self.event(change, Some(decided.cause)))
            }
            None => {
                let change = self.breaker.judge(generation, rules, now, random);
                change.map(|change| self.event(change, None))
            }
        };
        asked.event.into_iter().chain(change).collect()
    }

    /// Its key, such as `agent:score`.
    pub fn key(&self) -> &str {
        &self.key
    }

    pub(crate) fn state(&self, rules: &BreakerRules) -> State {
        self.breaker.state(rules)
    }

    /// How long until it is worth asking again, if that is known.
    pub(crate) fn wait(&self, refusal: &Refusal) -> Option<Duration> {
        Some(refusal.until?.saturating_sub(self.clock.now()))
    }

    /// A refusal, as a failure of whoever asked.
    pub fn refused(&self, refusal: &Refusal) -> Failure {
        let until = match refusal.until {
            Some(until) => format!("until {:.3}", self.clock.timestamp(until)),
            None => "until somebody closes it".into(),
        };
        let message = format!("the breaker `{}` is {} {until}", self.key, refusal.state);
        let mut failure = Failure::new(Code::ShedBreaker, message);
        failure.retry_after_ms = self
            .wait(refusal)
            .and_then(|wait| u64::try_from(wait.as_millis()).ok());
        failure
    }

    pub(super) fn event(&self, transition: Transition, reason: Option<String>) -> Event {
        Event::Breaker {
            key: self.key.clone(),
            at: self.clock.timestamp(transition.at),
            until: transition.until.map(|until| self.clock.timestamp(until)),
            transition,
            reason,
        }
    }
}

/// What an attempt's end is to the breaker of its agent.
pub fn outcome(failure: Option<&Failure>) -> Outcome {
    match failure {
        None => Outcome::Success,
        Some(failure) if failure.counts_on_agent() => Outcome::Failure,
        Some(_) => Outcome::Ignored,
    }
}
