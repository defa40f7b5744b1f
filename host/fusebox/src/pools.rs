//! The instances of a session's agents, as pools: which one is next, which one
//! is out, and how they are doing.
//!
//! The rules are those of [`resilience::isolation`](fusebox_resilience::isolation);
//! here its machine gets a lock, a clock, the policy that may judge in its place,
//! and words for people. What is known of an instance stays, whatever a reload
//! changes: rules are handed in at each call.

mod check;
mod kept;
mod lease;
mod pool;

pub use kept::kept_view;
pub(crate) use lease::{PoolLease, is_strike};
pub(crate) use pool::AgentPool;

use std::sync::Arc;

use fusebox_runtime::breakers::Clock;

/// The pools of a session. Agents are numbered as in its graph.
#[derive(Debug)]
pub(crate) struct Pools(Vec<Arc<AgentPool>>);

impl Pools {
    /// A pool for each of these agents, with nobody in it yet.
    pub(crate) fn new(agents: &[String]) -> Self {
        let clock = Clock::start();
        let pool = |name: &String| Arc::new(AgentPool::new(name.as_str(), clock));
        Self(agents.iter().map(pool).collect())
    }

    /// The pool of an agent.
    pub(crate) fn agent(&self, index: u16) -> Option<&Arc<AgentPool>> {
        self.0.get(usize::from(index))
    }

    /// All of them, with the numbers of their agents.
    pub(crate) fn all(&self) -> impl Iterator<Item = (u16, &Arc<AgentPool>)> {
        (0..).zip(&self.0)
    }
}
