//! Policy components asked: what they are told, and how far their answers are
//! taken.
//!
//! `question` says what it takes to ask one, `ask` is the one way in which it is
//! done, and for each kind a file says what its question holds. Where a component
//! fails to decide, the built-in policy does.

mod ask;
mod breaker;
mod degradation;
mod isolation;
mod question;
mod retry;
mod wire;

pub(crate) use ask::ask;
pub(crate) use degradation::{DegradationDecision, DegradationQuestion};
pub(crate) use isolation::IsolationQuestion;
pub(crate) use question::{Clamped, Question};
pub(crate) use retry::{PastAttempt, RetryDecision, RetryQuestion};
