//! What guests handed in before their session was stopped.

use std::sync::Arc;

use super::event_encoder::{FilesOfTasks, HANDED_IN_FALLBACK, HANDED_IN_PARTIAL};
use super::interrupted::Interrupted;
use super::read_back;
use fusebox_store::journal::record::{self, Attempt, Kept};
use fusebox_types::failure::{Failure, causes};
use fusebox_types::{Output, TaskIndex};

impl Interrupted {
    /// What the attempts of a task left of a result, with a failure that says so
    /// if it is gone.
    pub(super) fn partial_of_attempts(
        &self,
        task: TaskIndex,
        failure: Failure,
    ) -> (Option<record::Output>, Failure) {
        match self.handed_in(task, |attempt| attempt.partial.as_deref()) {
            Some(Err(gone)) => {
                let why = format!("a partial result was not kept: {gone}");
                (None, failure.with("partial", why))
            }
            _ => {
                let attempts = self.recovered.attempts.get(&task).into_iter().flatten();
                let partial = attempts
                    .rev()
                    .find_map(|attempt| attempt.partial.as_deref().cloned());
                (partial, failure)
            }
        }
    }

    /// The last of what the guest of a task handed in, or why that is gone.
    pub(super) fn handed_in(
        &self,
        task: TaskIndex,
        what: impl Fn(&Attempt) -> Option<&record::Output>,
    ) -> Option<Result<Arc<Output>, String>> {
        let attempts = self.recovered.attempts.get(&task)?;
        let kept = attempts.iter().rev().find_map(what)?;
        let read = read_back::handed_in(kept, &self.out);
        Some(read.map(Arc::new).map_err(|gone| causes(&gone)))
    }

    /// The files of what guests handed in, of tasks that are not over: nothing is
    /// left of them when those are.
    pub(super) fn files_of_tasks(&self) -> FilesOfTasks {
        let open = self.recovered.attempts.iter();
        let open = open.filter(|(task, _)| !self.recovered.settled.contains_key(task));
        let files = open.map(|(task, attempts)| (*task, attempts.iter().flat_map(files_of).collect()));
        files.collect()
    }
}

fn files_of(attempt: &Attempt) -> impl Iterator<Item = String> {
    let kept = [&attempt.partial, &attempt.fallback].into_iter().flatten();
    kept.filter_map(|kept| match &kept.kept {
        Kept::File(name) => Some(name),
        Kept::Inline(_) => None,
    })
    // What a task had come to before it was reopened is in the report's own files.
    .filter(|name| {
        [HANDED_IN_PARTIAL, HANDED_IN_FALLBACK]
            .iter()
            .any(|kind| name.contains(kind))
    })
    .cloned()
}
