//! An outage of a service, as far as it says when the next probe may go.
//!
//! A breaker guesses how long a service needs. Two things know better: the service, if
//! it asks for a time (`Retry-After`, RFC 9110, 10.2.3), and the quota that each probe
//! takes something out of. An outage of hours must not use up what was bought for a day,
//! so its probes take at most [`SHARE`] of a window: those that come after that many are
//! so far apart that no window holds more of them.

use std::time::Duration;

use fusebox_types::units::Rate;

/// The share of a quota's window that probes may take.
pub const SHARE: Rate = Rate::percent(5);

/// An outage, or none. Times are on the caller's clock.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Outage {
    failed_probes: u32,
    not_before: Duration,
}

/// A call that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailedCall {
    /// How long the service asked not to be called, if it did.
    pub asked: Option<Duration>,
    /// Whether it was a probe.
    pub was_probe: bool,
}

/// So many calls in any stretch as long as the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Calls.
    pub calls: u32,
    /// The window.
    pub window: Duration,
}

impl Outage {
    /// A call failed at `now`.
    pub fn failed(&mut self, call: FailedCall, quotas: impl IntoIterator<Item = Quota>, now: Duration) {
        self.failed_probes = self.failed_probes.saturating_add(u32::from(call.was_probe));
        let spare = quotas
            .into_iter()
            .filter_map(|quota| quota.pause_after(self.failed_probes));
        let pause = call.asked.into_iter().chain(spare).max().unwrap_or_default();
        self.not_before = self.not_before.max(now.saturating_add(pause));
    }

    /// A call succeeded: it is over.
    pub fn is_over(&mut self) {
        *self = Self::default();
    }

    /// Before when no probe may go; none if one may.
    pub fn not_before(&self, now: Duration) -> Option<Duration> {
        Some(self.not_before).filter(|not_before| *not_before > now)
    }
}

impl Quota {
    /// How long to wait after so many probes that failed, if they may take no more.
    fn pause_after(self, probes: u32) -> Option<Duration> {
        let share = u64::from(self.calls) * u64::from(SHARE.0) / u64::from(Rate::WHOLE.0);
        let share = u32::try_from(share).unwrap_or(u32::MAX).max(1);
        (probes >= share).then(|| self.window / share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);
    /// 120 in five hours: six of them for probes.
    const PLAN: Quota = Quota {
        calls: 120,
        window: Duration::from_secs(5 * 3_600),
    };

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn probe(asked: Option<Duration>) -> FailedCall {
        FailedCall {
            asked,
            was_probe: true,
        }
    }

    #[test]
    fn what_a_service_asks_for_is_kept_until_it_is_well_again() {
        let mut outage = Outage::default();
        outage.failed(probe(Some(s(60))), [], s(10));
        outage.failed(probe(Some(s(5))), [], s(20));
        assert_eq!(outage.not_before(s(69)), Some(s(70)));
        assert_eq!(outage.not_before(s(70)), None);
        outage.is_over();
        assert_eq!(outage.not_before(s(0)), None);
    }

    /// Probed as often as it may be, for a day.
    #[test]
    fn no_window_of_a_quota_gives_more_than_its_share_to_probes() {
        let (mut outage, mut now, mut probes) = (Outage::default(), s(0), Vec::new());
        while now < 24 * HOUR {
            now = outage.not_before(now).unwrap_or(now + s(10));
            probes.push(now);
            outage.failed(probe(None), [PLAN], now);
        }
        let most = probes.iter().map(|from| {
            let window = *from..*from + PLAN.window;
            probes.iter().filter(|probe| window.contains(probe)).count()
        });
        // Those at the pace of the breaker, and those so far apart, meet once.
        assert!(most.clone().max() <= Some(2 * 6), "{:?}", most.max());
        assert!(probes.len() < 40, "{}", probes.len());
    }

    #[test]
    fn calls_that_are_no_probes_cost_no_pause() {
        let mut outage = Outage::default();
        for _ in 0..100 {
            let call = FailedCall {
                asked: None,
                was_probe: false,
            };
            outage.failed(call, [PLAN], s(1));
        }
        assert_eq!(outage.not_before(s(1)), None);
    }
}
