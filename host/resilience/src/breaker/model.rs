//! A circuit breaker that is plain and slow: it keeps every call and counts anew
//! each time. The real one is held against it.
//!
//! Times are milliseconds on a clock that never runs backwards.

use super::{Outcome, State};
use crate::breaker::{BreakerMode, BreakerRules, FailureModel, WindowKind};

/// One call that counted: when it ended, whether it failed, whether it was slow.
#[derive(Debug, Clone, Copy)]
struct Ended(u64, bool, bool);

/// What a permit is here: its generation, and the number of a probe.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticket {
    pub(super) generation: u64,
    pub(super) probe: Option<u64>,
}

#[derive(Debug)]
pub(super) struct Model {
    pub(super) state: State,
    pub(super) generation: u64,
    pub(super) since: u64,
    trips: u32,
    /// Calls that a closed or measured breaker counted, in this generation.
    calls: Vec<Ended>,
    /// The same as a ring of the size that was in force at each.
    ring: Vec<Ended>,
    /// Probes under way: number and start.
    live: Vec<(u64, u64)>,
    next: u64,
    /// Probes that ended.
    probes: Vec<Ended>,
    evidence: [u64; 5],
}

pub(super) fn millis(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap()
}

impl Model {
    pub(super) fn new(now: u64) -> Self {
        Self {
            state: State::Closed,
            generation: 0,
            since: now,
            trips: 0,
            calls: vec![],
            ring: vec![],
            live: vec![],
            next: 0,
            probes: vec![],
            evidence: [0; 5],
        }
    }

    pub(super) fn enter(&mut self, state: State, rules: &BreakerRules, now: u64) {
        *self = Self {
            state,
            generation: self.generation + 1,
            trips: self.trips,
            evidence: self.counts(rules, now),
            next: self.next,
            ..Self::new(now)
        };
    }

    pub(super) fn reset(&mut self, rules: &BreakerRules, now: u64) {
        self.trips = 0;
        self.enter(State::Closed, rules, now);
    }

    pub(super) fn trips(&self, rules: &BreakerRules, now: u64) -> u32 {
        let lasting = millis(rules.open_time.max(rules.window_time));
        match self.state {
            State::Closed if now - self.since >= lasting => 0,
            _ => self.trips,
        }
    }

    /// When the wait of an open breaker is over.
    pub(super) fn until(&self, rules: &BreakerRules) -> u64 {
        let mut wait = millis(rules.open_time);
        for _ in 1..self.trips {
            wait = (wait * u64::from(rules.open_growth)).min(1_000_000);
        }
        self.since + wait.min(millis(rules.max_open_time))
    }

    /// A ticket, or when to ask again.
    pub(super) fn acquire(&mut self, rules: &BreakerRules, now: u64) -> Result<Ticket, Option<u64>> {
        if self.state == State::ForcedOpen {
            return Err(None);
        }
        let mut probe = None;
        if rules.mode == BreakerMode::On {
            if self.state == State::Open && now >= self.until(rules) {
                self.enter(State::HalfOpen, rules, now);
            }
            if self.state == State::Open {
                return Err(Some(self.until(rules)));
            }
            if self.state == State::HalfOpen {
                probe = Some(self.probe(rules, now)?);
            }
        }
        let generation = self.generation;
        Ok(Ticket { generation, probe })
    }

    fn probe(&mut self, rules: &BreakerRules, now: u64) -> Result<u64, Option<u64>> {
        let lease = millis(rules.probe_lease);
        self.live.retain(|(_, start)| now < start + lease);
        let most = self.most_probes(rules);
        if self.live.len() >= most {
            let frees = self.live[self.live.len() - most].1 + lease;
            return Err(Some(frees));
        }
        self.next += 1;
        self.live.push((self.next, now));
        Ok(self.next)
    }

    /// How many probes may be under way at once.
    pub(super) fn most_probes(&self, rules: &BreakerRules) -> usize {
        let row = self.probes.iter().rev().take_while(|ended| !ended.1).count();
        let ramp = if rules.probe_ramp {
            1 << row.min(20)
        } else {
            usize::MAX
        };
        ramp.min(rules.probes as usize)
    }

