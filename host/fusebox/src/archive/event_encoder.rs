//! What a session's events leave in its journal.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use serde_bytes::{ByteArray, ByteBuf};

use super::failure;
use crate::report::{Durable, OutputDir, OutputError};
use crate::session::Graph;
use fusebox_events::{AttemptRecord, Event, HandedIn, TaskRecord};
use fusebox_store::journal::Record;
use fusebox_store::journal::record::{Attempt, Ended, Kept, Output as KeptOutput, Retry, TaskEnded};
use fusebox_types::{Output, TaskIndex};

/// Results of up to this many bytes stand in the journal itself; each larger
/// one is a file, which costs a sync of its own.
const INLINE_BYTES: usize = 4 << 10;

/// Names of files, by the task that they are of.
pub(super) type FilesOfTasks = HashMap<TaskIndex, BTreeSet<String>>;

/// Turns events to records. Results that are too large for a record are files
/// before their record is handed out.
#[derive(Debug)]
pub(super) struct EventEncoder {
    graph: Arc<Graph>,
    out: Arc<OutputDir>,
    /// The last attempts of tasks that are not over.
    last: HashMap<TaskIndex, Attempt>,
    /// What was handed in before the ends of attempts that come next.
    handed_in: HashMap<TaskIndex, HandedIn>,
    /// The files of what was handed in, of tasks that are not over.
    files: FilesOfTasks,
}

impl EventEncoder {
    pub(super) fn new(graph: Arc<Graph>, out: Arc<OutputDir>, files: FilesOfTasks) -> Self {
        Self {
            graph,
            out,
            last: HashMap::new(),
            handed_in: HashMap::new(),
            files,
        }
    }

    /// The records for events that came together, in their order.
    ///
    /// # Errors
    /// If a result cannot be written.
    pub(super) fn records(&mut self, events: &[Event]) -> Result<Vec<Record>, OutputError> {
        let mut files = self.out.clone().durable();
        let mut records = Vec::new();
        for event in events {
            records.extend(self.record(event, &mut files)?);
        }
        files.sync()?;
        Ok(records)
    }

    fn record(&mut self, event: &Event, files: &mut Durable) -> Result<Option<Record>, OutputError> {
        Ok(match event {
            Event::HandedIn { task, handed_in } => {
                self.handed_in.insert(*task, handed_in.clone());
                None
            }
            Event::AttemptEnded { task, attempt, .. } => {
                self.last.insert(*task, kept_attempt(attempt));
                None
            }
            Event::RetryScheduled { task, at, .. } => self.goes_on(*task, *at, files)?,
            // Without a time it may go on at once, as far as this is concerned.
            Event::TaskHeld { task, until, .. } => {
                let at = until.unwrap_or(Timestamp::UNIX_EPOCH);
                self.goes_on(*task, at, files)?
            }
            Event::TaskEnded { task, record } => Some(self.ended(*task, record, files)?),
            Event::SessionEnded { at, ran, status } => Some(Record::Ended(Ended {
                at: at.as_microsecond(),
                ran: Some(u64::try_from(ran.as_micros()).unwrap_or(u64::MAX)),
                status: status.to_string(),
            })),
            Event::SessionStarted { .. }
            | Event::AttemptStarted { .. }
            | Event::Progress { .. }
            | Event::Breaker { .. }
            | Event::QuotaWarning { .. }
            | Event::Instance { .. }
            | Event::Instances(_)
            | Event::PolicyStrike { .. }
            | Event::Standing { .. }
            | Event::Hold { .. }
            | Event::Reload { .. } => None,
        })
    }

    /// That a task's last attempt is over and another will be made.
    fn goes_on(
        &mut self,
        task: TaskIndex,
        at: Timestamp,
        files: &mut Durable,
    ) -> Result<Option<Record>, OutputError> {
        let Some(attempt) = self.last.remove(&task) else {
            return Ok(None);
        };
        Ok(Some(Record::Retry(Retry {
            task,
            attempt: self.with_handed_in(task, attempt, files)?,
            next_at: at.as_microsecond(),
        })))
    }

