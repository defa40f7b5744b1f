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

pub use ask::ask;
pub use degradation::{DegradationDecision, DegradationQuestion};
pub use isolation::IsolationQuestion;
pub use question::{Clamped, Question};
pub use retry::{PastAttempt, RetryDecision, RetryQuestion};