    pub(super) fn finish(
        &mut self,
        ticket: Ticket,
        outcome: Outcome,
        slow: bool,
        rules: &BreakerRules,
        now: u64,
    ) {
        if ticket.generation != self.generation {
            return;
        }
        if let Some(probe) = ticket.probe {
            let Some(place) = self.live.iter().position(|(id, _)| *id == probe) else {
                return;
            };
            let (_, start) = self.live.remove(place);
            if now >= start + millis(rules.probe_lease) {
                return;
            }
        }
        if outcome != Outcome::Ignored {
            let ended = Ended(now, outcome == Outcome::Failure, slow);
            self.count(ticket, ended, rules, now);
        }
    }

    fn count(&mut self, ticket: Ticket, ended: Ended, rules: &BreakerRules, now: u64) {
        let measures = rules.mode == BreakerMode::MetricsOnly;
        if self.state == State::Disabled || rules.mode == BreakerMode::Off {
            return;
        }
        if self.state == State::Closed || measures {
            let size = rules.window_calls as usize;
            self.calls.push(ended);
            while self.ring.len() >= size {
                self.ring.remove(0);
            }
            self.ring.push(ended);
        } else if self.state == State::HalfOpen && ticket.probe.is_some() {
            self.probes.push(ended);
        } else {
            return;
        }
        if !measures {
            self.judge(rules, now);
        }
    }

    fn judge(&mut self, rules: &BreakerRules, now: u64) {
        let [calls, failures, slow, in_a_row, _] = self.counts(rules, now);
        let consecutive = rules.failure_model == FailureModel::Consecutive;
        let limits = [(failures, rules.failure_rate.0), (slow, rules.slow_rate.0)];
        let bad = |whole: u64| {
            limits
                .iter()
                .any(|(n, rate)| *n > 0 && n * 10_000 >= u64::from(*rate) * whole)
        };
        let over = |whole: u64| {
            limits
                .iter()
                .any(|(n, rate)| n * 10_000 > u64::from(*rate) * whole)
        };
        let successes = calls - failures >= u64::from(rules.success_threshold);
        let ring = rules.window_kind == WindowKind::Calls;
        let minimum = u64::from(if ring {
            rules.min_calls.min(rules.window_calls)
        } else {
            rules.min_calls
        });
        let sample = u64::from(rules.probes.max(rules.success_threshold));
        let (opens, closes) = match (self.state, consecutive) {
            (State::Closed, true) => (in_a_row >= u64::from(rules.failure_threshold), false),
            (State::Closed, false) => (calls >= minimum && bad(calls), false),
            (_, true) if rules.probe_ramp => {
                let none_succeeded = failures > 0 && failures == calls;
                (none_succeeded || in_a_row > 1, successes && in_a_row == 0)
            }
            (_, true) => (in_a_row > 0, successes),
            (_, false) if calls >= sample => (bad(calls) || over(sample), true),
            (_, false) => (over(sample), successes && !bad(calls)),
        };
        if opens {
            self.trips = self.trips(rules, now) + 1;
            self.enter(State::Open, rules, now);
        } else if closes {
            self.enter(State::Closed, rules, now);
        }
    }

    /// Calls, failures, slow calls, failures in a row, successes in a row.
    pub(super) fn counts(&self, rules: &BreakerRules, now: u64) -> [u64; 5] {
        let measures = rules.mode == BreakerMode::MetricsOnly;
        let counted: Vec<Ended> = match self.state {
            State::ForcedOpen | State::Disabled => return self.evidence,
            State::Open if !measures => return self.evidence,
            State::HalfOpen if !measures => self.probes.clone(),
            _ if rules.window_kind == WindowKind::Calls => {
                let surplus = self.ring.len().saturating_sub(rules.window_calls as usize);
                self.ring[surplus..].to_vec()
            }
            _ => self.recent(rules, now),
        };
        let count = |of: &dyn Fn(&Ended) -> bool| counted.iter().filter(|ended| of(ended)).count() as u64;
        let probing = self.state == State::HalfOpen && !measures;
        let all = if probing { &self.probes } else { &self.calls };
        let row = |failed| all.iter().rev().take_while(|ended| ended.1 == failed).count() as u64;
        [
            count(&|_| true),
            count(&|e| e.1),
            count(&|e| e.2),
            row(true),
            row(false),
        ]
    }

    /// The calls of the ten buckets up to now, counted from the first call.
    fn recent(&self, rules: &BreakerRules, now: u64) -> Vec<Ended> {
        let width = millis(rules.window_time) / 10;
        let first = self.calls.first().map_or(now, |ended| ended.0);
        let bucket = |time: u64| (time - first) / width;
        let recent = |ended: &&Ended| bucket(ended.0) + 10 > bucket(now);
        self.calls.iter().filter(recent).copied().collect()
    }
}
