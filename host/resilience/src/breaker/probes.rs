//! The probes of a half-open breaker: leases, and what those that ended came to.

use std::time::Duration;

use super::counts::{Call, Counts, Streak, Sums};
use crate::breaker::BreakerRules;

/// A probe under way.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
struct Lease {
    id: u64,
    granted: Duration,
}

/// The probes of one half-open period.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(super) struct Probes {
    /// Under way, the oldest first. Never more than the rules allow when the
    /// last of them was granted.
    leases: Vec<Lease>,
    /// The number of the next lease.
    next: u64,
    /// Those that ended with a success or a failure.
    sums: Sums,
    streak: Streak,
}

impl Probes {
    /// Lets one more probe start at `at`; its lease's number.
    ///
    /// # Errors
    /// If all are under way: when the lease ends that makes room.
    pub(super) fn start(&mut self, rules: &BreakerRules, at: Duration) -> Result<u64, Duration> {
        self.leases.retain(|lease| holds(lease, rules, at));
        let most = usize::try_from(self.most(rules)).unwrap_or(usize::MAX);
        if let Some(surplus) = self.leases.len().checked_sub(most) {
            let frees = self.leases.get(surplus).map_or(at, |lease| lease.granted);
            return Err(frees.saturating_add(rules.probe_lease));
        }
        let id = self.next;
        self.next = self.next.saturating_add(1);
        self.leases.push(Lease { id, granted: at });
        Ok(id)
    }

    /// How many may be under way at once: one at first, and twice as many for each
    /// success in a row, up to what the rules allow.
    pub(super) fn most(&self, rules: &BreakerRules) -> u32 {
        let most = rules.probes.max(1);
        if !rules.probe_ramp {
            return most;
        }
        let doublings = u32::try_from(self.counts().consecutive_successes).unwrap_or(u32::MAX);
        most.min(1_u32.checked_shl(doublings).unwrap_or(u32::MAX))
    }

    /// How many are under way at `at`.
    pub(super) fn under_way(&self, rules: &BreakerRules, at: Duration) -> u32 {
        let held = self.leases.iter().filter(|lease| holds(lease, rules, at));
        u32::try_from(held.count()).unwrap_or(u32::MAX)
    }

    /// Gives a lease back at `at`: whether it still held. One that has ended, or
    /// was given back before, does not.
    pub(super) fn end(&mut self, id: u64, rules: &BreakerRules, at: Duration) -> bool {
        let Some(place) = self.leases.iter().position(|lease| lease.id == id) else {
            return false;
        };
        let lease = self.leases.remove(place);
        holds(&lease, rules, at)
    }

    /// Counts a probe that ended.
    pub(super) fn record(&mut self, call: Call) {
        self.sums.add(call.into());
        self.streak.record(call);
    }

    /// What was counted.
    pub(super) fn counts(&self) -> Counts {
        self.streak.with(self.sums)
    }
}

/// Whether a lease holds at `at`. It ends at elapsed >= its time.
fn holds(lease: &Lease, rules: &BreakerRules, at: Duration) -> bool {
    at.saturating_sub(lease.granted) < rules.probe_lease
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn at_once(probes: u32) -> BreakerRules {
        BreakerRules {
            probes,
            probe_ramp: false,
            ..BreakerRules::default()
        }
    }

    fn ended(probes: &mut Probes, failed: bool) {
        probes.record(Call { failed, slow: false });
    }

    #[test]
    fn the_first_is_alone_and_each_success_doubles_them_and_a_failure_ends_that() {
        let (mut probes, mut rules) = (Probes::default(), BreakerRules::default());
        let mut most = vec![probes.most(&rules)];
        for failed in [false, false, false, true, false] {
            ended(&mut probes, failed);
            most.push(probes.most(&rules));
        }
        assert_eq!(most, [1, 2, 4, 4, 1, 2]);
        rules.probes = u32::MAX;
        (0..40).for_each(|_| ended(&mut probes, false));
        assert_eq!(probes.most(&rules), u32::MAX);
    }

    #[test]
    fn a_full_house_says_when_a_lease_ends() {
        let (mut probes, mut rules) = (Probes::default(), at_once(3));
        for at in [1, 5, 9] {
            assert!(probes.start(&rules, s(at)).is_ok());
        }
        assert_eq!(probes.start(&rules, s(10)), Err(s(61)));
        rules.probes = 2;
        assert_eq!(
            probes.start(&rules, s(10)),
            Err(s(65)),
            "one more than allowed now"
        );
        rules.probes = 3;
        assert_eq!(probes.start(&rules, s(61)), Ok(3), "the first lease has ended");
    }

    #[test]
    fn a_lease_is_given_back_once_and_in_time() {
        let (mut probes, rules) = (Probes::default(), at_once(3));
        let ids = [1, 2, 3].map(|at| probes.start(&rules, s(at)).unwrap());
        assert!(probes.end(ids[0], &rules, s(60)));
        assert!(!probes.end(ids[0], &rules, s(60)), "twice");
        assert!(!probes.end(ids[1], &rules, s(62)), "at its very end");
        assert_eq!(probes.leases.len(), 1);
    }
}
