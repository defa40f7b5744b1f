//! What is left of a session in which something failed: how much is usable,
//! every result that there is, what can be done, and all of it in one report.
//! The same values are what the command's report and summary are made of.
//!
//! | asked | answered |
//! |---|---|
//! | [`Degradation::partial_failure`] | what failed, how much is usable, what the session came to |
//! | [`Degradation::partial_results`] | every result that is kept, and whether it is whole, a part, or stands in |
//! | [`Degradation::recovery_options`] | what can be done, each with its command, why, and what that does |
//! | [`Degradation::failure_report`] | failures by code with what to do, patterns, breakers, quarantines, options |
//!
//! A session under way is followed ([`Running::degradation`](crate::Running::degradation),
//! [`Degradation::read`]); one that is over, or whose host was stopped, is opened
//! in its directory ([`Degradation::open`]).
//!
//! ```
//! use std::sync::Arc;
//!
//! use fusebox::degradation::{Completeness, Degradation};
//! use fusebox::event::{Event, TaskRecord};
//! use fusebox::failure::{Code, Failure};
//! use fusebox::session::{Graph, Task};
//! use fusebox::{Output, TaskStatus};
//!
//! let text = |text: &str| {
//!     let (content_type, bytes) = ("text/plain".into(), text.into());
//!     Arc::new(Output { content_type, bytes })
//! };
//! let task = |id: &str| Task {
//!     id: id.into(),
//!     agent: 0,
//!     input: text("an essay"),
//!     settings: None,
//!     after: Box::default(),
//!     required: false,
//!     on_upstream_failure: None,
//!     fallback: None,
//! };
//! let tasks = vec![task("outline"), task("score")];
//! let graph = Arc::new(Graph::new(tasks, vec!["writer".into()])?);
//!
//! // What `Running::next_event` hands out while the session runs.
//! let ended = |status, output, failure| TaskRecord {
//!     status,
//!     instance: None,
//!     output,
//!     fallback: None,
//!     partial: None,
//!     failure,
//!     reason: None,
//!     not_before: None,
//! };
//! let score = ended(TaskStatus::Succeeded, Some(text("7 of 10")), None);
//! let failure = Arc::new(Failure::new(Code::LimitFuel, "all fuel is spent"));
//! let outline = ended(TaskStatus::Failed, None, Some(failure));
//!
//! let mut degradation = Degradation::new("essay", "essay.yaml", graph);
//! degradation.read(&Event::TaskEnded { task: 1, record: score });
//! degradation.read(&Event::TaskEnded { task: 0, record: outline });
//!
//! let failure = degradation.partial_failure();
//! assert_eq!((failure.usable, failure.counts.total), (1, 2));
//! assert_eq!(failure.failures[0].code, "limit.fuel");
//!
//! let results: Vec<_> = degradation.partial_results().collect::<Result<_, _>>()?;
//! assert_eq!((&*results[0].task, results[0].completeness), ("score", Completeness::Whole));
//!
//! let report = serde_json::to_value(degradation.failure_report())?;
//! assert_eq!(report["failure"]["failures"][0]["tasks"], serde_json::json!(["outline"]));
//! assert_eq!(report["recovery"][0]["command"], "fusebox explain limit.fuel");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod open;
mod results;

use std::sync::Arc;

pub use self::open::OpenError;
use self::results::Results;
pub use self::results::{Completeness, KeptResult};
use crate::archive::LostResult;
pub use crate::report::{
    FailureGroupEntry, FailureReport, MessageEntry, PartialFailure, PatternEntry, RecoveryEntry, Resumable,
};
use crate::report::{OutputError, Reader, Summary};
use crate::session::Graph;
use fusebox_events::Event;

/// What is left of a session in which something failed. Asked while the session
/// runs it answers for what has happened so far.
#[derive(Debug)]
pub struct Degradation {
    summary: Summary,
    results: Results,
    resumable: Option<Resumable>,
}

impl Degradation {
    /// Of a session that is followed from its beginning by its events. Results
    /// are held as long as this is: of a session that is kept in a directory,
    /// [`open`](Self::open) reads them one at a time.
    pub fn new(session: &str, source: &str, graph: Arc<Graph>) -> Self {
        Self {
            summary: Summary::new(session.to_owned(), source.to_owned(), graph.clone()),
            results: Results::held(graph),
            resumable: None,
        }
    }

    /// Says that the session can be resumed, so that the options can say
    /// how.
    #[must_use]
    pub fn resumable(self, resumable: Resumable) -> Self {
        Self {
            resumable: Some(resumable),
            ..self
        }
    }

    /// Takes note of an event.
    pub fn read(&mut self, event: &Event) {
        self.results.read(event);
        self.summary.note(event);
    }

    /// What failed, how much is usable, and what the session came to.
    pub fn partial_failure(&self) -> PartialFailure {
        self.summary.partial_failure()
    }

    /// Every result that there is, a part or a stand-in marked as such. Those of
    /// a directory are read from there, one at a time, and checked against what
    /// was kept.
    pub fn partial_results(&self) -> impl Iterator<Item = Result<KeptResult, LostResult>> {
        self.results.all()
    }

    /// What can be done next, each with its command, why it helps, and what it
    /// does.
    pub fn recovery_options(&self) -> Vec<RecoveryEntry> {
        self.summary.recovery(self.resumable.as_ref())
    }

    /// All of that but the results, with patterns among the failures, breakers
    /// and quarantines.
    pub fn failure_report(&self) -> FailureReport {
        self.summary.failure_report(self.resumable.as_ref())
    }
}

impl Reader for Degradation {
    fn read(&mut self, event: &Event) -> Result<(), OutputError> {
        Degradation::read(self, event);
        Ok(())
    }
}
