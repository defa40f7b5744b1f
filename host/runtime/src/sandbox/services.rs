//! What an attempt has to do with breakers of services.

use fusebox_events::Event;
use fusebox_resilience::breaker::BreakerRules;

/// The breakers that a guest's services have, and what they said.
#[derive(Debug)]
pub struct Services {
    /// The agent, as the session numbers it.
    pub(super) agent: u16,
    /// When they open and close: as the agent's own breaker.
    pub(super) rules: BreakerRules,
    /// Spreads the times for which they stay open.
    pub(super) random: u64,
    /// What became of them during the attempt.
    pub(super) events: Vec<Event>,
}

impl Services {
    /// None called yet by this agent.
    pub fn new(agent: u16, rules: BreakerRules, random: u64) -> Self {
        Self {
            agent,
            rules,
            random,
            events: Vec::new(),
        }
    }

    /// None: nothing is called where there is no session.
    pub(super) fn none() -> Self {
        Self::new(u16::MAX, BreakerRules::default(), 0)
    }
}
