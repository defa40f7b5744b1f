//! A session that is to be started.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::archive::{Replay, SessionJournal};
use crate::config::SessionRules;
use crate::session::{Graph, ResumeState};
use fusebox_store::state::StateStore;

/// A session that is to be started, and how.
#[derive(Debug)]
pub struct Launch<'a> {
    pub(super) id: &'a str,
    pub(super) graph: Arc<Graph>,
    pub(super) rules: SessionRules,
    pub(super) cancel: CancellationToken,
    pub(super) archive: Option<&'a SessionJournal>,
    pub(super) resume_state: ResumeState,
    pub(super) replay: Option<Replay>,
    pub(super) shelf: Option<StateStore>,
    pub(super) no_wait: bool,
}

impl<'a> Launch<'a> {
    /// A graph's session under these rules, until it is over or the token is
    /// cancelled. Nothing of it is kept.
    pub fn new(id: &'a str, graph: Arc<Graph>, rules: SessionRules, cancel: CancellationToken) -> Self {
        Self {
            id,
            graph,
            rules,
            cancel,
            archive: None,
            resume_state: ResumeState::default(),
            replay: None,
            shelf: None,
            no_wait: false,
        }
    }

    /// The same, kept: what happens is on the disk before its readers are told.
    #[must_use]
    pub fn kept_by(self, archive: &'a SessionJournal) -> Self {
        Self {
            archive: Some(archive),
            ..self
        }
    }

    /// The same, with breakers, quarantines and last good outputs as earlier
    /// sessions of this state left them, and left to later ones. Without it they
    /// begin anew, and nobody falls back to what was.
    #[must_use]
    pub fn remembering(self, shelf: StateStore) -> Self {
        Self {
            shelf: Some(shelf),
            ..self
        }
    }

    /// The same, and whether it ends when nothing runs and everything that is left
    /// is held; what is held is for a resume then. Otherwise it waits.
    #[must_use]
    pub fn without_waiting(self, no_wait: bool) -> Self {
        Self { no_wait, ..self }
    }

    /// The same, resumed: some of it is over, and is told again.
    #[must_use]
    pub fn going_on(self, resume_state: ResumeState, replay: Replay) -> Self {
        Self {
            resume_state,
            replay: Some(replay),
            ..self
        }
    }
}
