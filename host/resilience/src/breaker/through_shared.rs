//! What holds of the plain breaker, held against the shared one.
#![allow(
    clippy::duplicate_mod,
    unused_mut,
    reason = "the same tests run once for each of the two"
)]

use super::{SharedBreaker as Breaker, *};

#[path = "lives.rs"]
mod lives;
#[path = "properties.rs"]
mod properties;
#[path = "vectors.rs"]
mod vectors;
