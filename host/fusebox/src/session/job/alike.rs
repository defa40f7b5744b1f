//! Attempts that would end the same way again.
//!
//! A guest that asked for nothing whose answer can differ computes the same from the
//! same request: another attempt for the same instance is time and money for nothing.
//! Another instance has other settings, so it may try.

use super::Job;
use crate::agents::Agent;
use fusebox_types::failure::{Blame, Code, Failure};

/// What a report says of such an end.
const WHY: &str = "the plugin asked the host for nothing whose answer can differ, so the same instance \
                   would end the same way";

impl Job<'_> {
    /// The failure of an attempt, with whether another attempt can end otherwise.
    /// `may_differ` is whether the guest learned something that may be another next
    /// time.
    pub(super) fn told_if_alike(&mut self, agent: &Agent, failure: Failure, may_differ: bool) -> Failure {
        let is_time = failure.code == Code::LimitDeadline;
        if may_differ || is_time || failure.blame != Blame::Guest || failure.retryable == Some(false) {
            return failure;
        }
        let placement = &mut self.progress.placement;
        let has_others = agent.instances.iter().any(|one| !placement.has_tried(one.id));
        if has_others {
            placement.only_untried();
            return failure;
        }
        Failure {
            retryable: Some(false),
            ..failure
        }
        .with("alike", WHY)
    }
}
