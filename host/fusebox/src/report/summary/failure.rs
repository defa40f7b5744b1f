//! What a session came to, as what failed in it and what can be done.

use super::Summary;
use crate::report::human::counts as in_words;
use crate::report::partial_failure::{FailureReport, PartialFailure};
use crate::report::recovery::Resumable;
use fusebox_events::{BreakerView, QuarantineView};

impl Summary {
    /// What failed, and how much is usable.
    pub fn partial_failure(&self) -> PartialFailure {
        PartialFailure {
            session: self.id.clone(),
            outcome: self.progress.end().map(|end| end.status),
            message: in_words(&self.counts()),
            counts: self.counts(),
            usable: self.counts().usable(),
            required_missing: self.required_missing.clone(),
            failures: self.groups().map(Into::into).collect(),
            ungrouped: self.failures.ungrouped(),
            not_run: self.not_run.clone(),
            cancelled: self.cancelled.clone(),
            held: self.held.ids().to_vec(),
        }
    }

    /// All that is known of what failed, and what can be done.
    pub fn failure_report(&self, resumable: Option<&Resumable>) -> FailureReport {
        FailureReport {
            failure: self.partial_failure(),
            patterns: self.patterns(),
            breakers: self.progress.breakers().cloned().collect(),
            holds: self.holds(),
            quarantined: self.quarantined().cloned().collect(),
            recovery: self.recovery(resumable),
        }
    }

    /// Takes what was told of breakers and instances elsewhere.
    pub(crate) fn told_of(&mut self, breakers: Vec<BreakerView>, quarantined: Vec<QuarantineView>) {
        self.progress.told_of(breakers, quarantined);
    }
}