    /// An attempt with what its guest handed in, so that a host that is killed
    /// before the task is over does not lose it.
    fn with_handed_in(
        &mut self,
        task: TaskIndex,
        attempt: Attempt,
        files: &mut Durable,
    ) -> Result<Attempt, OutputError> {
        let Some(HandedIn { partial, fallback }) = self.handed_in.remove(&task) else {
            return Ok(attempt);
        };
        let id = self.graph.task(task).map_or("", |task| &*task.id);
        let mut keep = |kind, output: Option<Arc<Output>>| {
            output
                .map(|output| kept_output(id, kind, &output, files).map(Box::new))
                .transpose()
        };
        let (partial, fallback) = (
            keep(HANDED_IN_PARTIAL, partial)?,
            keep(HANDED_IN_FALLBACK, fallback)?,
        );
        for kept in [&partial, &fallback].into_iter().flatten() {
            if let Kept::File(name) = &kept.kept {
                self.files.entry(task).or_default().insert(name.clone());
            }
        }
        Ok(Attempt {
            partial,
            fallback,
            ..attempt
        })
    }

    fn ended(
        &mut self,
        index: TaskIndex,
        ended: &TaskRecord,
        files: &mut Durable,
    ) -> Result<Record, OutputError> {
        self.handed_in.remove(&index);
        // The end has what is kept of them.
        for name in self.files.remove(&index).unwrap_or_default() {
            self.out.remove(&name)?;
        }
        let task = self.graph.task(index).map_or("", |task| &*task.id);
        let mut keep = |kind, output: &Option<Arc<Output>>| {
            let output = output.as_deref();
            output
                .map(|output| kept_output(task, kind, output, files))
                .transpose()
        };
        Ok(Record::TaskEnded(Box::new(TaskEnded {
            instance: ended.instance.as_deref().map(str::to_owned),
            output: keep("", &ended.output)?,
            fallback: ended.fallback.as_deref().map(str::to_owned),
            partial: keep(PARTIAL, &ended.partial)?,
            failure: ended.failure.as_deref().map(failure::kept),
            reason: ended.reason.map(|reason| reason.name().to_owned()),
            not_before: ended.not_before.map(|at| at.as_microsecond()),
            last: self.last.remove(&index),
            ..TaskEnded::new(index, ended.status)
        })))
    }
}

/// What the names of files of partial results end with.
pub(super) const PARTIAL: &str = ".partial";
/// The same of what attempts handed in, of tasks that are not over.
pub(super) const HANDED_IN_PARTIAL: &str = ".handed-in-partial";
pub(super) const HANDED_IN_FALLBACK: &str = ".handed-in-fallback";

fn kept_attempt(attempt: &AttemptRecord) -> Attempt {
    let micros = |time: std::time::Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    Attempt {
        number: attempt.number,
        agent: attempt.agent.as_deref().map(str::to_owned),
        instance: attempt.instance.to_string(),
        started: attempt.started.as_microsecond(),
        wall: micros(attempt.usage.wall),
        delay_before: micros(attempt.delay_before),
        cpu: micros(attempt.usage.cpu),
        fuel: attempt.usage.fuel,
        memory_peak: attempt.usage.memory_peak,
        failure: attempt.failure.as_deref().map(failure::kept),
        is_free: attempt.is_free,
        partial: None,
        fallback: None,
    }
}

fn kept_output(
    task: &str,
    kind: &str,
    output: &Output,
    files: &mut Durable,
) -> Result<KeptOutput, OutputError> {
    let digest = fusebox_types::digest::Digest::of(&output.bytes);
    let kept = if output.bytes.len() <= INLINE_BYTES {
        Kept::Inline(ByteBuf::from(output.bytes.clone()))
    } else {
        Kept::File(files.keep(task, kind, output, digest)?)
    };
    Ok(KeptOutput {
        content_type: output.content_type.clone(),
        bytes: output.bytes.len() as u64,
        sha256: ByteArray::new(digest.0),
        kept,
    })
}
