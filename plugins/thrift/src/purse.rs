//! The points that an agent has left.

use serde::{Deserialize, Serialize};

use crate::settings::Settings;

/// What is kept between decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Purse {
    /// Points left.
    left: u64,
    /// Up to when points have come back, in milliseconds since the session
    /// started.
    at_ms: u64,
}

/// How much is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Short {
    /// Points that are there.
    pub(crate) left: u64,
    /// How long until there are enough; none if never.
    pub(crate) enough_in_ms: Option<u64>,
}

impl Purse {
    /// A full one.
    pub(crate) fn full(settings: &Settings, now_ms: u64) -> Self {
        Self {
            left: settings.budget,
            at_ms: now_ms,
        }
    }

    /// With the points that have come back since. Where the clock has started
    /// anew, none have.
    pub(crate) fn refilled(self, settings: &Settings, now_ms: u64) -> Self {
        let past_ms = now_ms.saturating_sub(self.at_ms);
        let back = past_ms.checked_div(settings.refill_ms).unwrap_or(0);
        let left = self.left.saturating_add(back);
        if left >= settings.budget || self.at_ms > now_ms {
            return Self {
                left: left.min(settings.budget),
                at_ms: now_ms,
            };
        }
        // What has passed of the next point is kept.
        let counted_ms = back.saturating_mul(settings.refill_ms);
        Self {
            left,
            at_ms: self.at_ms.saturating_add(counted_ms),
        }
    }

    /// Pays.
    ///
    /// # Errors
    /// If there is too little, how much is missing.
    pub(crate) fn pay(self, price: u64, settings: &Settings, now_ms: u64) -> Result<Self, Short> {
        if let Some(left) = self.left.checked_sub(price) {
            return Ok(Self { left, ..self });
        }
        let missing = price.saturating_sub(self.left);
        let comes_back = price <= settings.budget && settings.refill_ms > 0;
        let past_ms = now_ms.saturating_sub(self.at_ms);
        Err(Short {
            left: self.left,
            enough_in_ms: comes_back
                .then(|| missing.saturating_mul(settings.refill_ms).saturating_sub(past_ms)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEVER: u64 = 0;

    fn settings(budget: u64, refill_ms: u64) -> Settings {
        Settings {
            budget,
            refill_ms,
            ..Settings::default()
        }
    }

    #[test]
    fn points_come_back_and_no_part_of_one_is_lost() {
        let settings = settings(10, 100);
        let mut purse = Purse { left: 0, at_ms: 0 };
        for now_ms in (0..=450).step_by(30) {
            purse = purse.refilled(&settings, now_ms);
        }
        assert_eq!(purse, Purse { left: 4, at_ms: 400 });
        assert_eq!(purse.refilled(&settings, 5_000), Purse::full(&settings, 5_000));
    }

    #[test]
    fn what_was_kept_may_be_anything() {
        let full = settings(10, 1);
        let wild = Purse {
            left: u64::MAX,
            at_ms: u64::MAX,
        };
        assert_eq!(wild.refilled(&full, 7), Purse { left: 10, at_ms: 7 });
        let later = Purse { left: 2, at_ms: 900 };
        assert_eq!(later.refilled(&full, 7), Purse { left: 2, at_ms: 7 });
        assert_eq!(later.refilled(&settings(10, NEVER), u64::MAX), later);
        let empty = Purse { left: 0, at_ms: 0 };
        assert_eq!(empty.refilled(&settings(u64::MAX, 1), u64::MAX).left, u64::MAX);
    }

    #[test]
    fn who_is_short_is_told_how_long() {
        let purse = Purse { left: 3, at_ms: 40 };
        let short = |enough_in_ms| {
            Err(Short {
                left: 3,
                enough_in_ms,
            })
        };
        assert_eq!(
            purse.pay(3, &settings(10, 100), 90),
            Ok(Purse { left: 0, at_ms: 40 })
        );
        assert_eq!(purse.pay(5, &settings(10, 100), 90), short(Some(150)));
        assert_eq!(purse.pay(11, &settings(10, 100), 90), short(None));
        assert_eq!(purse.pay(5, &settings(10, NEVER), 90), short(None));
        assert_eq!(
            purse.pay(u64::MAX, &settings(u64::MAX, u64::MAX), 90),
            short(Some(u64::MAX - 50))
        );
    }
}
