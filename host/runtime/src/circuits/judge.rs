//! Who judges a circuit in the built-in policy's stead.

use std::pin::Pin;
use std::time::Duration;

use crate::policy_memory::PolicyMemory;
use fusebox_events::Event;
use fusebox_resilience::breaker::{BreakerRules, Ruling, Snapshot};
use fusebox_types::failure::Failure;

/// Judges a circuit in the built-in policy's stead.
pub trait JudgeCircuit: std::fmt::Debug + Send + Sync {
    /// What follows from a call that ended.
    fn judge<'a>(&'a self, memory: &'a PolicyMemory, matter: &'a BreakerMatter<'a>) -> Judging<'a>;
}

/// A judgement under way: the ruling and its words, none if there is none; and the
/// event that says why not.
pub type Judging<'a> = Pin<Box<dyn Future<Output = (Option<(Ruling, String)>, Option<Event>)> + Send + 'a>>;

/// All that a judgement about a circuit is made from.
pub struct BreakerMatter<'a> {
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
