//! Requests in a long window that slides.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[cfg(test)]
use super::Usage;
use super::log::Log;
use super::refused::{Limit, Refused};
use super::share::Party;
use super::{Warning, window_ms};
use crate::rules::QuotaRule;

/// Where a warning is given, in percent.
const WARN_AT: [u8; 3] = [80, 90, 95];
/// How far below such a point the use has to fall before it is given again, in
/// percent. A window that slides rises and falls by one all the time.
const REARM_BELOW: u8 = 5;

/// The requests of one window.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Quota {
    agents: BTreeMap<String, Log>,
    /// What was last warned of for all together, in percent.
    warned: Warned,
    /// The same for each agent's part.
    warned_agents: BTreeMap<String, Warned>,
}

/// The highest point that was warned of; zero if none was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
struct Warned(u8);

impl Warned {
    /// What there is to warn of now.
    fn next(&mut self, used: u64, of: u64) -> Option<u8> {
        let reaches = |percent: u8| u128::from(used) * 100 >= u128::from(of) * u128::from(percent);
        let level = WARN_AT
            .into_iter()
            .rev()
            .find(|percent| reaches(*percent))
            .unwrap_or(0);
        if level > self.0 {
            self.0 = level;
            return Some(level);
        }
        if !reaches(self.0.saturating_sub(REARM_BELOW)) {
            self.0 = level;
        }
        None
    }
}

impl Quota {
    /// The same requests, and nothing warned of.
    pub(super) fn unwarned(&self) -> Self {
        Self {
            agents: self.agents.clone(),
            ..Self::default()
        }
    }

    /// Forgets what is over.
    pub(super) fn settle(&mut self, window_ms: u64, now_ms: u64) {
        for log in self.agents.values_mut() {
            log.settle(window_ms, now_ms);
        }
        self.agents.retain(|_, log| log.count() > 0);
        self.warned_agents.retain(|who, _| self.agents.contains_key(who));
    }

    /// Why an agent may make no request, if it may not.
    pub(super) fn refuses(&self, rule: &QuotaRule, party: Party<'_>) -> Option<Refused> {
        let (part, all) = (party.part(rule.requests.into()), u64::from(rule.requests));
        let window = window_ms(rule);
        let own = self.agents.get(party.who);
        let until = match own.map_or(0, Log::count) {
            used if used >= part => room_at(own.into_iter(), used, part, window),
            _ if self.used() >= all => room_at(self.agents.values(), self.used(), all, window),
            _ => return None,
        };
        let limit = Limit::Quota {
            requests: all,
            window_ms: window,
            part,
        };
        Some(Refused {
            limit,
            until_ms: until,
        })
    }

    /// Counts a request; the time that it is counted at.
    pub(super) fn take(&mut self, window_ms: u64, now_ms: u64, who: &str) -> u64 {
        self.agents
            .entry(who.to_owned())
            .or_default()
            .add(window_ms, now_ms)
    }

    pub(super) fn give_back(&mut self, who: &str, at: u64) {
        if let Some(log) = self.agents.get_mut(who) {
            log.remove(at);
        }
    }

    /// What there is to warn of, each once.
    pub(super) fn warnings(&mut self, rule: &QuotaRule, party: Party<'_>) -> Vec<Warning> {
        let (used, all) = (self.used(), u64::from(rule.requests));
        let warning = |percent, used, of, who| Warning {
            window_ms: window_ms(rule),
            percent,
            used,
            of,
            who,
        };
        let whole = self
            .warned
            .next(used, all)
            .map(|percent| warning(percent, used, all, None));
        // Of one alone, the part is the whole.
        let shared = party.count() > 1;
        let (own, part) = (self.agents.get(party.who).map_or(0, Log::count), party.part(all));
        let warned = shared.then(|| self.warned_agents.entry(party.who.to_owned()).or_default());
        let of_part = warned.and_then(|warned| warned.next(own, part));
        let of_part = of_part.map(|percent| warning(percent, own, part, Some(party.who.to_owned())));
        whole.into_iter().chain(of_part).collect()
    }

    #[cfg(test)]
    pub(super) fn usage(&self, rule: &QuotaRule) -> Usage {
        Usage {
            window_ms: window_ms(rule),
            used: self.used(),
            of: rule.requests.into(),
            by_agent: self
                .agents
                .iter()
                .map(|(who, log)| (who.clone(), log.count()))
                .collect(),
        }
    }

    fn used(&self) -> u64 {
        self.agents.values().map(Log::count).sum()
    }
}

/// When so many requests have left the window that there is room for one more.
/// None if there never is.
fn room_at<'a>(logs: impl Iterator<Item = &'a Log>, used: u64, most: u64, window_ms: u64) -> Option<u64> {
    if most == 0 {
        return None;
    }
    let mut leaving: Vec<_> = logs.flat_map(Log::entries).collect();
    leaving.sort_unstable();
    let mut left = used;
    let enough = leaving.into_iter().find(|(_, count)| {
        left = left.saturating_sub(u64::from(*count));
        left < most
    });
    enough.map(|(at, _)| at.saturating_add(window_ms))
}
