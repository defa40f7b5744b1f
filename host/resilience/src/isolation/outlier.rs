//! Whether an instance fails more than the rest of its pool.
//!
//! Envoy's outlier detection compares with the mean of all hosts less so many
//! standard deviations between hosts. Of n hosts none can be further out than
//! the square root of n - 1 of these, so it needs five hosts, and pools here are
//! smaller. So the deviation is that of chance, as in the p-chart of quality
//! control (Shewhart): two shares p1 = f1/n1 and p2 = f2/n2 of one true share p =
//! (f1 + f2)/(n1 + n2) differ with the standard deviation
//! sqrt(p (1 - p) (1/n1 + 1/n2)). That holds for two instances and for any
//! number of attempts. Like Envoy's failure percentage it takes a least share and
//! a least number of attempts as well.

use super::counts::Counts;
use crate::isolation::IsolationRules;

/// Whether the instance of these counts is an outlier.
pub(super) fn is_outlier(rules: &IsolationRules, counts: &Counts) -> bool {
    let (n1, f1) = (counts.attempts, counts.strikes);
    let (n2, f2) = (
        counts.pool_attempts.saturating_sub(n1),
        counts.pool_strikes.saturating_sub(f1),
    );
    let least = u64::from(rules.outlier_attempts.max(1));
    n1.min(n2) >= least
        && rules.outlier_rate.reached_by(f1, n1)
        && is_above((f1, n1), (f2, n2), rules.outlier_deviations)
}

/// Whether the first share is above the second by more than so many standard
/// deviations. In integers, multiplied out:
/// (f1 n2 - f2 n1)^2 (n1 + n2) > k^2 (f1 + f2) (n1 + n2 - f1 - f2) n1 n2.
/// Exact up to forty million attempts; beyond, where a product would not fit,
/// both sides are the largest number and the answer is no.
fn is_above((f1, n1): (u64, u64), (f2, n2): (u64, u64), deviations: u32) -> bool {
    let [f1, n1, f2, n2] = [f1, n1, f2, n2].map(u128::from);
    let difference = f1.saturating_mul(n2).saturating_sub(f2.saturating_mul(n1));
    let (failed, all) = (f1.saturating_add(f2), n1.saturating_add(n2));
    let k = u128::from(deviations);
    let left = difference.saturating_mul(difference).saturating_mul(all);
    let right = k
        .saturating_mul(k)
        .saturating_mul(failed)
        .saturating_mul(all.saturating_sub(failed))
        .saturating_mul(n1)
        .saturating_mul(n2);
    left > right
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outlier(own: (u64, u64), rest: (u64, u64)) -> bool {
        let counts = Counts {
            attempts: own.1,
            strikes: own.0,
            pool_attempts: own.1 + rest.1,
            pool_strikes: own.0 + rest.0,
            ..Counts::default()
        };
        is_outlier(&IsolationRules::default(), &counts)
    }

    #[test]
    fn it_fails_half_the_time_where_the_others_do_not() {
        assert!(outlier((10, 20), (0, 60)));
        assert!(outlier((10, 20), (0, 20)), "a pool of two");
        assert!(!outlier((9, 20), (0, 60)), "less than the least share");
        assert!(!outlier((10, 19), (0, 60)), "too few attempts");
        assert!(!outlier((10, 20), (0, 19)), "too few to compare with");
    }

    #[test]
    fn where_all_fail_alike_nobody_is_an_outlier() {
        assert!(!outlier((20, 20), (60, 60)));
        assert!(!outlier((13, 20), (30, 60)), "one deviation above");
        assert!(outlier((80, 100), (180, 300)));
        assert!(!outlier((60, 100), (299, 300)), "better than the rest");
    }

    #[test]
    fn large_numbers_do_not_overflow() {
        assert!(outlier((30_000_000, 40_000_000), (1, 40_000_000)));
        assert!(!outlier((u64::MAX / 4, u64::MAX / 4), (0, u64::MAX / 4)));
    }
}
