//! What a policy is asked, and how far its answer is taken.

use std::time::Duration;

use super::wire::millis;
use crate::plugin::PolicyUse;
use crate::sandbox::PolicyKind;
use crate::sandbox::bindings::wire::Context;
use fusebox_resilience::{breaker, degradation, isolation};

/// Most bytes that a policy may keep from one decision to the next.
const MAX_MEMORY: usize = 4096;
/// Longest reason of a policy that is kept, in characters.
const REASON_CHARS: usize = 200;

/// What a policy of a kind is told.
pub(crate) type Snapshot<Q> = <<Q as Question>::Kind as PolicyKind>::Snapshot;
/// What it answers.
pub(crate) type Verdict<Q> = <<Q as Question>::Kind as PolicyKind>::Verdict;

/// A decision that is due, with all that it is made from.
pub trait Question {
    /// Which policies are asked it.
    type Kind: PolicyKind;
    /// What they decide.
    type Decision;

    /// What is decided about, as reports name it: an agent or a breaker.
    fn subject(&self) -> &str;

    /// Whom it is about, and when.
    fn about(&self) -> About;

    /// The question in the words of the contract.
    fn snapshot(&self, context: Context) -> Snapshot<Self>;

    /// The decision of a verdict, within the bounds of the rules.
    ///
    /// # Errors
    /// If the verdict makes no sense.
    fn clamp(&self, verdict: Verdict<Self>) -> Result<Self::Decision, InvalidDecision>;

    /// What is decided without asking, where a policy could only do harm.
    fn hard_stop(&self) -> Option<Self::Decision> {
        None
    }
}

/// Whom a decision is about, and when.
pub struct About {
    pub(super) agent: String,
    pub(super) instance: String,
    pub(super) now: Duration,
    pub(super) random: u64,
}

impl About {
    /// The same with what the policy has of its own.
    pub fn context<K: PolicyKind>(self, used: &PolicyUse<K>, memory: Vec<u8>) -> Context {
        Context {
            now_ms: millis(self.now),
            seed: self.random,
            settings: used.settings.to_string(),
            memory,
            agent: self.agent,
            instance: self.instance,
        }
    }
}

/// A verdict within its bounds.
pub struct Clamped<D> {
    /// The decision.
    pub decision: D,
    /// What the policy asked to keep for the next decision.
    pub memory: Option<Vec<u8>>,
}

impl<D> Clamped<D> {
    /// What a verdict comes to.
    ///
    /// # Errors
    /// If it makes no sense.
    pub fn of<Q: Question<Decision = D>>(
        question: &Q,
        mut verdict: Verdict<Q>,
    ) -> Result<Self, InvalidDecision> {
        let memory = Q::Kind::take_memory(&mut verdict);
        if let Some(bytes) = memory.as_ref().map(Vec::len).filter(|bytes| *bytes > MAX_MEMORY) {
            return Err(InvalidDecision::Memory(bytes));
        }
        let decision = question.clamp(verdict)?;
        Ok(Self { decision, memory })
    }
}

/// Why a verdict is not taken. Where a cause came with it, its words are added.
#[derive(Debug, thiserror::Error)]
pub enum InvalidDecision {
    #[error("it asked to keep {0} bytes, {MAX_MEMORY} are the limit")]
    Memory(usize),
    #[error(transparent)]
    Retry(#[from] fusebox_resilience::InvalidDecision),
    #[error(transparent)]
    Isolation(#[from] isolation::InvalidDecision),
    #[error("{why}{}", and_said(cause))]
    Breaker {
        why: breaker::InvalidDecision,
        cause: String,
    },
    #[error("{why}{}", and_said(cause))]
    Degradation {
        why: degradation::InvalidDecision,
        cause: String,
    },
}

fn and_said(cause: &str) -> String {
    match cause {
        "" => String::new(),
        cause => format!(", and said: {cause}"),
    }
}

/// A policy's words, as far as they are kept.
pub(super) fn reason(words: &str) -> String {
    words.chars().take(REASON_CHARS).collect()
}
