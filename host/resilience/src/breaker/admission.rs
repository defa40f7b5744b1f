//! What a caller would meet now, without asking for a permit.

use std::time::Duration;

use super::machine::{Breaker, Phase};
use super::probes::Probes;
use crate::breaker::{BreakerMode, BreakerRules};

/// What a caller would meet now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// All calls pass: it is closed, disabled, or its mode refuses none.
    Free,
    /// Probes pass: it is half-open, or open and its wait is over.
    Probes {
        /// How many may be under way at once.
        most: u32,
        /// How many are.
        under_way: u32,
    },
    /// None passes until then, on the clock of whoever asks: it is open.
    Until(Duration),
    /// None passes until somebody says so: it is forced open.
    Never,
}

impl Admission {
    /// Whether one more call would pass now.
    pub const fn admits(self) -> bool {
        match self {
            Self::Free => true,
            Self::Probes { most, under_way } => under_way < most,
            Self::Until(_) | Self::Never => false,
        }
    }

    /// What a caller meets that needs the permits of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never, _) | (_, Self::Never) => Self::Never,
            (Self::Until(one), Self::Until(other)) => Self::Until(one.max(other)),
            (Self::Until(until), _) | (_, Self::Until(until)) => Self::Until(until),
            (Self::Free, other) | (other, Self::Free) => other,
            (Self::Probes { .. }, Self::Probes { .. }) if self.room() <= other.room() => self,
            (Self::Probes { .. }, Self::Probes { .. }) => other,
        }
    }

    /// How many more calls would pass.
    const fn room(self) -> u32 {
        match self {
            Self::Free => u32::MAX,
            Self::Probes { most, under_way } => most.saturating_sub(under_way),
            Self::Until(_) | Self::Never => 0,
        }
    }
}

impl Breaker {
    /// What a caller would meet at `now`. Looking changes nothing.
    pub fn admission(&self, rules: &BreakerRules, now: Duration) -> Admission {
        let mut clock = self.clock;
        let at = clock.read(now);
        let of = |probes: &Probes| Admission::Probes {
            most: probes.most(rules),
            under_way: probes.under_way(rules, at),
        };
        match &self.phase {
            Phase::ForcedOpen => Admission::Never,
            Phase::Closed | Phase::Disabled => Admission::Free,
            _ if rules.mode != BreakerMode::On => Admission::Free,
            Phase::HalfOpen(probes) => of(probes),
            Phase::Open(_) => match self.until(rules) {
                Some(until) if until > at => Admission::Until(clock.outside(until)),
                _ => of(&Probes::default()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Admission::{Free, Never, Probes, Until};

    const fn probes(most: u32, under_way: u32) -> Admission {
        Probes { most, under_way }
    }

    #[test]
    fn of_two_the_stricter_is_met() {
        let s = Duration::from_secs;
        let from_strict = [
            Never,
            Until(s(9)),
            Until(s(2)),
            probes(1, 1),
            probes(4, 3),
            probes(4, 1),
            Free,
        ];
        for (place, one) in from_strict.iter().enumerate() {
            for other in &from_strict[place..] {
                assert_eq!((one.and(*other), other.and(*one)), (*one, *one));
            }
        }
        assert_eq!(
            from_strict.map(Admission::admits),
            [false, false, false, false, true, true, true]
        );
    }
}
