//! Who judges a breaker in the built-in policy's stead.

use std::pin::Pin;
use std::time::Duration;

use crate::policy_memory::{Asked, PolicyMemory};
use fusebox_resilience::breaker::{BreakerRules, Ruling, Snapshot};
use fusebox_types::failure::Failure;

/// Judges a breaker in the built-in policy's stead.
pub trait JudgeBreaker: std::fmt::Debug + Send + Sync {
    /// What follows from a call that ended.
    fn judge<'a>(&'a self, memory: &'a PolicyMemory, question: &'a BreakerQuestion<'a>) -> AskedLater<'a>;
}

/// The answer, once it is there.
pub type AskedLater<'a> = Pin<Box<dyn Future<Output = Asked<BreakerDecision>> + Send + 'a>>;

/// What a policy decided, and what it said about it.
pub struct BreakerDecision {
    /// What follows from the call.
    pub ruling: Ruling,
    /// Why, in the policy's own words; may be empty.
    pub cause: String,
}

/// What follows for a breaker from a call that ended.
pub struct BreakerQuestion<'a> {
    /// The breaker's key.
    pub breaker: &'a str,
    /// The agent and the instance whose call ended.
    pub agent: &'a str,
    /// The instance of it.
    pub instance: &'a str,
    /// The rules that bound the decision.
    pub rules: &'a BreakerRules,
    /// The breaker with that call counted.
    pub snapshot: Snapshot,
    /// What the call failed with, if it did.
    pub failure: Option<&'a Failure>,
    /// On the clock of the breaker.
    pub now: Duration,
    /// What the policy draws from.
    pub random: u64,
}
