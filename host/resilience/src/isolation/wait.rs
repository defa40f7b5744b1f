//! How long a quarantine lasts.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::super::jitter::spread;
use crate::isolation::IsolationRules;

/// What decides how long a quarantine lasts. The time itself follows from the
/// rules of the moment, so that a reload reaches those that are under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wait {
    /// The rules, with this random number for the jitter.
    Drawn(u64),
    /// So many milliseconds, as a policy said; the longest time of the rules
    /// holds for them.
    Named(u64),
    /// So many milliseconds, as the operator said.
    Ordered(u64),
}

impl Wait {
    /// The length of quarantine number `times` (from 1): base x n up to the
    /// longest, as in Envoy's outlier detection, then shortened by a random
    /// share, so that the cap holds after jitter.
    pub(super) fn length(self, rules: &IsolationRules, times: u32) -> Duration {
        match self {
            Self::Ordered(ms) => Duration::from_millis(ms),
            Self::Named(ms) => Duration::from_millis(ms).min(rules.max_quarantine_time),
            Self::Drawn(random) => {
                let longest = rules.quarantine_time.saturating_mul(times.max(1));
                let longest = longest.min(rules.max_quarantine_time);
                longest.saturating_sub(spread(longest, rules.quarantine_jitter, random))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(times: u32, random: u64) -> f64 {
        Wait::Drawn(random)
            .length(&IsolationRules::default(), times)
            .as_secs_f64()
    }

    #[test]
    fn it_is_the_base_times_n_up_to_the_cap_and_never_overflows() {
        assert_eq!(
            [0, 1, 2, 3, 59].map(|times| seconds(times, 0)),
            [60.0, 60.0, 120.0, 180.0, 3540.0]
        );
        for times in [60, 61, 100_000, u32::MAX] {
            assert_eq!(seconds(times, 0), 3600.0, "{times}");
        }
    }

    #[test]
    fn jitter_takes_up_to_its_share_off_and_the_cap_holds() {
        assert!((53.9999..54.0001).contains(&seconds(1, u64::MAX)));
        assert!((3239.9999..3240.0001).contains(&seconds(u32::MAX, u64::MAX)));
    }

    #[test]
    fn a_policy_is_held_to_the_cap_and_the_operator_is_not() {
        let length = |wait: Wait| wait.length(&IsolationRules::default(), 7);
        assert_eq!(length(Wait::Named(u64::MAX)), Duration::from_secs(3600));
        assert_eq!(length(Wait::Named(5)), Duration::from_millis(5));
        assert_eq!(length(Wait::Ordered(7_200_000)), Duration::from_secs(7200));
    }
}
