//! The first step after an attempt: the lease comes back and is counted.

use std::time::Duration;

use super::cause::Release;
use super::change::Change;
use super::lease::Lease;
use super::outcome::{Outcome, Usage};
use super::pool::Pool;
use super::slot::Place;
use crate::isolation::IsolationRules;
use fusebox_types::InstanceId;

/// A strike that is to be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    pub(super) instance: InstanceId,
    pub(super) generation: u64,
    pub(super) probe: bool,
}

impl Case {
    /// Whose strike it is.
    pub const fn instance(&self) -> InstanceId {
        self.instance
    }

    /// Whether it was the probe that decides about a quarantine.
    pub const fn is_probe(&self) -> bool {
        self.probe
    }
}

/// What an attempt came to for its instance.
#[must_use = "a strike is to be judged"]
#[derive(Debug)]
pub enum Counted {
    /// Nothing follows.
    Nothing,
    /// A probe succeeded, and the instance is back.
    Changed(Change),
    /// A strike that is to be judged.
    Case(Case),
}

impl Pool {
    /// Takes a lease back with how the attempt ended and what it took, judges by the rules, and says what changed. `random`
    /// spreads the time of a quarantine.
    pub fn record(
        &mut self,
        lease: Lease,
        outcome: Outcome<'_>,
        usage: Usage,
        rules: &IsolationRules,
        now: Duration,
        random: u64,
    ) -> Option<Change> {
        let counted = self.count(lease, outcome, usage, rules, now);
        self.judge(counted, rules, now, random)
    }

    /// The first step of [`Pool::record`], for a policy that judges by itself:
    /// takes the lease back and counts the attempt. A result that began before
    /// the last change of its instance counts in its totals alone.
    pub fn count(
        &mut self,
        lease: Lease,
        outcome: Outcome<'_>,
        usage: Usage,
        rules: &IsolationRules,
        now: Duration,
    ) -> Counted {
        let at = self.clock.read(now);
        let Some(slot) = self.slots.iter_mut().find(|slot| slot.id == lease.instance) else {
            self.leave(&lease);
            return Counted::Nothing;
        };
        slot.in_flight = slot.in_flight.saturating_sub(1);
        slot.record.add(outcome, usage);
        if slot.generation != lease.generation {
            return Counted::Nothing;
        }
        match (&mut slot.place, lease.probe) {
            (Place::In, _) => self.count_work(&lease, outcome, rules, at),
            (Place::Out(quarantine), Some(number)) => {
                let ended = quarantine.probe.take_if(|probe| probe.number == number);
                if ended.is_some_and(|probe| probe.holds(rules.probe_lease, at)) {
                    return self.count_probe(&lease, outcome, rules, at);
                }
                Counted::Nothing
            }
            (Place::Out(_), None) => Counted::Nothing,
        }
    }

    /// An ordinary attempt of an instance that is in the pool.
    fn count_work(
        &mut self,
        lease: &Lease,
        outcome: Outcome<'_>,
        rules: &IsolationRules,
        at: Duration,
    ) -> Counted {
        let pool = &mut self.consecutive;
        let Some(slot) = self.slots.iter_mut().find(|slot| slot.id == lease.instance) else {
            return Counted::Nothing;
        };
        match outcome {
            Outcome::Neutral => return Counted::Nothing,
            Outcome::Success => {
                (*pool, slot.record.consecutive) = (0, 0);
                if slot.held {
                    (slot.held, slot.decays_from) = (false, at);
                }
                slot.record.add_to_window(false, rules, at);
                return Counted::Nothing;
            }
            Outcome::Strike(failure) => {
                *pool = pool.saturating_add(1);
                slot.record.add_to_window(true, rules, at);
                slot.record.strike(failure, at);
            }
        }
        Counted::Case(case(lease))
    }

    /// The probe of an instance that is out.
    fn count_probe(
        &mut self,
        lease: &Lease,
        outcome: Outcome<'_>,
        rules: &IsolationRules,
        at: Duration,
    ) -> Counted {
        match outcome {
            Outcome::Neutral => Counted::Nothing,
            Outcome::Success => self
                .bring_back(lease.instance, Release::Probe, rules, at)
                .map_or(Counted::Nothing, Counted::Changed),
            Outcome::Strike(failure) => {
                if let Some(slot) = self.slot_mut(lease.instance) {
                    slot.record.strike(failure, at);
                }
                Counted::Case(case(lease))
            }
        }
    }

    /// The lease of an instance that is no longer configured.
    fn leave(&mut self, lease: &Lease) {
        let Some(place) = self.leaving.iter().position(|slot| slot.id == lease.instance) else {
            return;
        };
        if let Some(slot) = self.leaving.get_mut(place) {
            slot.in_flight = slot.in_flight.saturating_sub(1);
            if slot.in_flight == 0 {
                self.leaving.remove(place);
            }
        }
    }
}

fn case(lease: &Lease) -> Case {
    Case {
        instance: lease.instance,
        generation: lease.generation,
        probe: lease.is_probe(),
    }
}
