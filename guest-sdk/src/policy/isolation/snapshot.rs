//! What a policy is told.

use std::time::Duration;

use super::wire;
use crate::policy::context::has_context;
use crate::policy::{Context, Failure};

/// All that there is to know about an instance after a failure.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// What every decision is given.
    pub context: Context,
    /// The failure that was just seen.
    pub failure: Failure,
    /// How the instance has been doing.
    pub health: Health,
    /// How its pool has, itself included.
    pub pool: Health,
    /// How many instances the pool has.
    pub pool_size: u32,
    /// How many of them are quarantined now.
    pub quarantined: u32,
    /// How often this one was quarantined without a lasting recovery between.
    pub times: u32,
}

/// How an instance, or its whole pool, has been doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Health {
    /// Attempts that ended in the window.
    pub attempts: u64,
    /// Those that count as strikes.
    pub strikes: u64,
    /// Strikes since the last success.
    pub consecutive_strikes: u32,
    /// The median duration of an attempt.
    pub median: Duration,
}

impl Snapshot {
    /// The first strike of an instance in a pool of two that has done nothing
    /// else, to try a policy on.
    pub fn example(code: &str) -> Self {
        let health = Health {
            attempts: 1,
            strikes: 1,
            consecutive_strikes: 1,
            median: Duration::ZERO,
        };
        Self {
            context: Context::example(),
            failure: Failure::example(code),
            health,
            pool: health,
            pool_size: 2,
            quarantined: 0,
            times: 0,
        }
    }
}

has_context!(Snapshot);

impl From<wire::Snapshot> for Snapshot {
    fn from(snapshot: wire::Snapshot) -> Self {
        Self {
            context: snapshot.context.into(),
            failure: snapshot.failure.into(),
            health: snapshot.instance.into(),
            pool: snapshot.pool.into(),
            pool_size: snapshot.pool_size,
            quarantined: snapshot.quarantined,
            times: snapshot.times,
        }
    }
}

impl From<wire::Health> for Health {
    fn from(health: wire::Health) -> Self {
        Self {
            attempts: health.attempts,
            strikes: health.strikes,
            consecutive_strikes: health.consecutive_strikes,
            median: Duration::from_millis(health.median_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{context, failure};

    #[test]
    fn all_that_is_told_arrives() {
        let health = |attempts| wire::Health {
            attempts,
            strikes: 4,
            consecutive_strikes: 3,
            median_ms: 250,
        };
        let snapshot = Snapshot::from(wire::Snapshot {
            context: context::told(),
            failure: failure::told("trap.unreachable"),
            instance: health(9),
            pool: health(30),
            pool_size: 6,
            quarantined: 2,
            times: 1,
        });
        let expected = Health {
            attempts: 9,
            strikes: 4,
            consecutive_strikes: 3,
            median: Duration::from_millis(250),
        };
        assert_eq!((snapshot.health, snapshot.pool.attempts), (expected, 30));
        let numbers = (snapshot.pool_size, snapshot.quarantined, snapshot.times);
        assert_eq!(numbers, (6, 2, 1));
        assert_eq!(
            (snapshot.instance.as_str(), snapshot.failure.code.as_str()),
            ("writer-2", "trap.unreachable")
        );
    }
}
