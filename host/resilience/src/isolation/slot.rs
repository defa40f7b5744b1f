//! One instance in its pool.

use std::time::Duration;

use super::cause::Reason;
use super::check::Checks;
use super::counts::Counts;
use super::lease::Probe;
use super::record::{Record, Strike};
use super::wait::Wait;
use crate::isolation::IsolationRules;
use fusebox_types::InstanceId;
use fusebox_types::digest::Digest;

/// One instance in its pool. All times are on the pool's own clock.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) id: InstanceId,
    pub(super) digest: Digest,
    /// Another with each change, and another than that of any other slot.
    pub(super) generation: u64,
    pub(super) place: Place,
    /// When it came to its place.
    pub(super) since: Duration,
    /// Quarantines without a lasting recovery between, as of `decays_from`.
    pub(super) times: u32,
    pub(super) decays_from: Duration,
    /// It would be out if the pool did not need it.
    pub(super) held: bool,
    pub(super) in_flight: u32,
    /// When it was chosen last, counted in choices.
    pub(super) turn: u64,
    pub(super) record: Record,
    pub(super) checks: Checks,
}

/// Where an instance is.
#[derive(Debug)]
pub(super) enum Place {
    In,
    Out(Box<Quarantine>),
}

/// A quarantine under way.
#[derive(Debug)]
pub(super) struct Quarantine {
    pub(super) reason: Reason,
    pub(super) counts: Counts,
    pub(super) strikes: Vec<Strike>,
    pub(super) wait: Wait,
    pub(super) probe: Option<Probe>,
}

impl Slot {
    pub(super) fn new(id: InstanceId, digest: Digest, generation: u64, at: Duration) -> Self {
        Self {
            id,
            digest,
            generation,
            place: Place::In,
            since: at,
            times: 0,
            decays_from: at,
            held: false,
            in_flight: 0,
            turn: 0,
            record: Record::default(),
            checks: Checks::new(at),
        }
    }

    pub(super) const fn is_out(&self) -> bool {
        matches!(self.place, Place::Out(_))
    }

    /// Whether it is in, and not only because the pool needs it.
    pub(super) const fn is_healthy(&self, rules: &IsolationRules) -> bool {
        !self.is_out() && !self.held && self.record.consecutive < at_least_one(rules.strikes)
    }

    /// The quarantines that count at `at`: one less for each base time in the
    /// pool, as in Envoy's outlier detection. One that is only held is not well.
    pub(super) fn times_at(&self, rules: &IsolationRules, at: Duration) -> u32 {
        if self.is_out() || self.held {
            return self.times;
        }
        let healthy = at.saturating_sub(self.decays_from).as_nanos();
        let steps = healthy.checked_div(rules.quarantine_time.as_nanos());
        let steps = steps.map_or(u32::MAX, |steps| u32::try_from(steps).unwrap_or(u32::MAX));
        self.times.saturating_sub(steps)
    }

    /// When the quarantine is over and the probe may go; none if it is in.
    pub(super) fn until(&self, rules: &IsolationRules) -> Option<Duration> {
        match &self.place {
            Place::In => None,
            Place::Out(quarantine) => {
                let length = quarantine.wait.length(rules, self.times);
                Some(self.since.saturating_add(length))
            }
        }
    }

    /// Whether a probe may go at `at`: the time is over, and no probe holds.
    pub(super) fn awaits_probe(&self, rules: &IsolationRules, at: Duration) -> bool {
        let Place::Out(quarantine) = &self.place else {
            return false;
        };
        let probing = quarantine
            .probe
            .is_some_and(|probe| probe.holds(rules.probe_lease, at));
        !probing && self.until(rules).is_some_and(|until| at >= until)
    }
}

/// A threshold of zero is one.
pub(super) const fn at_least_one(threshold: u32) -> u32 {
    if threshold == 0 { 1 } else { threshold }
}
