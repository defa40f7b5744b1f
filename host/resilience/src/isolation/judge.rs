//! What the built-in policy says of a strike, and what any policy is told.

use std::time::Duration;

use super::cause::Reason;
use super::change::Change;
use super::count::{Case, Counted};
use super::counts::Counts;
use super::durations::median;
use super::floor::allowed;
use super::outlier::is_outlier;
use super::pool::Pool;
use super::slot::at_least_one;
use crate::isolation::IsolationRules;

/// What follows from a strike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// The instance works on. After a probe it is back in its pool.
    Keep,
    /// It leaves its pool, or stays out of it.
    Quarantine {
        /// For how many milliseconds; none for the time of the rules.
        time: Option<u64>,
        /// Why.
        reason: Reason,
    },
}

/// All that a policy is told of an instance and its pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// What was counted of both.
    pub counts: Counts,
    /// The median duration of the instance's last attempts.
    pub median: Duration,
    /// That of the pool's.
    pub pool_median: Duration,
    /// Strikes of the whole pool since the last success of any.
    pub pool_consecutive: u32,
    /// How many instances the pool has.
    pub pool_size: usize,
    /// How many of them are quarantined now.
    pub quarantined: usize,
    /// How many may be.
    pub allowed: usize,
    /// How often this one was quarantined without a lasting recovery between.
    pub times: u32,
}

/// Judges a strike as the built-in policy does.
pub(super) fn ruling(rules: &IsolationRules, probe: bool, counts: &Counts) -> Ruling {
    let reason = if probe {
        Reason::ProbeFailed
    } else if counts.consecutive >= at_least_one(rules.strikes) {
        Reason::Strikes
    } else if is_outlier(rules, counts) {
        Reason::Outlier
    } else {
        return Ruling::Keep;
    };
    Ruling::Quarantine { time: None, reason }
}

impl Pool {
    /// Judges what was counted as the built-in policy does, and acts on it.
    pub fn judge(
        &mut self,
        counted: Counted,
        rules: &IsolationRules,
        now: Duration,
        random: u64,
    ) -> Option<Change> {
        match counted {
            Counted::Nothing => None,
            Counted::Changed(change) => Some(change),
            Counted::Case(case) => {
                let at = self.clock.read(now);
                let ruling = ruling(rules, case.probe, &self.counts(case.instance, rules, at)?);
                self.apply(case, ruling, rules, now, random)
            }
        }
    }

    /// What a policy is told of a case; none if its instance has changed since.
    pub fn evidence(&self, case: Case, rules: &IsolationRules, now: Duration) -> Option<Evidence> {
        let at = self.own_time(now);
        let slot = self.slot(case.instance)?;
        (slot.generation == case.generation).then_some(())?;
        let durations = self.slots.iter().map(|slot| &slot.record.durations);
        Some(Evidence {
            counts: self.counts(case.instance, rules, at)?,
            median: median(std::iter::once(&slot.record.durations)).unwrap_or_default(),
            pool_median: median(durations).unwrap_or_default(),
            pool_consecutive: self.consecutive,
            pool_size: self.slots.len(),
            quarantined: self.out,
            allowed: allowed(rules, self.slots.len()),
            times: slot.times_at(rules, at),
        })
    }
}
