//! The instances of one agent, and how one is chosen.

use std::time::Duration;

use super::super::clock::{Clock, PAST};
use super::lease::{Choice, Lease, Probe};
use super::slot::{Place, Slot};
use crate::isolation::IsolationRules;
use fusebox_types::InstanceId;

/// The instances of one agent. See the module's page for its rules.
#[derive(Debug)]
pub struct Pool {
    pub(super) clock: Clock,
    /// In the order of the configuration.
    pub(super) slots: Vec<Slot>,
    /// No longer configured, with attempts in flight.
    pub(super) leaving: Vec<Slot>,
    /// How many of the slots are quarantined.
    pub(super) out: usize,
    /// Strikes of all since the last success of any.
    pub(super) consecutive: u32,
    /// Choices made so far.
    turns: u64,
    /// The last generation of any slot.
    generation: u64,
}

impl Pool {
    /// A pool without instances: [`Pool::reload`] brings them. `now` is the time
    /// since a fixed start that all later calls share.
    pub fn new(now: Duration) -> Self {
        Self {
            clock: Clock::with_past(now, PAST),
            slots: Vec::new(),
            leaving: Vec::new(),
            out: 0,
            consecutive: 0,
            turns: 0,
            generation: 0,
        }
    }

    /// Chooses an instance for one attempt; none only if there are none at all.
    ///
    /// `failed_on` are the instances on which the task has failed so far, the
    /// last one last; it is empty for a first attempt. See the module's page
    /// for who is preferred.
    pub fn choose(
        &mut self,
        failed_on: &[InstanceId],
        rules: &IsolationRules,
        now: Duration,
    ) -> Option<Choice> {
        let at = self.clock.read(now);
        let ranked = self.slots.iter_mut().filter_map(|slot| {
            let rank = rank(slot, failed_on, rules, at)?;
            Some(((rank, slot.in_flight, slot.turn), slot))
        });
        let (_, slot) = ranked.min_by_key(|(key, _)| *key)?;
        self.turns = self.turns.saturating_add(1);
        slot.turn = self.turns;
        slot.in_flight = slot.in_flight.saturating_add(1);
        let lease = Lease {
            instance: slot.id,
            generation: slot.generation,
            probe: probe(slot, self.turns, at),
        };
        let degraded = self.is_degraded(rules);
        Some(Choice { lease, degraded })
    }

    /// How many instances it has.
    pub fn size(&self) -> usize {
        self.slots.len()
    }

    /// Whether less than half of the pool is healthy: in it, and not only
    /// because it is needed. The pool then runs on what it has.
    pub fn is_degraded(&self, rules: &IsolationRules) -> bool {
        let healthy = self.slots.iter().filter(|slot| slot.is_healthy(rules)).count();
        healthy.saturating_mul(2) < self.slots.len()
    }

    /// A generation that no slot has had.
    pub(super) fn next_generation(&mut self) -> u64 {
        self.generation = self.generation.saturating_add(1);
        self.generation
    }

    /// An instance of the pool.
    pub(super) fn slot(&self, id: InstanceId) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.id == id)
    }

    /// The same to be changed.
    pub(super) fn slot_mut(&mut self, id: InstanceId) -> Option<&mut Slot> {
        self.slots.iter_mut().find(|slot| slot.id == id)
    }
}

/// Begins a probe, if the slot is out.
fn probe(slot: &mut Slot, number: u64, at: Duration) -> Option<u64> {
    let Place::Out(quarantine) = &mut slot.place else {
        return None;
    };
    quarantine.probe = Some(Probe { number, granted: at });
    Some(number)
}

/// How far down an instance is for an attempt; none if it must not be used.
///
/// A first attempt goes to one that awaits its probe, so that a probe comes as
/// soon as there is any work, and is the attempt that has retries left. A retry
/// goes where the task has not failed, to the healthy first.
fn rank(slot: &Slot, failed_on: &[InstanceId], rules: &IsolationRules, at: Duration) -> Option<u8> {
    let failed = failed_on.contains(&slot.id);
    if slot.is_out() {
        let may = slot.awaits_probe(rules, at) && !failed;
        return may.then_some(if failed_on.is_empty() { 0 } else { 3 });
    }
    Some(match (failed_on, failed) {
        ([], _) => 1,
        (_, false) if slot.is_healthy(rules) => 1,
        (_, false) => 2,
        ([.., last], true) if *last == slot.id => 5,
        (_, true) => 4,
    })
}
