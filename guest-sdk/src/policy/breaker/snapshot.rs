//! What a policy is told.

use std::time::Duration;

use super::{State, wire};
use crate::policy::context::has_context;
use crate::policy::{Context, Failure};

/// All that there is to know about a breaker after a call that ended.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// What every decision is given.
    pub context: Context,
    /// The breaker, `upstream:glm` for example.
    pub circuit: String,
    /// Its state now.
    pub state: State,
    /// Since when, on the clock of `now`.
    pub since: Duration,
    /// What was counted, the call that ended included.
    pub counts: Counts,
    /// How often it has opened without a lasting recovery between.
    pub trips: u32,
    /// The failure that was just seen; none after a success.
    pub failure: Option<Failure>,
}

/// What was counted: of a closed breaker the calls in the window, of a half-open
/// one the probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Calls that ended.
    pub calls: u64,
    /// Those that failed.
    pub failures: u64,
    /// Those that were slow, failed or not.
    pub slow: u64,
    /// Failures since the last success.
    pub consecutive_failures: u64,
    /// Successes since the last failure.
    pub consecutive_successes: u64,
    /// The width of the window; none if it counts calls.
    pub window: Option<Duration>,
}

impl Snapshot {
    /// A closed breaker after its first call, which succeeded, to try a policy
    /// on.
    pub fn example(circuit: &str) -> Self {
        Self {
            context: Context::example(),
            circuit: circuit.into(),
            state: State::Closed,
            since: Duration::ZERO,
            counts: Counts {
                calls: 1,
                consecutive_successes: 1,
                ..Counts::default()
            },
            trips: 0,
            failure: None,
        }
    }
}

has_context!(Snapshot);

impl From<wire::Snapshot> for Snapshot {
    fn from(snapshot: wire::Snapshot) -> Self {
        Self {
            context: snapshot.context.into(),
            circuit: snapshot.circuit,
            state: snapshot.state,
            since: Duration::from_millis(snapshot.since_ms),
            counts: snapshot.counts.into(),
            trips: snapshot.trips,
            failure: snapshot.failure.map(Failure::from),
        }
    }
}

impl From<wire::Counts> for Counts {
    fn from(counts: wire::Counts) -> Self {
        Self {
            calls: counts.calls,
            failures: counts.failures,
            slow: counts.slow,
            consecutive_failures: counts.consecutive_failures,
            consecutive_successes: counts.consecutive_successes,
            window: (counts.window_ms > 0).then(|| Duration::from_millis(counts.window_ms)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{context, failure};

    #[test]
    fn all_that_is_told_arrives() {
        let told = |window_ms, failure| wire::Snapshot {
            context: context::told(),
            circuit: "upstream:glm".into(),
            state: State::HalfOpen,
            since_ms: 4_000,
            counts: wire::Counts {
                calls: 6,
                failures: 5,
                slow: 4,
                consecutive_failures: 3,
                consecutive_successes: 2,
                window_ms,
            },
            trips: 1,
            failure,
        };
        let snapshot = Snapshot::from(told(300_000, Some(failure::told("http.reset"))));
        assert_eq!(
            (snapshot.circuit.as_str(), snapshot.state),
            ("upstream:glm", State::HalfOpen)
        );
        assert_eq!((snapshot.since, snapshot.trips), (Duration::from_secs(4), 1));
        let counts = Counts {
            calls: 6,
            failures: 5,
            slow: 4,
            consecutive_failures: 3,
            consecutive_successes: 2,
            window: Some(Duration::from_secs(300)),
        };
        assert_eq!((snapshot.counts, snapshot.seed), (counts, 77));
        assert_eq!(
            snapshot.failure.map(|failure| failure.code),
            Some("http.reset".into())
        );
        let by_calls = Snapshot::from(told(0, None));
        assert!(by_calls.counts.window.is_none() && by_calls.failure.is_none());
    }
}
