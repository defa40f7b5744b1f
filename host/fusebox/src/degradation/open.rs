//! A session that is over, or whose host was stopped, in its directory.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::results::Results;
use super::{Degradation, Resumable};
use crate::archive::{ArchiveError, SessionArchive};
use crate::config::Config;
use crate::report::Summary;
use fusebox_events::{BreakerView, QuarantineView};

/// Why a session's directory does not tell what is left of it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// What is kept of the session cannot be read.
    #[error(transparent)]
    Kept(#[from] ArchiveError),
    /// Its report is no report.
    #[error("cannot read {}", path.display())]
    Report {
        /// The report.
        path: PathBuf,
        /// Why not.
        source: serde_json::Error,
    },
}

/// What the report alone tells: the journal keeps what tasks came to.
#[derive(Deserialize)]
struct Told {
    breakers: Vec<BreakerView>,
    quarantined: Vec<QuarantineView>,
}

impl Degradation {
    /// Of the session in a directory, which is changed in nothing; another
    /// process may be at it. Breakers and quarantines are known once its report
    /// is written. Options that set keys of the configuration go by its defaults,
    /// unless [`configured`](Self::configured) says otherwise.
    ///
    /// # Errors
    /// If there is no session, or what is kept of it cannot be read.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        let past = SessionArchive::open(folder)?;
        let started = past.started();
        let (id, source) = (started.id.clone(), started.source.clone());
        let mut summary = Summary::new(id, source, past.graph().clone());
        past.events().for_each(|event| summary.note(&event));
        if past.is_reported() {
            let told = told(&past, folder)?;
            summary.told_of(told.breakers, told.quarantined);
        }
        let (folder, config) = (folder.to_owned(), Config::default());
        Ok(Self {
            summary,
            resumable: Some(Resumable { folder, config }),
            results: Results::InFolder(Box::new(past)),
        })
    }

    /// Says under which configuration the session ran.
    #[must_use]
    pub fn configured(mut self, config: Config) -> Self {
        if let Some(resumable) = &mut self.resumable {
            resumable.config = config;
        }
        self
    }
}

fn told(past: &SessionArchive, folder: &Path) -> Result<Told, OpenError> {
    const REPORT: &str = "report.json";
    let bytes = past.out().read(REPORT).map_err(ArchiveError::from)?;
    serde_json::from_slice(&bytes).map_err(|source| OpenError::Report {
        path: folder.join(REPORT),
        source,
    })
}
