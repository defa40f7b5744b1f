//! Whether calls would pass now.

use std::time::Duration;

use super::SharedBreaker;
use super::state::State;
use crate::breaker::BreakerRules;

/// Whether calls would pass now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// All.
    Free,
    /// So many probes at once.
    Probes {
        /// At most.
        most: u32,
        /// Under way.
        under_way: u32,
    },
    /// None until then.
    Until(Duration),
    /// None.
    Never,
}

impl SharedBreaker {
    /// Whether calls would pass now.
    pub fn admission(&self, rules: &BreakerRules, now: Duration) -> Admission {
        let snapshot = self.snapshot(rules, now);
        match snapshot.state {
            State::Closed | State::Disabled | State::MetricsOnly => Admission::Free,
            State::ForcedOpen => Admission::Never,
            State::HalfOpen => Admission::Probes {
                most: rules.probes,
                under_way: 0,
            },
            State::Open => match snapshot.until {
                Some(until) if until > now => Admission::Until(until),
                _ => Admission::Probes {
                    most: 1,
                    under_way: 0,
                },
            },
        }
    }
}
