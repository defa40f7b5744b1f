//! The last step after a strike: what the ruling changes.

use std::time::Duration;

use super::cause::{Reason, Release};
use super::change::{Change, Kind};
use super::count::Case;
use super::floor::allowed;
use super::judge::Ruling;
use super::pool::Pool;
use super::slot::{Place, Quarantine};
use super::wait::Wait;
use crate::isolation::IsolationRules;
use fusebox_types::InstanceId;

impl Pool {
    /// Acts on a ruling about a case and says what changed. A ruling about an
    /// instance that has changed since does nothing. However it came about, no
    /// more are out than the rules allow, and none for longer than they allow.
    pub fn apply(
        &mut self,
        case: Case,
        ruling: Ruling,
        rules: &IsolationRules,
        now: Duration,
        random: u64,
    ) -> Option<Change> {
        let at = self.clock.read(now);
        let slot = self.slot(case.instance)?;
        let out = slot.is_out();
        if slot.generation != case.generation || out != case.probe {
            return None;
        }
        match ruling {
            Ruling::Keep if out => self.bring_back(case.instance, Release::Policy, rules, at),
            Ruling::Keep => None,
            Ruling::Quarantine { reason, .. } if !out && !self.has_room(rules) => {
                self.hold(case.instance, reason, rules, at)
            }
            Ruling::Quarantine { time, reason } => {
                let wait = time.map_or(Wait::Drawn(random), Wait::Named);
                self.take_out(case.instance, reason, wait, rules, at)
            }
        }
    }

    /// Whether one more may be out.
    pub(super) fn has_room(&self, rules: &IsolationRules) -> bool {
        self.out < allowed(rules, self.slots.len())
    }

    /// Quarantines an instance, again if it is out.
    pub(super) fn take_out(
        &mut self,
        id: InstanceId,
        reason: Reason,
        wait: Wait,
        rules: &IsolationRules,
        at: Duration,
    ) -> Option<Change> {
        let counts = self.counts(id, rules, at)?;
        let generation = self.next_generation();
        let slot = self.slot_mut(id)?;
        let (was_out, times) = (slot.is_out(), slot.times_at(rules, at).saturating_add(1));
        slot.place = Place::Out(Box::new(Quarantine {
            reason,
            counts,
            strikes: slot.record.strikes.iter().cloned().collect(),
            wait,
            probe: None,
        }));
        (slot.generation, slot.since, slot.times, slot.held) = (generation, at, times, false);
        slot.record.begin_anew();
        self.out = self.out.saturating_add(usize::from(!was_out));
        let quarantined = self.slot(id)?.quarantined(rules, at)?;
        Some(self.change(id, at, Kind::Quarantined(Box::new(quarantined))))
    }

    /// Notes that an instance would be out if the pool did not need it. Said
    /// once, until it succeeds.
    fn hold(
        &mut self,
        id: InstanceId,
        reason: Reason,
        rules: &IsolationRules,
        at: Duration,
    ) -> Option<Change> {
        let (quarantined, allowed) = (self.out, allowed(rules, self.slots.len()));
        let slot = self.slot_mut(id).filter(|slot| !slot.held)?;
        (slot.times, slot.held) = (slot.times_at(rules, at), true);
        let kind = Kind::Held {
            reason,
            quarantined,
            allowed,
        };
        Some(self.change(id, at, kind))
    }

    /// Brings an instance back into the pool. None if it is in it.
    pub(super) fn bring_back(
        &mut self,
        id: InstanceId,
        why: Release,
        rules: &IsolationRules,
        at: Duration,
    ) -> Option<Change> {
        let generation = self.next_generation();
        let slot = self.slot_mut(id).filter(|slot| slot.is_out())?;
        let lasted = at.saturating_sub(slot.since);
        if matches!(why, Release::Operator | Release::NewDigest) {
            slot.times = 0;
        }
        slot.place = Place::In;
        (slot.generation, slot.since, slot.decays_from) = (generation, at, at);
        slot.record.begin_anew();
        let times = slot.times_at(rules, at);
        self.out = self.out.saturating_sub(1);
        Some(self.change(id, at, Kind::Released { why, lasted, times }))
    }

    fn change(&self, instance: InstanceId, at: Duration, kind: Kind) -> Change {
        Change {
            instance,
            at: self.clock.outside(at),
            kind,
        }
    }
}
