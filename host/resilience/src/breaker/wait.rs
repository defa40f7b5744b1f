//! How long an open breaker stays open.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::super::jitter::spread;
use crate::breaker::BreakerRules;

/// What decides the wait. The time itself follows from the rules of the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wait {
    /// The rules, with this random number for the jitter.
    Drawn(u64),
    /// A policy that named a time.
    Named(Duration),
}

impl Wait {
    /// The wait after trip number `trips` (from 1), never more than the longest
    /// open time.
    pub(super) fn length(self, rules: &BreakerRules, trips: u32) -> Duration {
        match self {
            Self::Named(time) => time.min(rules.max_open_time),
            Self::Drawn(random) => {
                let factor = rules.open_growth.max(1).saturating_pow(trips.saturating_sub(1));
                let longest = rules.open_time.saturating_mul(factor).min(rules.max_open_time);
                longest.saturating_sub(spread(longest, rules.open_jitter, random))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fusebox_types::units::Rate;

    /// A minute at first and ten at most.
    fn rules() -> BreakerRules {
        BreakerRules {
            open_time: Duration::from_secs(60),
            max_open_time: Duration::from_secs(600),
            ..BreakerRules::default()
        }
    }

    fn seconds(trips: u32, random: u64) -> f64 {
        Wait::Drawn(random).length(&rules(), trips).as_secs_f64()
    }

    #[test]
    fn by_default_it_is_ten_seconds_and_then_twenty() {
        let rules = BreakerRules::default();
        let seconds = [1, 2, 3, 9].map(|trips| Wait::Drawn(0).length(&rules, trips).as_secs());
        assert_eq!(seconds, [10, 20, 20, 20]);
    }

    #[test]
    fn it_doubles_with_each_trip_up_to_the_cap_and_never_overflows() {
        assert_eq!(
            [1, 2, 3, 4, 5].map(|trips| seconds(trips, 0)),
            [60.0, 120.0, 240.0, 480.0, 600.0]
        );
        for trips in [6, 32, 33, 100_000, u32::MAX] {
            assert_eq!(seconds(trips, 0), 600.0, "{trips}");
        }
        assert_eq!(seconds(0, 0), 60.0);
    }

    #[test]
    fn jitter_takes_up_to_its_share_off_and_the_cap_holds() {
        assert!((53.9999..54.0001).contains(&seconds(1, u64::MAX)));
        assert!((56.9999..57.0001).contains(&seconds(1, u64::MAX / 2)));
        assert!((539.9999..540.0001).contains(&seconds(9, u64::MAX)));
    }

    #[test]
    fn no_growth_no_jitter_is_the_open_time() {
        let rules = BreakerRules {
            open_growth: 1,
            open_jitter: Rate::percent(0),
            ..rules()
        };
        assert_eq!(Wait::Drawn(u64::MAX).length(&rules, 9), Duration::from_secs(60));
        let whole = BreakerRules {
            open_jitter: Rate::WHOLE,
            open_time: Duration::MAX,
            max_open_time: Duration::MAX,
            ..rules
        };
        assert_eq!(Wait::Drawn(0).length(&whole, 9), Duration::MAX);
    }

    #[test]
    fn a_time_that_a_policy_names_is_capped_too() {
        let wait = |s| Wait::Named(Duration::from_secs(s)).length(&rules(), 7);
        assert_eq!([wait(5), wait(5_000)], [5, 600].map(Duration::from_secs));
    }
}
