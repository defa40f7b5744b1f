//! How far the attempt is.

/// Says which fraction of the work is done, from 0 to 1, and what comes now.
pub fn progress(fraction: f32, message: &str) {
    crate::bindings::fusebox::agent::progress::report(fraction, message);
}
