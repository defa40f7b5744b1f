//! How many requests a service takes at once, learned from how they end.

mod latency;
mod probe;

use std::time::Duration;

use latency::LatencyTrend;
use probe::Probe;

/// How a request ended, as far as it says how much the service takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered.
    Success {
        /// From when it was sent until the answer began.
        latency: Duration,
    },
    /// The service said that it was too much: 429, 503.
    Refused,
    /// It says nothing of that.
    Neutral,
}

/// A request that was sent. What it says counts only for the limit that it was sent
/// under.
#[derive(Debug, Clone, Copy)]
#[must_use = "how it ended is to be told"]
pub struct Sent {
    number: u64,
    /// Whether it took the last place: the limit is what kept others waiting.
    is_last: bool,
    /// Whether at least half of the places were taken. With fewer it shows nothing of
    /// what the service takes.
    is_half: bool,
}

/// How many requests a service takes at once: additive increase, multiplicative
/// decrease, between one and `most`, which is what the rules allow (Chiu and Jain,
/// "Analysis of the Increase and Decrease Algorithms for Congestion Avoidance", 1989).
///
/// - It begins at `most`, and stays there while nothing is wrong.
/// - Halved when the service refuses: as a TCP sender does (RFC 5681, 3.1).
/// - A tenth less, and at least one, when a window of latencies has risen while the limit
///   was what bound: `AIMDLimit` of Netflix's concurrency-limits.
/// - Lowered once for all that was sent before: RFC 6582's `recover`. So one burst of
///   refusals is one decrease.
/// - One more after as many successes as the limit is, of requests that were sent while
///   at least half of the places were taken (as in `AIMDLimit`; RFC 7661).
/// - Where one more was refused before, more successes are asked for: see `probe.rs`.
///
/// After a first storm it is back from one to `most` = n within n(n-1)/2 + 10 successes:
/// 16 for four places. After storms without end that many and 31 (2n-3) more.
#[derive(Debug, Default)]
pub struct AdaptiveLimit {
    /// None if it is not lowered.
    lowered: Option<u32>,
    /// How many were sent.
    sent: u64,
    /// How many had been sent when it was lowered last.
    sent_by_then: u64,
    /// Successes towards the next increase.
    successes: u32,
    probe: Probe,
    latency: LatencyTrend,
}

impl AdaptiveLimit {
    /// The limit now, at most `most`.
    pub fn current(&self, most: u32) -> u32 {
        let most = most.max(1);
        self.lowered.map_or(most, |lowered| lowered.min(most))
    }

    /// A request is sent; with it, so many places are in use.
    pub fn sent(&mut self, in_use: u32, most: u32) -> Sent {
        let limit = self.current(most);
        let number = self.sent;
        self.sent += 1;
        Sent {
            number,
            is_last: in_use >= limit,
            is_half: in_use.saturating_mul(2) >= limit,
        }
    }

    /// A request has ended.
    pub fn ended(&mut self, sent: Sent, outcome: Outcome, most: u32) {
        if sent.number < self.sent_by_then {
            return;
        }
        let limit = self.current(most);
        match outcome {
            Outcome::Neutral => {}
            Outcome::Refused => self.lower(limit, limit / 2),
            Outcome::Success { latency } => {
                if self.latency.has_risen_with(latency, sent.is_last) {
                    self.lower(limit, (limit - limit.div_ceil(10)).max(1));
                } else if sent.is_half && !self.latency.is_rising() {
                    self.succeeded(limit, most);
                }
            }
        }
    }

    /// A success towards the next increase.
    fn succeeded(&mut self, limit: u32, most: u32) {
        self.successes = self.successes.saturating_add(1);
        if self.successes < self.probe.patience(limit) {
            return;
        }
        self.successes = 0;
        self.probe.passed(limit);
        if limit < most {
            self.latency.begin_anew();
            self.lowered = Some(limit.saturating_add(1)).filter(|raised| *raised < most);
        }
    }

    fn lower(&mut self, limit: u32, to: u32) {
        self.sent_by_then = self.sent;
        self.successes = 0;
        self.latency.begin_anew();
        if limit > 1 {
            self.probe.failed(limit);
            self.lowered = Some(to.max(1));
        }
    }
}

#[cfg(test)]
mod served;
#[cfg(test)]
mod tests;
