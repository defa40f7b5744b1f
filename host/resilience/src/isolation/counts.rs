//! What a verdict on an instance is made from.

use serde::{Deserialize, Serialize};

use fusebox_types::units::Rate;

/// What a verdict on an instance is made from. Attempts that are neutral are
/// not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Strikes since the last success.
    pub consecutive: u32,
    /// Attempts in the window.
    pub attempts: u64,
    /// Those that were strikes.
    pub strikes: u64,
    /// Attempts of the whole pool in the window.
    pub pool_attempts: u64,
    /// Those that were strikes.
    pub pool_strikes: u64,
}

impl Counts {
    /// The share of the instance's attempts that were strikes, rounded down.
    pub fn strike_rate(&self) -> Rate {
        rate(self.strikes, self.attempts)
    }

    /// That of its whole pool.
    pub fn pool_strike_rate(&self) -> Rate {
        rate(self.pool_strikes, self.pool_attempts)
    }
}

/// A part of a whole; nothing of nothing.
fn rate(part: u64, whole: u64) -> Rate {
    let share = u128::from(part).saturating_mul(u128::from(Rate::WHOLE.0));
    let share = share.checked_div(u128::from(whole)).unwrap_or(0);
    Rate(u32::try_from(share).unwrap_or(Rate::WHOLE.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_down_and_nothing_of_nothing() {
        assert_eq!(Counts::default().strike_rate(), Rate::percent(0));
        let counts = Counts {
            attempts: 3,
            strikes: 2,
            pool_attempts: u64::MAX,
            pool_strikes: u64::MAX,
            ..Counts::default()
        };
        assert_eq!(counts.strike_rate(), Rate(6_666));
        assert_eq!(counts.pool_strike_rate(), Rate::WHOLE);
    }
}
