//! What the operator may order.

use std::time::Duration;

use super::super::both_clocks::millis;
use super::cause::{Reason, Release};
use super::change::Change;
use super::floor::allowed;
use super::pool::Pool;
use super::wait::Wait;
use crate::isolation::IsolationRules;
use fusebox_types::InstanceId;

/// Why an order is not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such instance.
    #[error("there is no instance `{0}`")]
    Unknown(InstanceId),
    /// The pool needs it.
    #[error("{quarantined} of its pool are quarantined and {allowed} may be (`max_quarantined`)")]
    Floor {
        /// How many are out.
        quarantined: usize,
        /// How many may be.
        allowed: usize,
    },
}

impl Pool {
    /// Quarantines an instance for a time, or for as long as the rules say. One
    /// that is out stays out for that time from now on.
    ///
    /// # Errors
    /// If there is no such instance, or the pool needs it: the rules hold for
    /// the operator too, and they can be changed.
    pub fn quarantine(
        &mut self,
        id: InstanceId,
        time: Option<Duration>,
        why: &str,
        rules: &IsolationRules,
        now: Duration,
        random: u64,
    ) -> Result<Change, Refused> {
        let at = self.clock.read(now);
        let slot = self.slot(id).ok_or(Refused::Unknown(id))?;
        if !slot.is_out() && !self.has_room(rules) {
            return Err(Refused::Floor {
                quarantined: self.out,
                allowed: allowed(rules, self.slots.len()),
            });
        }
        let wait = time.map_or(Wait::Drawn(random), |time| Wait::Ordered(millis(time)));
        let reason = Reason::Operator(why.into());
        self.take_out(id, reason, wait, rules, at)
            .ok_or(Refused::Unknown(id))
    }

    /// Brings an instance back and forgets its earlier quarantines. None if it
    /// was not out.
    ///
    /// # Errors
    /// If there is no such instance.
    pub fn release(
        &mut self,
        id: InstanceId,
        rules: &IsolationRules,
        now: Duration,
    ) -> Result<Option<Change>, Refused> {
        let at = self.clock.read(now);
        self.slot(id).ok_or(Refused::Unknown(id))?;
        Ok(self.bring_back(id, Release::Operator, rules, at))
    }
}
