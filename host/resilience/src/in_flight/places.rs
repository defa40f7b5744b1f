//! Who has a place, and who is next.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// How long nobody at all is given a place until those who wait are told so: longer
/// than any answer takes that is still coming.
pub const STALL: Duration = Duration::from_mins(10);

/// The places of an upstream. `W` is what whoever waits is woken by.
///
/// - A place goes to the waiting agent that has the fewest; among equals, to the one
///   that was served the longest ago. So agents that all want more come to have equal
///   parts, and an agent without a place waits for no more than one turn of the others.
/// - No place is kept free while anybody waits. So an agent may have come to have all
///   of them, and keeps them until its requests end: whoever asks then has the first
///   that is given back. One that never reads its answers delays the others until the
///   deadline of the first of its attempts, and no longer.
/// - Whoever leaves is forgotten.
#[derive(Debug)]
pub struct Places<W> {
    /// The agents that have places or wait for some.
    agents: BTreeMap<Arc<str>, Share<W>>,
    /// Those that wait; first, the one that was served the longest ago.
    turns: VecDeque<Arc<str>>,
    in_use: u32,
    /// How often it was asked.
    asked: u64,
    /// When a place was given last.
    given_at: Duration,
}

/// What an agent has and wants.
#[derive(Debug)]
struct Share<W> {
    has: u32,
    /// Those who wait, by when they asked.
    waiting: BTreeMap<u64, W>,
}

/// One that waits for a place, or has one.
#[derive(Debug)]
#[must_use = "its place is taken until it leaves"]
pub struct Ticket {
    agent: Arc<str>,
    number: u64,
}

impl<W> Places<W> {
    /// Asks for a place. It is given by [`Places::give_next`].
    pub fn ask(&mut self, agent: &Arc<str>, waiter: W) -> Ticket {
        self.asked += 1;
        let share = self.agents.entry(agent.clone()).or_default();
        if share.waiting.is_empty() {
            self.turns.push_back(agent.clone());
        }
        share.waiting.insert(self.asked, waiter);
        Ticket {
            agent: agent.clone(),
            number: self.asked,
        }
    }

    /// Gives a place to whoever is next, if fewer than so many are in use.
    pub fn give_next(&mut self, limit: u32, now: Duration) -> Option<W> {
        if self.in_use >= limit {
            return None;
        }
        let agent = self.turns.remove(self.next_turn()?)?;
        let share = self.agents.get_mut(&agent)?;
        let (_, waiter) = share.waiting.pop_first()?;
        share.has += 1;
        self.in_use += 1;
        self.given_at = now;
        if !share.waiting.is_empty() {
            self.turns.push_back(agent);
        }
        Some(waiter)
    }

    /// Waits no longer, or gives its place back.
    pub fn leave(&mut self, ticket: Ticket) {
        let Ticket { agent, number } = ticket;
        let Some(share) = self.agents.get_mut(&agent) else {
            return;
        };
        let waited = share.waiting.remove(&number).is_some();
        if !waited {
            share.has = share.has.saturating_sub(1);
            self.in_use = self.in_use.saturating_sub(1);
        } else if share.waiting.is_empty() {
            self.turns.retain(|other| *other != agent);
        }
        if share.has == 0 && share.waiting.is_empty() {
            self.agents.remove(&agent);
        }
    }

    /// Places that are taken.
    pub const fn in_use(&self) -> u32 {
        self.in_use
    }

    /// How many wait for one.
    pub fn waiting(&self) -> usize {
        self.agents.values().map(|share| share.waiting.len()).sum()
    }

    /// When somebody who has waited since then is told that the queue stands still, if
    /// nobody is given a place before.
    pub fn stalls_at(&self, since: Duration) -> Duration {
        self.given_at.max(since).saturating_add(STALL)
    }

    /// Where in the order of turns the agent is that has the fewest places.
    fn next_turn(&self) -> Option<usize> {
        let has = |agent| self.agents.get(agent).map(|share| share.has);
        let turns = self.turns.iter().enumerate();
        turns.min_by_key(|(_, agent)| has(*agent)).map(|(at, _)| at)
    }
}

impl<W> Default for Places<W> {
    fn default() -> Self {
        Self {
            agents: BTreeMap::new(),
            turns: VecDeque::new(),
            in_use: 0,
            asked: 0,
            given_at: Duration::ZERO,
        }
    }
}

impl<W> Default for Share<W> {
    fn default() -> Self {
        Self {
            has: 0,
            waiting: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
