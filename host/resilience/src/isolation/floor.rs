//! How many of a pool may be out at once.

use crate::isolation::IsolationRules;
use fusebox_types::units::Rate;

/// How many of `size` instances may be quarantined at once: the share of the
/// rules, rounded down, for it holds for the count after; at least one of two
/// or more; and never the last one. A share of 0 % keeps all in.
pub(super) fn allowed(rules: &IsolationRules, size: usize) -> usize {
    let most = size.saturating_sub(1);
    if rules.max_quarantined == Rate::default() {
        return 0;
    }
    let size = u64::try_from(size).unwrap_or(u64::MAX);
    let share = rules.max_quarantined.of(size).max(1);
    usize::try_from(share).unwrap_or(usize::MAX).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(percent: u32) -> [usize; 8] {
        let rules = IsolationRules {
            max_quarantined: Rate::percent(percent),
            ..IsolationRules::default()
        };
        [0, 1, 2, 3, 4, 5, 10, 1000].map(|size| allowed(&rules, size))
    }

    #[test]
    fn the_share_holds_for_the_count_after_and_the_last_one_stays() {
        assert_eq!(of(50), [0, 0, 1, 1, 2, 2, 5, 500]);
        assert_eq!(of(10), [0, 0, 1, 1, 1, 1, 1, 100]);
        assert_eq!(of(100), [0, 0, 1, 2, 3, 4, 9, 999]);
        assert_eq!(of(0), [0; 8]);
    }

    /// Vector V25, from Envoy's `outlier_detection_impl.cc`: instances, outliers,
    /// share in percent, how many leave. Its row of five hosts and 10 % without
    /// `always_eject_one_host` is left out: here one of two or more always may.
    #[test]
    fn the_cap_is_that_of_envoy() {
        let cases = [
            (3, 3, 67, 2),
            (3, 2, 50, 1),
            (5, 2, 10, 1),
            (1, 1, 50, 0),
            (20, 5, 10, 2),
        ];
        for (size, outliers, percent, leave) in cases {
            let rules = IsolationRules {
                max_quarantined: Rate::percent(percent),
                ..IsolationRules::default()
            };
            assert_eq!(
                allowed(&rules, size).min(outliers),
                leave,
                "{size} at {percent} %"
            );
        }
    }
}
