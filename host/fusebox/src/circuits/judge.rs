//! Who judges a circuit in the built-in policy's stead.

use std::pin::Pin;
use std::time::Duration;

use crate::policy_memory::{Asked, PolicyMemory};
use fusebox_resilience::breaker::{BreakerRules, Ruling, Snapshot};
use fusebox_types::failure::Failure;

/// Judges a circuit in the built-in policy's stead.
pub(crate) trait JudgeCircuit: std::fmt::Debug + Send + Sync {
    /// What follows from a call that ended.
    fn judge<'a>(&'a self, memory: &'a PolicyMemory, question: &'a BreakerQuestion<'a>) -> AskedLater<'a>;
}

/// The answer, once it is there.
pub(crate) type AskedLater<'a> = Pin<Box<dyn Future<Output = Asked<BreakerDecision>> + Send + 'a>>;

/// What a policy decided, and what it said about it.
pub(crate) struct BreakerDecision {
    pub(crate) ruling: Ruling,
    pub(crate) cause: String,
}

/// What follows for a circuit from a call that ended.
pub(crate) struct BreakerQuestion<'a> {
    /// The circuit's key.
    pub(crate) circuit: &'a str,
    /// The agent and the instance whose call ended.
    pub(crate) agent: &'a str,
    pub(crate) instance: &'a str,
    pub(crate) rules: &'a BreakerRules,
    /// The circuit with that call counted.
    pub(crate) snapshot: Snapshot,
    /// What the call failed with, if it did.
    pub(crate) failure: Option<&'a Failure>,
    /// On the clock of the circuit.
    pub(crate) now: Duration,
    pub(crate) random: u64,
}
