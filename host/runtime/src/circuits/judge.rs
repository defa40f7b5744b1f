//! Who judges a circuit in the built-in policy's stead.

use std::pin::Pin;
use std::time::Duration;

use crate::policy_memory::{Asked, PolicyMemory};
use fusebox_resilience::breaker::{BreakerRules, Ruling, Snapshot};
use fusebox_types::failure::Failure;

/// Judges a circuit in the built-in policy's stead.
pub trait JudgeCircuit: std::fmt::Debug + Send + Sync {
    /// What follows from a call that ended.
    fn judge<'a>(&'a self, memory: &'a PolicyMemory, question: &'a BreakerQuestion<'a>) -> AskedLater<'a>;
}

/// The answer, once it is there.
pub type AskedLater<'a> = Pin<Box<dyn Future<Output = Asked<BreakerDecision>> + Send + 'a>>;

/// What a policy decided, and what it said about it.
pub struct BreakerDecision {
    pub ruling: Ruling,
    pub cause: String,
}

/// What follows for a circuit from a call that ended.
pub struct BreakerQuestion<'a> {
    /// The circuit's key.
    pub circuit: &'a str,
    /// The agent and the instance whose call ended.
    pub agent: &'a str,
    pub instance: &'a str,
    pub rules: &'a BreakerRules,
    /// The circuit with that call counted.
    pub snapshot: Snapshot,
    /// What the call failed with, if it did.
    pub failure: Option<&'a Failure>,
    /// On the clock of the circuit.
    pub now: Duration,
    pub random: u64,
}
