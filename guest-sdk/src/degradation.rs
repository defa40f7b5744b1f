//! Results that are worth keeping when the attempt fails.

use crate::Output;
use crate::bindings::fusebox::agent::degradation as host;

/// Saves what there is so far. It is kept, marked as partial, if the attempt
/// fails, and forgotten if it succeeds. A later call replaces an earlier one.
pub fn partial(output: Output) {
    host::partial(&output.into_wire());
}

/// Hands in a stand-in to be used, marked as fallback, if nothing better comes.
pub fn fallback(output: Output) {
    host::fallback(&output.into_wire());
}
