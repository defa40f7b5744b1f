//! One breaker, its name and its clock.

use std::sync::Arc;
use std::time::Duration;

use super::changes::{Changes, Common};
use super::clock::Clock;
use super::judge::{BreakerQuestion, JudgeBreaker};
use crate::policy_memory::PolicyMemory;
use fusebox_events::Event;
use fusebox_resilience::breaker::{
    Admission, BreakerRules, Cause, Outcome, Permit, Refusal, Ruling, SharedBreaker, Snapshot, State,
    Transition,
};
use fusebox_types::failure::{Code, Failure};

/// A circuit breaker with a name.
#[derive(Debug)]
pub struct NamedBreaker {
    key: Arc<str>,
    pub(super) breaker: SharedBreaker,
    pub(super) clock: Clock,
    pub(super) changes: Changes,
    kind: Kind,
    /// Of the policy that judges it, if one does.
    memory: PolicyMemory,
}

/// What an open breaker does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It refuses calls for a time, so that a service can rest.
    Timed,
    /// It lets them pass one at a time: see [`BreakerRules::one_at_a_time`].
    OneAtATime,
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
    pub(super) fn new(key: impl Into<Arc<str>>, common: &Common) -> Self {
        let Common { clock, changes } = common.clone();
        Self {
            key: key.into(),
            breaker: SharedBreaker::new(clock.now()),
            clock,
            changes,
            kind: Kind::Timed,
            memory: PolicyMemory::default(),
        }
    }

    /// An agent's.
    pub(super) fn of_agent(name: &str, common: &Common) -> Self {
        Self {
            kind: Kind::OneAtATime,
            ..Self::new(format!("agent:{name}"), common)
        }
    }

    /// The rules, as they are for it.
    pub(super) fn rules(&self, rules: &BreakerRules) -> BreakerRules {
        match self.kind {
            Kind::Timed => *rules,
            Kind::OneAtATime => rules.one_at_a_time(),
        }
    }

    /// Asks for the right to make one call, and says what that changed.
    ///
    /// # Errors
    /// If the breaker is open, or as many probes are under way as may.
    pub fn acquire(&self, rules: &BreakerRules) -> Result<(Permit, Option<Event>), Refusal> {
        let rules = &self.rules(rules);
        let grant = self.breaker.try_acquire(rules, self.clock.now())?;
        Ok((
            grant.permit,
            grant.transition.and_then(|change| self.event(change, None)),
        ))
    }

    /// What a call would meet now, without asking for one.
    pub fn admission(&self, rules: &BreakerRules) -> Admission {
        let rules = &self.rules(rules);
        self.breaker.admission(rules, self.clock.now())
    }

    /// Why all calls would be refused now.
    pub(crate) fn refusal(&self, rules: &BreakerRules) -> Option<Refusal> {
        let (state, until) = match self.admission(rules) {
            Admission::Until(until) => (State::Open, Some(until)),
            Admission::Never => (State::ForcedOpen, None),
            Admission::Free | Admission::Probes { .. } => return None,
        };
        Some(Refusal { state, until })
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
        let rules = &self.rules(rules);
        let (now, was_probe) = (self.clock.now(), permit.is_probe());
        let change = self.breaker.finish(permit, outcome, duration, rules, now, random);
        self.ended(was_probe);
        self.event(change?, None)
    }

    /// Takes a permit back and counts the call, and judges nothing.
    pub(super) fn count(
        &self,
        permit: Permit,
        (outcome, duration): (Outcome, Duration),
        rules: &BreakerRules,
    ) {
        let (now, was_probe) = (self.clock.now(), permit.is_probe());
        self.breaker.record(permit, outcome, duration, rules, now);
        self.ended(was_probe);
    }

    /// Opens it, if it is as it was when a call of this generation began.
    pub(super) fn open(
        &self,
        generation: u64,
        cause: Cause,
        rules: &BreakerRules,
        random: u64,
    ) -> Option<Event> {
        let (now, wait) = (self.clock.now(), None);
        let ruling = Ruling::Open { wait, cause };
        let change = self.breaker.apply(generation, ruling, rules, now, random)?;
        self.event(change, None)
    }

    /// Why it is in its state.
    pub(super) fn cause(&self, rules: &BreakerRules) -> Cause {
        let rules = &self.rules(rules);
        self.breaker.snapshot(rules, self.clock.now()).cause
    }

    /// Tells that a probe has ended.
    fn ended(&self, was_probe: bool) {
        if was_probe {
            self.changes.tell();
        }
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
        let rules = &self.rules(rules);
        let (outcome, duration, now) = (ended.outcome, ended.duration, self.clock.now());
        let was_probe = permit.is_probe();
        let generation = self.breaker.record(permit, outcome, duration, rules, now);
        self.ended(was_probe);
        let Some(generation) = generation else {
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
                change.and_then(|change| self.event(change, Some(decided.cause)))
            }
            None => {
                let change = self.breaker.judge(generation, rules, now, random);
                change.and_then(|change| self.event(change, None))
            }
        };
        asked.event.into_iter().chain(change).collect()
    }

    /// The time that it goes by.
    pub(super) fn now(&self) -> Duration {
        self.clock.now()
    }

    /// Its key, such as `agent:score`.
    pub fn key(&self) -> &str {
        &self.key
    }

    pub(crate) fn state(&self, rules: &BreakerRules) -> State {
        let rules = &self.rules(rules);
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

    /// What is said of a change, if anything is: one that lets calls pass one at a time
    /// stays open while each shows whether it may close.
    pub(super) fn event(&self, mut transition: Transition, reason: Option<String>) -> Option<Event> {
        self.changes.tell();
        if self.kind == Kind::OneAtATime {
            transition.from = as_open(transition.from);
            transition.to = as_open(transition.to);
            transition.until = None;
        }
        let is_news = transition.from != transition.to;
        is_news.then(|| Event::Breaker {
            key: self.key.clone(),
            at: self.clock.timestamp(transition.at),
            until: transition.until.map(|until| self.clock.timestamp(until)),
            transition,
            reason,
        })
    }

    /// A snapshot, as people are to see it.
    pub(super) fn shown(&self, rules: &BreakerRules) -> Snapshot {
        let snapshot = self.breaker.snapshot(&self.rules(rules), self.clock.now());
        match self.kind {
            Kind::Timed => snapshot,
            Kind::OneAtATime => Snapshot {
                state: as_open(snapshot.state),
                until: None,
                ..snapshot
            },
        }
    }
}

/// The state of a breaker that lets calls pass one at a time when it is open.
const fn as_open(state: State) -> State {
    match state {
        State::HalfOpen => State::Open,
        state => state,
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
