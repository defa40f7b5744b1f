//! A session whose journal is damaged: what is intact of it is kept.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_bytes::ByteArray;

use super::event_encoder::PARTIAL;
use super::interrupted::Interrupted;
use super::{ArchiveError, tasks};
use crate::report::{OutputDir, OutputError};
use crate::session::Graph;
use fusebox_store::journal::record::{Kept, Output as KeptOutput, Started};
use fusebox_store::journal::{Damage, Grouping, Journal, Record, Salvage};
use fusebox_types::Output;
use fusebox_types::digest::Digest;

/// What was left out of a journal.
#[derive(Debug)]
pub struct Salvaged {
    /// Where the journal stays as it was.
    pub original: PathBuf,
    /// How many records are intact.
    pub intact: usize,
    /// What is not.
    pub damage: Vec<Damage>,
    /// Whether it is lost how the session began.
    pub made_up: bool,
}

impl Interrupted {
    /// Opens the session of a directory whose journal may be damaged: it goes on
    /// from what is intact, and the damaged journal stays as it was beside the
    /// new one. If the tasks are damaged, the results are put out.
    ///
    /// # Errors
    /// If there is none, another process has it, it cannot be read or written,
    /// or its tasks are damaged.
    pub fn salvage(out: Arc<OutputDir>) -> Result<(Self, Option<Salvaged>), ArchiveError> {
        let lock = Arc::new(Journal::lock(out.path())?);
        let salvage = Salvage::read(lock.clone())?;
        let (graph, started) = match began(out.path(), &salvage) {
            Ok(began) => began,
            Err(source) => return Err(put_out(&salvage, &out, source)?),
        };
        let salvaged = match salvage.is_damaged() {
            false => None,
            true => Some(replaced(&salvage, started)?),
        };
        drop(salvage);
        let (journal, recovered) = Journal::open_under(lock, Grouping::default())?;
        let stopped = Self {
            journal,
            recovered,
            out,
            graph: Arc::new(graph),
        };
        Ok((stopped, salvaged))
    }
}

fn replaced(salvage: &Salvage, started: Started) -> Result<Salvaged, ArchiveError> {
    Ok(Salvaged {
        made_up: started.made_up,
        original: salvage.replace(started)?,
        intact: salvage.records().count(),
        damage: salvage.damage().collect(),
    })
}

/// The tasks, and how the session began. If that is lost, its tasks are what
/// their file says.
fn began(folder: &Path, salvage: &Salvage) -> io::Result<(Graph, Started)> {
    if let Some(started) = salvage.started() {
        let graph = tasks::read(folder, Digest(*started.tasks_digest))?;
        return Ok((graph, started));
    }
    let (graph, digest) = tasks::read_unknown(folder)?;
    let name = std::fs::canonicalize(folder)?;
    let name = name.file_name().unwrap_or_default();
    let started = Started {
        id: name.to_string_lossy().into_owned(),
        at: fusebox_system::wall_clock::now().as_microsecond(),
        tasks_digest: ByteArray::new(digest.0),
        tasks: graph.len() as u32,
        made_up: true,
        ..Started::default()
    };
    Ok((graph, started))
}

/// Writes the results that stand in the journal to files.
fn put_out(salvage: &Salvage, out: &OutputDir, source: io::Error) -> Result<ArchiveError, OutputError> {
    let ends: BTreeMap<_, _> = salvage
        .records()
        .filter_map(|record| match record {
            Record::TaskEnded(ended) => Some((ended.task, ended)),
            _ => None,
        })
        .collect();
    let mut results = 0;
    for (task, ended) in ends {
        for (kind, output) in [("", ended.output), (PARTIAL, ended.partial)] {
            if let Some(output) = output.and_then(inline) {
                out.put_out(task, kind, &output)?;
                results += 1;
            }
        }
    }
    let folder = out.path().to_owned();
    Ok(ArchiveError::PutOut {
        folder,
        results,
        source,
    })
}

/// A result that stands in the journal.
fn inline(output: KeptOutput) -> Option<Output> {
    match output.kept {
        Kept::Inline(bytes) => Some(Output {
            content_type: output.content_type,
            bytes: bytes.into_vec(),
        }),
        Kept::File(_) => None,
    }
}
