//! What is kept of a pool from one run to the next, by a time that all runs share.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::super::both_clocks::BothClocks;
use super::cause::Reason;
use super::change::Change;
use super::counts::Counts;
use super::pool::Pool;
use super::record::Strike;
use super::reload::Member;
use super::slot::{Place, Quarantine, Slot};
use super::wait::Wait;
use crate::isolation::IsolationRules;

/// What is kept of an instance. Times are Unix times in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptInstance {
    /// The instance.
    pub instance: String,
    /// The digest of its plugin, in hexadecimal digits: another one is another
    /// instance.
    pub plugin: String,
    /// Quarantines without a lasting recovery between.
    pub times: u32,
    /// Since when it is out, or since when those before are being forgotten.
    pub since: u64,
    /// Its quarantine, if it is out.
    pub quarantine: Option<KeptQuarantine>,
}

/// What is kept of a quarantine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptQuarantine {
    /// Why it is.
    pub reason: Reason,
    /// What was counted when it began.
    pub counts: Counts,
    /// The last strikes before it.
    pub failures: Vec<KeptFailure>,
    /// What decides how long it lasts.
    pub wait: Wait,
    /// When its probe may go by the rules that were in force; for people.
    pub until: u64,
}

/// What is kept of a strike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptFailure {
    /// Its code.
    pub code: String,
    /// In words.
    pub message: Box<str>,
    /// When it happened.
    pub at: u64,
}

impl KeptInstance {
    /// Has it begin at `unix`, if it lies after that.
    pub fn settle(&mut self, unix: u64) {
        let ahead = self.since.saturating_sub(unix);
        self.since -= ahead;
        if let Some(quarantine) = &mut self.quarantine {
            quarantine.until = quarantine.until.saturating_sub(ahead);
            for failure in &mut quarantine.failures {
                failure.at = failure.at.saturating_sub(ahead);
            }
        }
    }
}

impl Pool {
    /// What is to be kept at `now`, which is `unix` by the shared time: the instances
    /// that are out, and those that have been lately.
    pub fn keep(&self, rules: &IsolationRules, now: Duration, unix: u64) -> Vec<KeptInstance> {
        let own = self.own_time(now);
        let slots = self.slots.iter();
        slots
            .filter_map(|slot| slot.keep(rules, BothClocks { own, unix }))
            .collect()
    }

    /// A pool of these instances that goes on from what was kept, and what that
    /// changed. What was kept of an instance that is not among them, or that has
    /// another plugin now, is left out.
    pub fn restore(
        members: &[Member],
        kept: &[KeptInstance],
        rules: &IsolationRules,
        now: Duration,
        unix: u64,
    ) -> (Self, Vec<Change>) {
        let mut pool = Self::new(now);
        let mut changes = pool.reload(members, rules, now);
        let own = pool.clock.read(now);
        for kept in kept {
            let mut slots = pool.slots.iter_mut();
            if let Some(slot) = slots.find(|slot| *slot.id == *kept.instance) {
                slot.restore(kept, BothClocks { own, unix });
            }
        }
        pool.out = pool.slots.iter().filter(|slot| slot.is_out()).count();
        changes.append(&mut pool.release_surplus(rules, own));
        (pool, changes)
    }
}

impl Slot {
    fn keep(&self, rules: &IsolationRules, moment: BothClocks) -> Option<KeptInstance> {
        let times = self.times_at(rules, moment.own);
        let (since, quarantine) = match &self.place {
            Place::In if times == 0 => return None,
            Place::In => (moment.own, None),
            Place::Out(quarantine) => {
                let until = moment.to_unix(self.until(rules)?);
                (self.since, Some(quarantine.keep(until, moment)))
            }
        };
        Some(KeptInstance {
            instance: self.id.to_string(),
            plugin: self.digest.to_string(),
            times,
            since: moment.to_unix(since),
            quarantine,
        })
    }

    fn restore(&mut self, kept: &KeptInstance, moment: BothClocks) {
        if self.digest.to_string() != kept.plugin {
            return;
        }
        let since = moment.to_own(kept.since);
        (self.since, self.decays_from, self.times) = (since, since, kept.times);
        if let Some(quarantine) = &kept.quarantine {
            let quarantine = Quarantine::restore(quarantine, moment);
            self.place = Place::Out(Box::new(quarantine));
        }
    }
}

impl Quarantine {
    fn keep(&self, until: u64, moment: BothClocks) -> KeptQuarantine {
        let failures = self.strikes.iter().map(|strike| KeptFailure {
            code: strike.code.to_string(),
            message: strike.message.clone(),
            at: moment.to_unix(strike.at),
        });
        KeptQuarantine {
            reason: self.reason.clone(),
            counts: self.counts,
            failures: failures.collect(),
            wait: self.wait,
            until,
        }
    }

    /// A failure whose code this version does not know is left out.
    fn restore(kept: &KeptQuarantine, moment: BothClocks) -> Self {
        let strikes = kept.failures.iter().filter_map(|failure| {
            Some(Strike {
                code: failure.code.parse().ok()?,
                message: failure.message.clone(),
                at: moment.to_own(failure.at),
            })
        });
        Self {
            reason: kept.reason.clone(),
            counts: kept.counts,
            strikes: strikes.collect(),
            wait: kept.wait,
            probe: None,
        }
    }
}

#[cfg(test)]
mod tests;
