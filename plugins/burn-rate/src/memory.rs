//! What is kept between two decisions.

use fusebox_sdk::policy::breaker::prelude::*;

use crate::alert::Alert;
use crate::milliseconds;
use crate::ring::{RING_BYTES, Ring, Sum, read_u64};

/// How many bytes it takes.
pub(crate) const BYTES: usize = 8 + 2 * RING_BYTES;

/// What was counted since the breaker closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Memory {
    since_ms: u64,
    rings: [Ring; 2],
}

impl Memory {
    /// What was kept; nothing where it was counted before the breaker closed,
    /// in other windows, or on a clock that has started anew.
    pub(crate) fn of(snapshot: &Snapshot, alerts: &[Alert; 2]) -> Self {
        let since_ms = milliseconds(snapshot.since);
        let now_ms = milliseconds(snapshot.now);
        let kept = Self::read(&snapshot.memory_bytes).filter(|kept| kept.since_ms == since_ms);
        let [fast, slow] = kept.map_or([None, None], |kept| kept.rings.map(Some));
        let [fast_alert, slow_alert] = alerts;
        let fitting = |ring: Option<Ring>, alert: &Alert| {
            ring.filter(|ring| ring.fits(alert.width_ms, now_ms))
                .unwrap_or_else(|| Ring::new(alert.width_ms))
        };
        Self {
            since_ms,
            rings: [fitting(fast, fast_alert), fitting(slow, slow_alert)],
        }
    }

    /// Counts a call that ended.
    pub(crate) fn count(&mut self, failed: bool, now: Duration) {
        for ring in &mut self.rings {
            ring.count(failed, milliseconds(now));
        }
    }

    /// The first alert that burns, and what it counted.
    pub(crate) fn burning<'a>(&self, alerts: &'a [Alert; 2]) -> Option<(&'a Alert, Sum<u64>)> {
        let mut pairs = alerts.iter().zip(&self.rings);
        pairs.find_map(|(alert, ring)| alert.burning(ring).map(|sum| (alert, sum)))
    }

    /// As it is kept.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.extend(self.since_ms.to_le_bytes());
        self.rings.iter().for_each(|ring| ring.write(&mut bytes));
        bytes
    }

    fn read(mut bytes: &[u8]) -> Option<Self> {
        let bytes = &mut bytes;
        let memory = Self {
            since_ms: read_u64(bytes)?,
            rings: [Ring::read(bytes)?, Ring::read(bytes)?],
        };
        bytes.is_empty().then_some(memory)
    }
}

#[cfg(test)]
mod tests {
    use fusebox_sdk::policy::breaker::Decision;

    use super::*;
    use crate::BurnRate;
    use crate::settings::Settings;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn what_still_fits_is_kept_and_what_does_not_is_dropped() {
        let alerts = Settings::default().alerts().unwrap();
        let mut snapshot = Snapshot::example("upstream:glm");
        (snapshot.since, snapshot.now) = (MS(5), MS(700_000));
        let mut memory = Memory::of(&snapshot, &alerts);
        (0..20).for_each(|_| memory.count(true, snapshot.now));
        snapshot.memory_bytes = memory.to_bytes();
        let counted = |snapshot: &Snapshot, alerts: &[Alert; 2]| {
            Memory::of(snapshot, alerts).rings.map(|ring| ring.sum(1).calls)
        };
        assert_eq!(counted(&snapshot, &alerts), [20, 20]);
        let mut other = alerts.clone();
        other[1].width_ms += 1;
        assert_eq!(counted(&snapshot, &other), [20, 0], "another window");
        snapshot.now = MS(690_000);
        assert_eq!(counted(&snapshot, &alerts), [0, 20], "a clock behind it");
        snapshot.since = MS(6);
        assert_eq!(counted(&snapshot, &alerts), [0, 0], "it has closed since");
    }

    #[test]
    fn any_memory_and_any_clock_is_borne() {
        let mut snapshot = Snapshot::example("upstream:glm");
        for memory in [
            &b""[..],
            b"\x00",
            &[0; 4096],
            &[0xFF; 4096],
            &[0xFF; BYTES],
            &[1; BYTES],
        ] {
            for now in [Duration::ZERO, MS(1), Duration::MAX] {
                (snapshot.memory_bytes, snapshot.now) = (memory.into(), now);
                let verdict = BurnRate::decide(&snapshot).unwrap();
                assert_eq!(
                    verdict.decision,
                    Decision::Stay,
                    "{} bytes at {now:?}",
                    memory.len()
                );
                assert_eq!(verdict.memory.map(|memory| memory.len()), Some(BYTES));
            }
        }
    }
}
