//! Policy components asked: what they are told, what each keeps between two
//! decisions, and what stands against it.
//!
//! The host owns all of it, so a policy can be swapped while work waits.
//! `consult` is the way it is asked, and for each kind a file says what it is told and how far its answer
//! is taken. Where a component fails to decide, the built-in policy does.

mod breaker;
mod consult;
mod degradation;
mod isolation;
mod retry;
mod wire;

pub use breaker::{judge as judge_breaker, to_wire as breaker_to_wire};
pub use degradation::{
    DegradationDesk, DegradationMatter, Ruled, judge as judge_degradation, to_wire as degradation_to_wire,
};
pub use isolation::{
    IsolationMatter, judge as judge_isolation, judge_instance, to_wire as isolation_to_wire,
};
pub use retry::{Consultation, Decided, PastAttempt, RetryDesk, judge, to_wire};
