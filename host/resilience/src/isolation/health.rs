//! How the instances of a pool are doing.

use std::time::Duration;

use super::check::Checked;
use super::counts::Counts;
use super::durations::median;
use super::pool::Pool;
use super::slot::{Place, Slot};
use super::view::PastFailure;
use crate::isolation::IsolationRules;
use fusebox_types::InstanceId;

/// Where an instance stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is in its pool.
    InService,
    /// It is in its pool only because the pool needs it.
    Held,
    /// It is out of its pool.
    Quarantined,
}

/// How an instance is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The instance.
    pub instance: InstanceId,
    /// Where it stands.
    pub state: State,
    /// Whether it is in its pool with fewer strikes than quarantine one, and
    /// its last health check, if there was one, did not fail.
    pub healthy: bool,
    /// Attempts under way.
    pub in_flight: u32,
    /// Attempts that succeeded.
    pub succeeded: u64,
    /// Attempts that were strikes.
    pub struck: u64,
    /// Attempts that say nothing of it.
    pub neutral: u64,
    /// What was counted lately of it and its pool.
    pub counts: Counts,
    /// The median duration of its last attempts.
    pub median: Option<Duration>,
    /// The duration of its last attempt.
    pub last_duration: Option<Duration>,
    /// The most memory that an attempt had, in bytes.
    pub memory_peak: u64,
    /// The processor time of all attempts.
    pub cpu: Duration,
    /// Its last strike.
    pub last_failure: Option<PastFailure>,
    /// Its last health check.
    pub check: Option<Checked>,
    /// Quarantines without a lasting recovery between.
    pub times: u32,
}

impl Pool {
    /// How an instance is doing at `now`; none if there is no such instance.
    /// Looking changes nothing.
    pub fn health(&self, id: InstanceId, rules: &IsolationRules, now: Duration) -> Option<Health> {
        let at = self.own_time(now);
        let (slot, counts) = (self.slot(id)?, self.counts(id, rules, at)?);
        Some(slot.health(counts, rules, at))
    }

    /// How all instances are doing at `now`, in the order of the configuration.
    pub fn list(&self, rules: &IsolationRules, now: Duration) -> Vec<Health> {
        let ids = self.slots.iter().map(|slot| slot.id);
        ids.filter_map(|id| self.health(id, rules, now)).collect()
    }
}

impl Slot {
    fn health(&self, counts: Counts, rules: &IsolationRules, at: Duration) -> Health {
        let (record, check) = (&self.record, self.checks.last(at));
        let failed_check = check.as_ref().is_some_and(|check| check.failure.is_some());
        Health {
            instance: self.id,
            state: match (&self.place, self.held) {
                (Place::Out(_), _) => State::Quarantined,
                (Place::In, true) => State::Held,
                (Place::In, false) => State::InService,
            },
            healthy: self.is_healthy(rules) && !failed_check,
            in_flight: self.in_flight,
            succeeded: record.succeeded,
            struck: record.struck,
            neutral: record.neutral,
            counts,
            median: median(std::iter::once(&record.durations)),
            last_duration: record.durations.last(),
            memory_peak: record.memory_peak,
            cpu: record.cpu,
            last_failure: record.strikes.back().map(|strike| strike.seen_from(at)),
            check,
            times: self.times_at(rules, at),
        }
    }
}
