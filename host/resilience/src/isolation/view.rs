//! What a pool shows of its instances. Times are told from the moment of the
//! look: how long ago, how much longer. So they fit any clock, and a quarantine
//! of an earlier run has them too.

use std::time::Duration;

use super::cause::Reason;
use super::counts::Counts;
use super::pool::Pool;
use super::record::Strike;
use super::slot::{Place, Slot};
use crate::isolation::IsolationRules;
use fusebox_types::InstanceId;
use fusebox_types::failure::Code;

/// A strike, as evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastFailure {
    /// What happened.
    pub code: Code,
    /// In words, cut short. May hold a guest's own: print it through
    /// [`fusebox_types::failure::printable`].
    pub message: Box<str>,
    /// How long ago.
    pub ago: Duration,
}

/// An instance that is quarantined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// The instance.
    pub instance: InstanceId,
    /// Why.
    pub reason: Reason,
    /// What was counted when it began.
    pub counts: Counts,
    /// The last strikes before it began, the oldest first.
    pub failures: Vec<PastFailure>,
    /// How long it has lasted.
    pub lasted: Duration,
    /// How much longer until a probe may go; zero if it may go now.
    pub remaining: Duration,
    /// Whether a probe is under way.
    pub probing: bool,
    /// Quarantines without a lasting recovery between, this one included.
    pub times: u32,
}

impl Pool {
    /// The instances that are quarantined at `now`. Looking changes nothing.
    pub fn quarantined(&self, rules: &IsolationRules, now: Duration) -> Vec<Quarantined> {
        let at = self.own_time(now);
        let slots = self.slots.iter();
        slots.filter_map(|slot| slot.quarantined(rules, at)).collect()
    }

    /// What was counted of an instance and its pool.
    pub(super) fn counts(&self, id: InstanceId, rules: &IsolationRules, at: Duration) -> Option<Counts> {
        let slot = self.slot(id)?;
        let own = slot.record.sums(rules, at);
        let mut counts = Counts {
            consecutive: slot.record.consecutive,
            attempts: own.calls,
            strikes: own.failures,
            ..Counts::default()
        };
        for slot in &self.slots {
            let sums = slot.record.sums(rules, at);
            counts.pool_attempts = counts.pool_attempts.saturating_add(sums.calls);
            counts.pool_strikes = counts.pool_strikes.saturating_add(sums.failures);
        }
        Some(counts)
    }

    /// A moment of the caller's clock on the own one. Looking changes nothing.
    pub(super) fn own_time(&self, now: Duration) -> Duration {
        let mut clock = self.clock;
        clock.read(now)
    }
}

impl Slot {
    /// Its quarantine at `at`; none if it is in.
    pub(super) fn quarantined(&self, rules: &IsolationRules, at: Duration) -> Option<Quarantined> {
        let Place::Out(quarantine) = &self.place else {
            return None;
        };
        let probe = quarantine.probe;
        Some(Quarantined {
            instance: self.id,
            reason: quarantine.reason.clone(),
            counts: quarantine.counts,
            failures: quarantine
                .strikes
                .iter()
                .map(|strike| strike.seen_from(at))
                .collect(),
            lasted: at.saturating_sub(self.since),
            remaining: self.until(rules)?.saturating_sub(at),
            probing: probe.is_some_and(|probe| probe.holds(rules.probe_lease, at)),
            times: self.times,
        })
    }
}

impl Strike {
    /// The same for people who look at `at`.
    pub(super) fn seen_from(&self, at: Duration) -> PastFailure {
        PastFailure {
            code: self.code.clone(),
            message: self.message.clone(),
            ago: at.saturating_sub(self.at),
        }
    }
}
