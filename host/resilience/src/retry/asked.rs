//! Waits that somebody outside asked for, as with `Retry-After`: kept, or nothing
//! more is tried.

use std::time::Duration;

use super::{GiveUp, Snapshot};
use crate::RetryRules;
use fusebox_types::failure::{Code, Failure};

/// The least wait that a failure asks for; none if it asks for none.
pub(super) fn asked(failure: &Failure) -> Option<Duration> {
    failure.retry_after_ms.map(Duration::from_millis)
}

/// The wait before the next attempt, by the rules for its failure.
///
/// What a policy wants is cut to `max_delay`, and to what is left of `max_elapsed`.
/// What was asked for is cut by nothing: if it is longer than what is left, there
/// is no next attempt.
pub(super) fn fit(rules: &RetryRules, snapshot: &Snapshot<'_>, wanted: Duration) -> Result<Duration, GiveUp> {
    let left = rules.max_elapsed.saturating_sub(snapshot.elapsed);
    if left.is_zero() {
        return Err(GiveUp::Elapsed);
    }
    let too_late = |wait| snapshot.remaining.is_some_and(|remaining| wait >= remaining);
    let asked = asked(snapshot.failure).unwrap_or_default();
    // A breaker is the host's own: nobody outside asked, and few want to wait longer.
    let is_breaker = snapshot.failure.code == Code::ShedBreaker;
    let most = if is_breaker {
        left.min(rules.max_delay)
    } else {
        left
    };
    if !asked.is_zero() && (asked > most || too_late(asked)) {
        return Err(if is_breaker {
            GiveUp::BreakerOpen
        } else {
            GiveUp::NotBefore
        });
    }
    let wait = wanted.min(rules.max_delay).min(left).max(asked);
    if too_late(wait) {
        return Err(GiveUp::Deadline);
    }
    Ok(wait)
}

#[cfg(test)]
mod tests;
