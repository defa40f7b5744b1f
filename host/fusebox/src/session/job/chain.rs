//! What has become of a chain of fallbacks so far.

use std::sync::Arc;

use fusebox_events::TaskRecord;
use fusebox_resilience::GiveUp;
use fusebox_resilience::degradation::{FallbackLink, Left, Step};
use fusebox_types::failure::Failure;
use fusebox_types::{Output, TaskStatus};

/// What has become of a chain of fallbacks so far.
#[derive(Debug)]
pub(super) struct Chain {
    /// What the task came to by its own agent.
    record: TaskRecord,
    /// What has not been tried.
    left: Left,
    /// The link for which the task is being run once more.
    under_way: Option<FallbackLink>,
    /// A line for each link that gave nothing, and for what a policy decided.
    lines: Vec<(String, String)>,
    /// Whether the task may be run once more.
    may_run: bool,
}

impl Chain {
    /// The whole chain, for a task that came to this.
    pub(super) fn begin(record: TaskRecord, links: &[FallbackLink], may_run: bool) -> Self {
        Self {
            record,
            left: Left::of(links),
            under_way: None,
            lines: Vec::new(),
            may_run,
        }
    }

    /// What the task came to by its own agent.
    pub(super) fn record(&self) -> &TaskRecord {
        &self.record
    }

    /// What there is to choose from.
    pub(super) fn steps(&self, has_handed_in: bool) -> Vec<Step> {
        self.left.fallbacks(has_handed_in)
    }

    /// Takes what is first in the built-in order.
    pub(super) fn take_first(&mut self) -> Option<Step> {
        self.left.take_first()
    }

    /// Takes what a policy chose.
    pub(super) fn take(&mut self, step: &Step) {
        self.left.take(step);
    }

    /// Whether the task may be run once more.
    pub(super) fn may_run(&self) -> bool {
        self.may_run
    }

    /// Notes that the task is run once more, for this link.
    pub(super) fn run(&mut self, link: FallbackLink) {
        self.under_way = Some(link);
    }

    pub(super) fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// The link for which the task was run once more, which is over.
    pub(super) fn take_under_way(&mut self) -> Option<FallbackLink> {
        self.under_way.take()
    }

    /// Notes that running the task for a link gave nothing.
    pub(super) fn ran_in_vain(&mut self, link: &FallbackLink, failure: Option<&Failure>, may_run: bool) {
        self.gave_nothing(link, failure.map_or_else(String::new, ToString::to_string));
        self.may_run = may_run;
    }

    /// The task fails, whatever there is of a result.
    pub(super) fn let_fail(&mut self) {
        self.record.partial = None;
        self.record.status = TaskStatus::Failed;
    }

    /// The task is what the session fails by, with the part of a result that is
    /// to be kept.
    pub(super) fn fail_session(&mut self, partial: Option<Arc<Output>>) {
        if let Some(partly) = self.partial(partial) {
            self.record = partly;
        }
        self.record.reason = Some(GiveUp::FailsSession);
    }

    /// Adds a line to what the report says of the failure.
    pub(super) fn note(&mut self, key: &str, line: impl std::fmt::Display) {
        self.lines.push((key.to_owned(), line.to_string()));
    }

    /// Says why a link gave nothing.
    pub(super) fn gave_nothing(&mut self, link: &FallbackLink, why: impl std::fmt::Display) {
        self.note("fallback", format_args!("{link}: {why}"));
    }

    /// What stands in for the result.
    pub(super) fn stand_in(&self, output: Option<Arc<Output>>, link: &str) -> Option<TaskRecord> {
        Some(TaskRecord {
            status: TaskStatus::Degraded,
            output: Some(output?),
            fallback: Some(link.into()),
            partial: None,
            ..self.record.clone()
        })
    }

    /// The part of a result that is to be kept, if there is one.
    pub(super) fn partial(&self, partial: Option<Arc<Output>>) -> Option<TaskRecord> {
        Some(TaskRecord {
            status: TaskStatus::Degraded,
            partial: Some(partial?),
            ..self.record.clone()
        })
    }

    /// What the task came to, with what became of the links before that.
    pub(super) fn told(self, mut record: TaskRecord) -> TaskRecord {
        if let (Some(failure), false) = (&record.failure, self.lines.is_empty()) {
            let mut failure = Failure::clone(failure);
            failure.context.extend(self.lines);
            record.failure = Some(Arc::new(failure));
        }
        record
    }
}
