//! Health checks: an instance is asked whether it is well, beside its work.

use std::time::Duration;

use super::change::Change;
use super::count::{Case, Counted};
use super::outcome::{Outcome, Usage};
use super::pool::Pool;
use super::record::Strike;
use super::slot::Slot;
use super::view::PastFailure;
use crate::isolation::IsolationRules;
use fusebox_types::InstanceId;
use fusebox_types::failure::Failure;

/// A health check that is to be made. Hand it back with [`Pool::checked`]; one
/// that is lost is made again after the interval.
#[must_use = "hand it back with `checked`"]
#[derive(Debug)]
pub struct Check {
    instance: InstanceId,
    generation: u64,
}

impl Check {
    /// The instance that is to be asked.
    pub const fn instance(&self) -> InstanceId {
        self.instance
    }
}

/// A health check that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// How long ago.
    pub ago: Duration,
    /// What it ended with; none if the instance is well.
    pub failure: Option<PastFailure>,
    /// What it took; its duration is the response time.
    pub usage: Usage,
}

impl Checked {
    /// The share of the response time that was processor time, in hundredths of
    /// a percent. More than all of it for one that computes on many cores.
    pub fn cpu_share(&self) -> u64 {
        let share = self.usage.cpu.as_nanos().saturating_mul(10_000);
        let share = share.checked_div(self.usage.duration.as_nanos());
        share.map_or(0, |share| u64::try_from(share).unwrap_or(u64::MAX))
    }
}

/// The health checks of one instance.
#[derive(Debug)]
pub(super) struct Checks {
    /// When the last one began; at first, when the instance came.
    begun: Duration,
    last: Option<Kept>,
}

#[derive(Debug)]
struct Kept {
    at: Duration,
    failure: Option<Strike>,
    usage: Usage,
}

impl Checks {
    pub(super) const fn new(at: Duration) -> Self {
        Self {
            begun: at,
            last: None,
        }
    }

    fn keep(&mut self, failure: Option<&Failure>, usage: Usage, at: Duration) {
        self.last = Some(Kept {
            at,
            failure: failure.map(|failure| Strike::new(failure, at)),
            usage,
        });
    }

    /// The last one, seen from `at`.
    pub(super) fn last(&self, at: Duration) -> Option<Checked> {
        self.last.as_ref().map(|kept| Checked {
            ago: at.saturating_sub(kept.at),
            failure: kept.failure.as_ref().map(|strike| strike.seen_from(at)),
            usage: kept.usage,
        })
    }
}

impl Slot {
    fn check(&mut self, at: Duration) -> Check {
        self.checks.begun = at;
        Check {
            instance: self.id,
            generation: self.generation,
        }
    }
}

impl Pool {
    /// A health check that is due at `now`, if there is one, the longest overdue
    /// first. It counts as begun. Instances that are out are asked as well: what
    /// they answer is shown, and only their probe brings them back.
    pub fn next_check(&mut self, rules: &IsolationRules, now: Duration) -> Option<Check> {
        let at = self.clock.read(now);
        if rules.health_interval.is_zero() {
            return None;
        }
        let due = |slot: &&mut Slot| at.saturating_sub(slot.checks.begun) >= rules.health_interval;
        let slot = self.slots.iter_mut().filter(due);
        let slot = slot.min_by_key(|slot| slot.checks.begun)?;
        Some(slot.check(at))
    }

    /// A health check of an instance, due or not, for somebody who asks; none if
    /// there is no such instance.
    pub fn check(&mut self, id: InstanceId, now: Duration) -> Option<Check> {
        let at = self.clock.read(now);
        self.slot_mut(id).map(|slot| slot.check(at))
    }

    /// Takes a health check back, judges by the rules, and says what changed.
    ///
    /// A check that fails by the instance's own doing is a strike. One that
    /// succeeds takes none away: who answers well may still not work.
    pub fn checked(
        &mut self,
        check: Check,
        failure: Option<&Failure>,
        usage: Usage,
        rules: &IsolationRules,
        now: Duration,
        random: u64,
    ) -> Option<Change> {
        let counted = self.count_check(check, failure, usage, now);
        self.judge(counted, rules, now, random)
    }

    /// The first step of [`Pool::checked`], for a policy that judges by itself.
    pub fn count_check(
        &mut self,
        check: Check,
        failure: Option<&Failure>,
        usage: Usage,
        now: Duration,
    ) -> Counted {
        let at = self.clock.read(now);
        let Some(slot) = self.slot_mut(check.instance) else {
            return Counted::Nothing;
        };
        if slot.generation != check.generation {
            return Counted::Nothing;
        }
        slot.checks.keep(failure, usage, at);
        let Outcome::Strike(failure) = Outcome::from(failure) else {
            return Counted::Nothing;
        };
        if slot.is_out() {
            return Counted::Nothing;
        }
        slot.record.strike(failure, at);
        Counted::Case(Case {
            instance: check.instance,
            generation: check.generation,
            probe: false,
        })
    }
}
