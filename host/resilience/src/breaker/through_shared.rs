//! What holds of the plain breaker, held against the shared one.
#![allow(
    clippy::duplicate_mod,
    unused_mut,
    reason = "the same tests run once for each of the two"
)]

use super::{SharedBreaker as Breaker, *};

#[path = "properties.rs"]
mod properties;
#[path = "scenarios.rs"]
mod scenarios;
#[path = "vectors.rs"]
mod vectors;
