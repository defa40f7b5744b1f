//! How fast requests follow each other: the generic cell rate algorithm (ITU-T
//! I.371), for all together and for each agent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::refused::{Limit, Refused};
use super::share::Party;
use crate::rules::RateRule;

/// When the next request would be right on time, in Unix microseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Rate {
    all: u64,
    agents: BTreeMap<String, u64>,
}

/// A rate as the algorithm has it.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// Between two requests, in microseconds.
    interval: u64,
    /// How far a request may be ahead of its time.
    ahead: u64,
}

impl Pace {
    /// Of all together; intervals are rounded up.
    fn of_all(rule: &RateRule) -> Self {
        Self::new(rule, 1, rule.burst.into())
    }

    /// Of one among several: so many times slower.
    fn of_part(rule: &RateRule, party: Party<'_>) -> Self {
        Self::new(rule, party.count().max(1), party.part(rule.burst.into()).max(1))
    }

    fn new(rule: &RateRule, parts: u64, burst: u64) -> Self {
        let per = u64::try_from(rule.per.as_micros()).unwrap_or(u64::MAX);
        let interval = per
            .saturating_mul(parts)
            .div_ceil(u64::from(rule.requests).max(1))
            .max(1);
        let ahead = interval.saturating_mul(burst.saturating_sub(1));
        Self { interval, ahead }
    }

    /// When there may be a request, if not now.
    fn refuses(self, due: u64, now: u64) -> Option<u64> {
        let from = due.saturating_sub(self.ahead);
        (from > now).then_some(from)
    }

    fn next(self, due: u64, now: u64) -> u64 {
        due.max(now).saturating_add(self.interval)
    }

    /// The farthest that the next request can be away.
    fn farthest(self, now: u64) -> u64 {
        now.saturating_add(self.ahead).saturating_add(self.interval)
    }
}

impl Rate {
    /// Brings back what lies farther in the future than it can, because the
    /// clock has jumped or the rule is another, and forgets what is over.
    pub(super) fn settle(&mut self, rule: Option<&RateRule>, now_ms: u64) {
        let Some(rule) = rule else {
            *self = Self::default();
            return;
        };
        let now = micros(now_ms);
        self.all = self.all.min(Pace::of_all(rule).farthest(now));
        self.agents.retain(|_, due| *due > now);
    }

    /// Why an agent may make no request, if it may not.
    pub(super) fn refuses(&mut self, rule: &RateRule, now_ms: u64, party: Party<'_>) -> Option<Refused> {
        let now = micros(now_ms);
        let limit = Limit::Rate {
            requests: rule.requests.into(),
            per_ms: u64::try_from(rule.per.as_millis()).unwrap_or(u64::MAX),
        };
        if !party.takes_part() {
            return Some(Refused {
                limit,
                until_ms: None,
            });
        }
        let pace = Pace::of_part(rule, party);
        if let Some(due) = self.agents.get_mut(party.who) {
            *due = (*due).min(pace.farthest(now));
        }
        let own = pace.refuses(self.agents.get(party.who).copied().unwrap_or(0), now);
        let all = Pace::of_all(rule).refuses(self.all, now);
        let from = own.max(all)?;
        Some(Refused {
            limit,
            until_ms: Some(from.div_ceil(1000)),
        })
    }

    /// Counts a request.
    pub(super) fn take(&mut self, rule: &RateRule, now_ms: u64, party: Party<'_>) {
        let now = micros(now_ms);
        self.all = Pace::of_all(rule).next(self.all, now);
        let due = self.agents.entry(party.who.to_owned()).or_default();
        *due = Pace::of_part(rule, party).next(*due, now);
    }
}

fn micros(ms: u64) -> u64 {
    ms.saturating_mul(1000)
}
