//! What guests handed in before they failed: it is in the task's end, or the end
//! says why it is not.

use std::sync::Arc;

use fusebox_events::{HandedIn, TaskRecord};
use fusebox_resilience::GiveUp;
use fusebox_types::failure::Failure;
use fusebox_types::{Output, TaskStatus};

/// What guests handed in before they failed, the last of each kind that was as
/// declared.
#[derive(Debug, Default)]
pub(super) struct Salvage {
    partial: Option<Arc<Output>>,
    fallback: Option<Arc<Output>>,
    /// Rare, so that a waiting task does not carry the room for it.
    dropped: Option<Box<Dropped>>,
}

/// Why what was handed in last was not kept.
#[derive(Debug, Default)]
struct Dropped {
    fallback: Option<String>,
    partial: Option<String>,
}

impl Salvage {
    /// What was handed in before the session was resumed, or why it is gone.
    pub(super) fn resumed(
        partial: Option<Result<Arc<Output>, String>>,
        fallback: Option<Result<Arc<Output>, String>>,
    ) -> Self {
        let mut salvage = Self::default();
        if let Some(partial) = partial {
            salvage.keep_partial(partial);
        }
        if let Some(fallback) = fallback {
            salvage.keep_fallback(fallback);
        }
        salvage
    }

    /// What there is of a result that is not whole.
    pub(super) fn partial(&self) -> Option<&Arc<Output>> {
        self.partial.as_ref()
    }

    /// What is to stand in for a result.
    pub(super) fn fallback(&self) -> Option<&Arc<Output>> {
        self.fallback.as_ref()
    }

    /// All of it.
    pub(super) fn handed_in(&self) -> HandedIn {
        HandedIn {
            partial: self.partial.clone(),
            fallback: self.fallback.clone(),
        }
    }

    /// Keeps a part of a result, in the place of an earlier one, or says why not.
    pub(super) fn keep_partial(&mut self, checked: Result<Arc<Output>, String>) {
        match checked {
            Ok(partial) => {
                self.partial = Some(partial);
                self.dropped.iter_mut().for_each(|dropped| dropped.partial = None);
            }
            Err(why) => {
                let why = format!("a partial result was not kept: {why}");
                self.dropped.get_or_insert_default().partial = Some(why);
            }
        }
    }

    /// Keeps what is to stand in for a result, in the place of an earlier one, or
    /// says why not.
    pub(super) fn keep_fallback(&mut self, checked: Result<Arc<Output>, String>) {
        match checked {
            Ok(fallback) => {
                self.fallback = Some(fallback);
                self.dropped
                    .iter_mut()
                    .for_each(|dropped| dropped.fallback = None);
            }
            Err(why) => {
                let why = format!("what was handed in was not kept: {why}");
                self.dropped.get_or_insert_default().fallback = Some(why);
            }
        }
    }

    /// A task's end that says of all that was handed in why it is not there.
    pub(super) fn accounted(&self, record: TaskRecord, keeps_partial: bool) -> TaskRecord {
        // A whole result of the task's own takes the place of all of it.
        let Some(failure) = record
            .failure
            .as_deref()
            .filter(|_| record.status != TaskStatus::Succeeded)
        else {
            return record;
        };
        let lines = [
            ("fallback", self.lost_fallback(&record)),
            ("partial", self.lost_partial(&record, keeps_partial)),
        ];
        if lines.iter().all(|(_, line)| line.is_none()) {
            return record;
        }
        let lines = lines
            .into_iter()
            .filter_map(|(key, line)| Some((key.to_owned(), line?)));
        let mut failure = Failure::clone(failure);
        failure.context.extend(lines);
        TaskRecord {
            failure: Some(Arc::new(failure)),
            ..record
        }
    }

    /// Why the part of a result that there was is not in the end.
    fn lost_partial(&self, record: &TaskRecord, keeps: bool) -> Option<String> {
        let dropped = self.dropped.as_ref().and_then(|dropped| dropped.partial.clone());
        let Some(partial) = self.partial.as_ref().filter(|_| record.partial.is_none()) else {
            return dropped;
        };
        let why = match &record.fallback {
            Some(other) => format!(": `{other}` stands in for the result"),
            None if !keeps => ": `degradation.keep_partial` is false".to_owned(),
            // The policy that let it fail has a line of its own.
            None => String::new(),
        };
        let bytes = match partial.bytes.len() {
            1 => "1 byte of partial result was".to_owned(),
            bytes => format!("{bytes} bytes of partial result were"),
        };
        Some(format!("{bytes} not kept{why}"))
    }

    /// Why what was to stand in does not, if nothing better does.
    fn lost_fallback(&self, record: &TaskRecord) -> Option<String> {
        let dropped = self.dropped.as_ref().and_then(|dropped| dropped.fallback.clone());
        let is_better = record.output.is_some() || record.partial.is_some();
        if is_better || self.fallback.is_none() {
            return dropped;
        }
        let why = match (record.status, record.reason) {
            (TaskStatus::Cancelled, _) => "the task was cancelled",
            (_, Some(GiveUp::FailsSession)) => "`fail-session` ended the session",
            _ => "`skip` let the task fail",
        };
        Some(format!("what was handed in does not stand in: {why}"))
    }
}

#[cfg(test)]
mod tests;
