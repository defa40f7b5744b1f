//! Whether what many threads saw is what one plain breaker would have answered,
//! had it been asked in some order that they cannot tell from their own.

use super::history::{Exchange, plain};
use crate::breaker::Breaker;

/// Panics unless there is such an order. `start` is the breaker as it was before;
/// what one thread asked is in one list.
pub(super) fn assert_linear(start: &Breaker, threads: &[Vec<Exchange>]) {
    let rest: Vec<&[Exchange]> = threads.iter().map(Vec::as_slice).collect();
    assert!(
        has_order(start, &rest),
        "no order explains this; it began with {start:#?}: {threads:#?}"
    );
}

/// Whether an order is left for the rest of what was asked.
fn has_order(circuit: &Breaker, rest: &[&[Exchange]]) -> bool {
    let first_end = rest
        .iter()
        .filter_map(|thread| thread.first())
        .map(|next| next.ended)
        .min();
    let Some(first_end) = first_end else {
        return true;
    };
    rest.iter().enumerate().any(|(place, thread)| {
        let Some((next, later)) = thread.split_first() else {
            return false;
        };
        let mut circuit = circuit.clone();
        let mut rest = rest.to_vec();
        rest[place] = later;
        next.began < first_end
            && plain(&mut circuit, &next.question) == next.answer
            && has_order(&circuit, &rest)
    })
}
