//! A session from its start to its report: what `run` and `resume` share.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::board_writeback::SourceBoard;
use super::listen::listen;
use super::observers::Observers;
use super::{Exit, Fault, Format};
use fusebox::agents::Registry;
use fusebox::archive::{Replay, SessionJournal};
use fusebox::recorder::{Recorded, Recorder};
use fusebox::report::{self, OutputDir, Resumable, Summary};
use fusebox::session::{Graph, ResumeState};
use fusebox::state::StateStore;
use fusebox::{Host, Launch};
use fusebox_config::{Loaded, Watch, follow};
use fusebox_types::SessionStatus;

/// A session that is ready: everything is read, checked and loaded, and its
/// journal has begun.
pub(super) struct Driver {
    pub(super) id: String,
    pub(super) source: String,
    pub(super) seed: u64,
    pub(super) graph: Arc<Graph>,
    /// The board, if it is one.
    pub(super) board: Option<SourceBoard>,
    /// Whether the results go to the original board too.
    pub(super) write: bool,
    pub(super) format: Format,
    /// Whether nothing is said on standard error while it runs.
    pub(super) quiet: bool,
    /// Whether it ends when all that is left is held.
    pub(super) no_wait: bool,
    pub(super) out: Arc<OutputDir>,
    pub(super) watch: Watch,
    pub(super) loaded: Loaded,
    pub(super) host: Host,
    pub(super) registry: Registry,
    pub(super) archive: SessionJournal,
    /// What is over already, if the session is resumed.
    pub(super) before: Option<(ResumeState, Replay)>,
}

impl Driver {
    /// Runs the session, and writes what it came to.
    pub(super) fn run(mut self, cancel: CancellationToken) -> Result<Finished, Fault> {
        let mut recorder = Recorder::begin(self.out.clone(), &self.id, &self.source, &self.graph)?;
        if self.board.is_some() {
            recorder = recorder.remembering();
        }
        recorder = recorder.resumable(Resumable {
            folder: self.out.path().to_owned(),
            config: self.loaded.config.clone(),
        });
        let notify = self.loaded.config.notify.clone();
        let boards = self.loaded.config.boards.clone();
        let mut rules = self.loaded.config.session;
        rules.seed = Some(self.seed);
        let launch = Launch::new(&self.id, self.graph.clone(), rules, cancel)
            .kept_by(&self.archive)
            .without_waiting(self.no_wait);
        let launch = match self.before.take() {
            Some((resume_state, replay)) => launch.going_on(resume_state, replay),
            None => launch,
        };
        let launch = match StateStore::of(&self.loaded.config.state) {
            Ok(shelf) => launch.remembering(shelf),
            Err(error) => {
                tracing::warn!("breakers and quarantines are not saved: {error}");
                launch
            }
        };
        let running = self.host.launch(launch, &self.registry)?;
        let listening = listen(&running, &self.id, self.out.path());
        let vault = self.registry.vault().clone();
        let reloader = self.host.reloader(&running, self.registry);
        let follower = follow(reloader, self.watch, self.loaded)?;
        let mut told = Observers::begin(&notify, &vault, &self.id, &self.graph, &self.out, self.quiet)?;
        let recorded = recorder.follow(running, &mut told).map_err(Fault::from);
        drop((listening, follower));
        let finished = recorded.and_then(|recorded| {
            if let Some(board) = &self.board {
                let original = self.write.then_some(&self.archive);
                board.write(&self.graph, &recorded.remembered, &boards, &self.out, original)?;
            }
            self.archive.finish()?;
            Ok(recorded)
        });
        let recorded = told.end(finished, self.out.path())?;
        let (format, out) = (self.format, self.out);
        Ok(Finished {
            recorded,
            format,
            out,
        })
    }
}

/// A session that has come to its end, with everything written.
pub(super) struct Finished {
    recorded: Recorded,
    format: Format,
    out: Arc<OutputDir>,
}

impl Finished {
    /// Shows what it came to.
    pub(super) fn show(&self) -> Result<Exit, Fault> {
        match self.format {
            Format::Human => show_summary(&self.recorded.summary, &self.out)?,
            Format::Json => show_report(&self.out)?,
        }
        Ok(self.recorded.outcome.status.into())
    }

    /// Whether something of it was cut short: somebody cancelled it, or tasks are held.
    pub(super) fn is_cut_short(&self) -> bool {
        let outcome = &self.recorded.outcome;
        outcome.status == SessionStatus::Cancelled || outcome.counts.held > 0
    }
}

fn show_summary(summary: &Summary, out: &OutputDir) -> Result<(), Fault> {
    let mut stdout = super::stdout();
    report::print_summary(&mut stdout, summary, out.path())?;
    Ok(stdout.flush()?)
}

/// Prints the report as it was written.
pub(super) fn show_report(out: &OutputDir) -> Result<(), Fault> {
    let path: PathBuf = out.path().join("report.json");
    let mut stdout = super::stdout();
    std::io::copy(&mut fusebox_system::regular_file::open_own(&path)?, &mut stdout)?;
    Ok(stdout.flush()?)
}
