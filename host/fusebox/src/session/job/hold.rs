//! A task that is held back: before an attempt, because what it needs is not to be
//! asked, and after one that was refused for that, or that found out that it is so.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::attempt::AttemptEnded;
use super::{Job, Next};
use crate::agents::{Agent, Instance};
use crate::session::gatekeeper::Passage;
use crate::session::scheduler::{HeldBy, Pause, Stake};
use fusebox_events::{Event, TaskRecord};
use fusebox_resilience::GiveUp;
use fusebox_system::wall_clock;
use fusebox_types::TaskStatus;
use fusebox_types::failure::{Code, Failure};
use fusebox_types::units::show_duration;

/// How often a task may be refused in the middle of an attempt for nothing. A guest
/// that computes first is run again for it each time.
const MOST_FREE_REFUSALS: u8 = 3;

/// How a task was held back so far, in this run of its session.
#[derive(Debug, Default)]
pub(super) struct TaskHold {
    /// For how long, all times together.
    held: Duration,
    free_refusals: u8,
    /// What it comes to if its session ends before it goes on; rare, and large.
    left: Option<Box<TaskRecord>>,
}

/// Why a task is held after an attempt.
pub(super) struct HeldAfter {
    upstream: Arc<str>,
    /// Whether the attempt is none of those that may be made.
    pub(super) is_free: bool,
    was_probe: bool,
}

impl TaskHold {
    /// It was held for so long.
    pub(super) fn add(&mut self, held: Duration) {
        self.held = self.held.saturating_add(held);
        self.left = None;
    }

    /// What it comes to if its session ends now.
    pub(super) fn take_left(&mut self) -> Option<TaskRecord> {
        self.left.take().map(|left| *left)
    }
}

