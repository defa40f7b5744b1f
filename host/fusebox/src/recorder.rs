//! Everything that a session leaves on disk, written while it runs.

use std::sync::Arc;

use crate::Running;
use crate::agents::LoadError;
use crate::archive::ArchiveError;
use crate::report::{
    GuestLog, OutputDir, OutputError, Reader, RecoveryEntry, Remembered, ReportWriter, Resumable, Summary,
};
use crate::session::{Graph, SessionOutcome};

/// Why a session's record is not whole.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Something could not be written. The session was cancelled.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// What happened cannot be kept. The session was cancelled.
    #[error(transparent)]
    Kept(#[from] ArchiveError),
    /// The host itself failed.
    #[error(transparent)]
    Host(#[from] LoadError),
}

/// Follows a session and writes its report, its results and what its guests
/// said.
pub struct Recorder {
    writer: ReportWriter,
    log: GuestLog,
    summary: Summary,
    resumable: Option<Resumable>,
}

/// What a session came to, once everything is written.
#[derive(Debug)]
pub struct Recorded {
    /// What it came to.
    pub outcome: SessionOutcome,
    /// The same in more figures.
    pub summary: Summary,
    /// What can be done next.
    pub recovery: Vec<RecoveryEntry>,
    /// The tasks and where their results are, if that was to be remembered.
    pub remembered: Vec<Remembered>,
}

impl Recorder {
    /// Begins the record of a session.
    ///
    /// # Errors
    /// If the report's file cannot be made.
    pub fn begin(
        out: Arc<OutputDir>,
        id: &str,
        source: &str,
        graph: &Arc<Graph>,
    ) -> Result<Self, OutputError> {
        Ok(Self {
            writer: ReportWriter::begin(out.clone(), graph.clone())?,
            log: GuestLog::new(out, graph.clone()),
            summary: Summary::new(id.to_owned(), source.to_owned(), graph.clone()),
            resumable: None,
        })
    }

    /// Says that the session can be resumed, so that the report can say
    /// how.
    #[must_use]
    pub fn resumable(self, resumable: Resumable) -> Self {
        Self {
            resumable: Some(resumable),
            ..self
        }
    }

    /// Remembers each task and where its result is: for whoever puts results
    /// elsewhere too, once all is over.
    #[must_use]
    pub fn remembering(mut self) -> Self {
        self.writer.remember();
        self
    }

    /// Follows the session to its end. When something cannot be written, the
    /// session is cancelled: work whose result is lost is not worth doing.
    ///
    /// # Errors
    /// If something cannot be written, or the host itself failed.
    pub fn follow(mut self, mut running: Running, watcher: &mut dyn Reader) -> Result<Recorded, RecordError> {
        while let Some(event) = running.next_event() {
            let readers: [&mut dyn Reader; 4] = [&mut self.writer, &mut self.log, &mut self.summary, watcher];
            let failed = readers.into_iter().find_map(|reader| reader.read(&event).err());
            if let Some(error) = failed {
                running.canceller().cancel();
                let _ = running.wait();
                return Err(error.into());
            }
        }
        let kept = running.kept();
        let outcome = running.wait()?;
        kept?;
        let report = self.summary.failure_report(self.resumable.as_ref());
        let remembered = self.writer.finish(&self.summary, &report)?;
        Ok(Recorded {
            outcome,
            summary: self.summary,
            recovery: report.recovery,
            remembered,
        })
    }
}
