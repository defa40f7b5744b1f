//! Another configuration: instances come, go, and get another plugin.

use std::time::Duration;

use super::cause::Release;
use super::change::Change;
use super::floor::allowed;
use super::pool::Pool;
use super::slot::Slot;
use crate::isolation::IsolationRules;
use fusebox_types::InstanceId;
use fusebox_types::digest::Digest;

/// An instance as it is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub id: InstanceId,
    /// That of its plugin.
    pub digest: Digest,
}

impl Pool {
    /// Makes these the instances, and says what changed. Call it at the start,
    /// and whenever the instances or the rules are others than before.
    ///
    /// An instance that stays keeps what is known of it. One with another plugin
    /// begins anew and is released. One that goes is forgotten when the last of
    /// its attempts has ended. If more are out than are allowed now, those whose
    /// time is over first come back.
    pub fn reload(&mut self, members: &[Member], rules: &IsolationRules, now: Duration) -> Vec<Change> {
        let at = self.clock.read(now);
        let mut known = std::mem::take(&mut self.slots);
        known.append(&mut self.leaving);
        for member in members {
            if self.slot(member.id).is_some() {
                continue;
            }
            let place = known.iter().position(|slot| slot.id == member.id);
            let slot = match place {
                Some(place) => known.swap_remove(place),
                None => Slot::new(member.id, member.digest, self.next_generation(), at),
            };
            self.slots.push(slot);
        }
        known.retain(|slot| slot.in_flight > 0);
        self.leaving = known;
        self.out = self.slots.iter().filter(|slot| slot.is_out()).count();
        let mut changes = self.renew(members, rules, at);
        changes.append(&mut self.release_surplus(rules, at));
        changes
    }

    /// Begins anew with those that have another plugin.
    fn renew(&mut self, members: &[Member], rules: &IsolationRules, at: Duration) -> Vec<Change> {
        let mut changes = Vec::new();
        for member in members {
            let generation = self.next_generation();
            let Some(slot) = self.slot_mut(member.id) else {
                continue;
            };
            if slot.digest == member.digest {
                continue;
            }
            (slot.digest, slot.generation) = (member.digest, generation);
            (slot.times, slot.held) = (0, false);
            slot.record.begin_anew();
            changes.extend(self.bring_back(member.id, Release::NewDigest, rules, at));
        }
        changes
    }

    /// Brings back as many as are out beyond what is allowed, those whose time
    /// is over first.
    pub(super) fn release_surplus(&mut self, rules: &IsolationRules, at: Duration) -> Vec<Change> {
        let surplus = self.out.saturating_sub(allowed(rules, self.slots.len()));
        let mut changes = Vec::with_capacity(surplus);
        for _ in 0..surplus {
            let out = self.slots.iter().filter(|slot| slot.is_out());
            let Some(first) = out.min_by_key(|slot| slot.until(rules)).map(|slot| slot.id) else {
                break;
            };
            changes.extend(self.bring_back(first, Release::Floor, rules, at));
        }
        changes
    }
}