impl Job<'_> {
    /// What comes instead of the attempt that is due, if it is not to be made now.
    pub(super) fn held_before(&mut self, agent: &Agent) -> Option<Next> {
        let index = self.progress.placement.agent();
        if self.executor.keeper.is_hopeless(index, agent) {
            return Some(Next::End(self.refused(agent, hopeless(agent))));
        }
        let failed_by = self.progress.retries.failed_upstream();
        let upstream = agent.only_upstream().map(Arc::from).or(failed_by)?;
        match self.executor.keeper.by_upstream(agent, &upstream) {
            Passage::Closed(closed) => Some(self.hold(agent, &upstream, closed.until)),
            _ => None,
        }
    }

    /// Why the task is to be held after this attempt, if it is: an upstream's breaker
    /// refused it, or it was the probe of one and failed as that counts.
    pub(super) fn held_after(&self, ended: &AttemptEnded) -> Option<HeldAfter> {
        let failure = ended.record.failure.as_deref()?;
        // What may have had an effect is not done again, whoever is to blame.
        let may_repeat = failure.retryable == Some(true);
        let upstream = failure.upstream().filter(|_| may_repeat)?;
        if let Some(probed) = ended.failed_probe.clone().filter(|probed| **probed == *upstream) {
            return Some(HeldAfter {
                upstream: probed,
                is_free: true,
                was_probe: true,
            });
        }
        let is_refused = failure.code == Code::ShedBreaker;
        is_refused.then(|| HeldAfter {
            upstream: upstream.into(),
            is_free: ended.sent == 0 && self.progress.hold.free_refusals < MOST_FREE_REFUSALS,
            was_probe: false,
        })
    }

    /// Holds the task after an attempt. One that is not free is an attempt like others.
    pub(super) fn hold_after(
        &mut self,
        agent: &Agent,
        instance: &Instance,
        after: &HeldAfter,
        failure: Arc<Failure>,
    ) -> Next {
        let retries = &mut self.progress.retries;
        if after.is_free {
            retries.free(after.was_probe.then(|| failure.clone()));
            self.progress.hold.free_refusals += u8::from(!after.was_probe);
        } else {
            if retries.tries() >= instance.retry.most_attempts() {
                return Next::End(self.failed(agent, failure, GiveUp::Attempts));
            }
            if !self
                .progress
                .retries
                .charge(&failure, self.payer(), &self.executor.outside)
            {
                return Next::End(self.failed(agent, failure, GiveUp::Budget));
            }
            self.progress.retries.go_on();
        }
        let until = match self.executor.keeper.by_upstream(agent, &after.upstream) {
            Passage::Closed(closed) => closed.until,
            _ => Some(self.executor.keeper.now()),
        };
        self.hold(agent, &after.upstream, until)
    }

    /// Holds the task until an upstream may be asked, or lets it fail if it was held
    /// for as long as it may be.
    fn hold(&mut self, agent: &Agent, upstream: &Arc<str>, until: Option<Duration>) -> Next {
        let longest = self.longest_hold(agent);
        let left = longest.saturating_sub(self.progress.hold.held);
        let wait = until.map(|until| until.saturating_sub(self.executor.keeper.now()));
        let until = until.map(|until| self.executor.keeper.time(until));
        if let (Some(wait), Some(until)) = (wait, until)
            && wait > left
            && !longest.is_zero()
            && self.executor.keeper.is_asked_for(upstream, wait)
            && !self.has_stand_in(agent)
        {
            let failure = self.not_asked(upstream, &format!("it is not asked until {until:.0}"));
            return self.leave(agent, Arc::new(failure), until);
        }
        if left.is_zero() {
            return Next::End(self.held_too_long(agent, upstream, longest));
        }
        self.say_held(&format!("upstream:{upstream}"), until);
        let by = HeldBy::Upstream(self.executor.keeper.number(upstream));
        let stake = match agent.about.idempotent {
            true => Stake::Nothing,
            false => Stake::TheTask,
        };
        Next::Held {
            why: Pause::Held(by, stake),
            wait: left,
        }
    }

    /// What is done when the agent's own breaker lets nothing pass: its tasks are held
    /// where they are ready.
    pub(super) fn held_by_agent(&mut self, agent: &Agent, refusal: Failure) -> Next {
        if self.progress.hold.held >= self.longest_hold(agent) {
            return Next::End(self.refused(agent, refusal));
        }
        Next::Held {
            why: Pause::Waiting,
            wait: Duration::ZERO,
        }
    }

    /// Leaves the task for a resume: it is not to be tried before a time for which
    /// nobody waits here.
    pub(super) fn leave(&mut self, agent: &Agent, failure: Arc<Failure>, not_before: Timestamp) -> Next {
        let by = match failure.upstream() {
            Some(upstream) => format!("upstream:{upstream}"),
            None => format!("agent:{}", agent.name),
        };
        let record = TaskRecord {
            not_before: Some(not_before),
            ..self.left(agent, failure)
        };
        self.progress.hold.left = Some(Box::new(record));
        self.say_held(&by, Some(not_before));
        let wait = not_before.duration_since(wall_clock::now());
        Next::Held {
            why: Pause::Left,
            wait: wait.try_into().unwrap_or(Duration::ZERO),
        }
    }

    fn left(&self, agent: &Agent, failure: Arc<Failure>) -> TaskRecord {
        TaskRecord {
            status: TaskStatus::Held,
            partial: self.partial_to_keep(agent),
            ..self.failed(agent, failure, GiveUp::Held)
        }
    }

    fn longest_hold(&self, agent: &Agent) -> Duration {
        let longest = self.executor.keeper.longest_hold(self.progress.placement.agent());
        match self.progress.salvage.fallback() {
            None => longest,
            Some(_) => longest.min(agent.breaker.max_open_time),
        }
    }

    fn say_held(&mut self, by: &str, until: Option<Timestamp>) {
        let number = self.progress.retries.number();
        self.outbox.say(Event::TaskHeld {
            task: self.index,
            by: by.into(),
            until,
            number,
            maximum: self
                .progress
                .retries
                .last_of(self.executor.most_attempts(self.task)),
        });
    }

    /// What the task comes to that nobody holds any longer.
    fn held_too_long(&self, agent: &Agent, upstream: &str, longest: Duration) -> TaskRecord {
        let held = match longest {
            Duration::ZERO => "it is not to be asked now".to_owned(),
            longest => format!("held back for {}", show_duration(longest)),
        };
        self.failed(agent, self.not_asked(upstream, &held), GiveUp::BreakerOpen)
    }

    /// That an upstream is not asked, with what it failed with last.
    fn not_asked(&self, upstream: &str, how: &str) -> Failure {
        let previous = self.progress.retries.previous().cloned();
        let why = previous.or_else(|| self.executor.outside.gateway.last_failure(upstream));
        Failure::new(Code::ShedBreaker, told(upstream, how, why.as_deref())).with("upstream", upstream)
    }
}

/// That an upstream is not to be asked, with what it failed with last.
pub(in crate::session) fn told(upstream: &str, held: &str, last: Option<&Failure>) -> String {
    match last {
        Some(last) => format!("upstream {upstream}: {held}; it failed with {last}"),
        None => format!("upstream {upstream}: {held}"),
    }
}

/// What ends the tasks of an agent that has failed at everything.
fn hopeless(agent: &Agent) -> Failure {
    let most = fusebox_resilience::track_record::MOST_FAILED;
    let message = format!(
        "agent {} failed at {most} different tasks and succeeded at none; its other tasks are not tried",
        agent.name
    );
    Failure::new(Code::ShedBreaker, message)
}
