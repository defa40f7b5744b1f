//! How much may be asked of an upstream: its rate and its quotas, over runs and
//! processes.
//!
//! A ledger is a value that can be written down. Whoever asks reads it, takes
//! from it and writes it back, under one lock; nothing in here waits, stores or
//! looks at a clock. Times are in Unix milliseconds, by a time that all processes
//! share (`state/timeline.rs`).
//!
//! That time can jump where the machine was started again and its clock is set
//! otherwise since. Forward, it cannot be told from a pause. Back, what lies in
//! the future counts as if it were now: it is forgotten one window later, so
//! nothing is stuck, and nothing is forgotten too early.

mod held;
mod log;
mod quota;
mod rate;
mod refused;
mod share;
mod taken;

pub use refused::{Limit, Refused};
pub use share::Party;
#[cfg(test)]
use taken::Usage;
pub use taken::{Taken, Warning};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::rules::{QuotaRule, UpstreamLimits};
use held::Held;
use quota::Quota;
use rate::Rate;

/// What was asked of one upstream. A few kilobytes, however much was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ledger {
    rate: Rate,
    /// By the length of their windows, in milliseconds.
    quotas: BTreeMap<u64, Quota>,
    /// What the upstream itself said, by agent.
    held: BTreeMap<String, Held>,
}

impl Ledger {
    /// Takes one request out of an agent's part of the rate and of each quota, or
    /// out of none of them.
    ///
    /// # Errors
    /// If any of them is used up; of several, the one that is so the longest.
    pub fn take(&mut self, rules: &UpstreamLimits, now_ms: u64, party: Party<'_>) -> Result<Taken, Refused> {
        self.settle(rules, now_ms);
        let rate = rules
            .rate
            .and_then(|rule| self.rate.refuses(&rule, now_ms, party));
        let quotas = rules
            .quotas
            .iter()
            .filter_map(|rule| self.quota(rule)?.refuses(rule, party));
        let refusals = self.held_back(party).into_iter().chain(rate).chain(quotas);
        if let Some(refused) = refusals.max_by_key(|refused| refused.until_ms.unwrap_or(u64::MAX)) {
            return Err(refused);
        }
        if let Some(rule) = rules.rate {
            self.rate.take(&rule, now_ms, party);
        }
        let count = |(window, quota): (&u64, &mut Quota)| (*window, quota.take(*window, now_ms, party.who));
        let counted = self.quotas.iter_mut().map(count).collect();
        let warn = |rule: &QuotaRule| {
            let quota = self.quotas.get_mut(&window_ms(rule));
            quota.map_or_else(Vec::new, |quota| quota.warnings(rule, party))
        };
        Ok(Taken {
            warnings: rules.quotas.iter().flat_map(warn).collect(),
            who: party.who.to_owned(),
            counted,
        })
    }

    /// Gives a request back to the quotas that was certainly not sent.
    pub fn give_back(&mut self, taken: &Taken) {
        for (window, at) in &taken.counted {
            if let Some(quota) = self.quotas.get_mut(window) {
                quota.give_back(&taken.who, *at);
            }
        }
    }

    /// Takes an upstream's word that it gives an agent no more until a time. Only
    /// that agent: what it was told may be about what it asked for.
    pub fn hold(&mut self, who: &str, now_ms: u64, until_ms: u64) {
        self.held.insert(who.to_owned(), Held::new(now_ms, until_ms));
    }

    /// How far each quota is used up.
    #[cfg(test)]
    pub(crate) fn usage(&self, rules: &UpstreamLimits, now_ms: u64) -> Vec<Usage> {
        let mut settled = self.clone();
        settled.settle(rules, now_ms);
        let usage = |rule: &QuotaRule| Some(settled.quota(rule)?.usage(rule));
        rules.quotas.iter().filter_map(usage).collect()
    }

    /// Makes it fit the rules and the time: quotas that the rules have, nothing
    /// that is over, nothing in the future.
    fn settle(&mut self, rules: &UpstreamLimits, now_ms: u64) {
        // A window of another length begins with what is known of the longest.
        let known = self.quotas.values().next_back().cloned().unwrap_or_default();
        for rule in &rules.quotas {
            self.quotas
                .entry(window_ms(rule))
                .or_insert_with(|| known.unwarned());
        }
        self.quotas
            .retain(|window, _| rules.quotas.iter().any(|rule| window_ms(rule) == *window));
        for (window, quota) in &mut self.quotas {
            quota.settle(*window, now_ms);
        }
        self.rate.settle(rules.rate.as_ref(), now_ms);
        for held in self.held.values_mut() {
            held.settle(now_ms);
        }
        self.held.retain(|_, held| held.until_ms() > now_ms);
    }

    fn quota(&self, rule: &QuotaRule) -> Option<&Quota> {
        self.quotas.get(&window_ms(rule))
    }

    fn held_back(&self, party: Party<'_>) -> Option<Refused> {
        self.held.get(party.who).map(|held| Refused {
            limit: Limit::Upstream,
            until_ms: Some(held.until_ms()),
        })
    }
}

/// The length of a quota's window.
fn window_ms(rule: &QuotaRule) -> u64 {
    u64::try_from(rule.window.as_millis()).unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
