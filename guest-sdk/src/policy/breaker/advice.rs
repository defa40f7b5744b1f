//! What most breaker policies do alike, ready made.

use std::time::Duration;

use super::{Snapshot, State, Verdict};
use crate::policy::span;

impl Snapshot {
    /// An open time that doubles with each trip without a lasting recovery
    /// between, up to the longest.
    pub fn doubled(&self, first: Duration, longest: Duration) -> Duration {
        span::doubled(first, self.trips, longest)
    }

    /// Judges the probes of a half-open circuit: the first that fails opens it
    /// again for so long, and so many good ones in a row (at least one) close
    /// it. None if it is not half-open.
    pub fn probed(&self, enough: u64, wait: Duration) -> Option<Verdict> {
        let good = self.counts.consecutive_successes;
        match &self.failure {
            _ if self.state != State::HalfOpen => None,
            Some(failure) => {
                let cause = format!("a probe failed: {}", failure.code);
                Some(Verdict::open(wait).because(cause))
            }
            None if good >= enough.max(1) => {
                Some(Verdict::close().because(format!("{good} good probes in a row")))
            }
            None => Some(Verdict::stay()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Decision;
    use super::*;
    use crate::policy::Failure;

    const WAIT: Duration = Duration::from_secs(5);

    fn decision(state: State, good: u64, failure: Option<Failure>) -> Option<Decision> {
        let mut snapshot = Snapshot::example("upstream:x");
        (snapshot.state, snapshot.failure) = (state, failure);
        snapshot.counts.consecutive_successes = good;
        snapshot.probed(2, WAIT).map(|verdict| verdict.decision)
    }

    #[test]
    fn one_bad_probe_opens_and_enough_good_ones_close() {
        let bad = || Some(Failure::example("http.reset"));
        assert_eq!(decision(State::HalfOpen, 1, None), Some(Decision::Stay));
        assert_eq!(decision(State::HalfOpen, 2, None), Some(Decision::Close));
        assert_eq!(decision(State::HalfOpen, 0, bad()), Some(Decision::Open(WAIT)));
        assert_eq!(decision(State::Closed, 9, bad()), None);
        assert_eq!(decision(State::Open, 9, None), None);
    }
}
