//! The board of a session, with its results put in.

use std::path::{Path, PathBuf};

use super::kept_board::{KEPT, kept_board};
use super::{Exit, Fault};
use fusebox::archive::SessionJournal;
use fusebox::board::{Board, Mark, SaveError, Shown, save};
use fusebox::config::BoardRules;
use fusebox::report::{OutputDir, OutputError, Remembered};
use fusebox::session::Graph;
use fusebox_store::journal::record::Started;
use fusebox_types::TaskStatus;
use fusebox_types::digest::Digest;
use fusebox_types::failure::{Failure, printable};

/// The board that a session was made of.
pub(super) struct SourceBoard {
    board: Board,
    digest: Digest,
    path: PathBuf,
    /// What the original was replaced with, by earlier processes of the session.
    ours: Vec<Digest>,
}

/// The name of the new board in the output directory.
const FILE: &str = "board.canvas";

impl SourceBoard {
    /// A board that was read.
    pub(super) fn new(board: Board, digest: Digest, path: &Path) -> Self {
        Self {
            board,
            digest,
            path: path.to_owned(),
            ours: Vec::new(),
        }
    }

    /// Keeps the board as it is now in the output directory.
    pub(super) fn keep(&self, out: &OutputDir) -> Result<(), OutputError> {
        out.replace(KEPT, self.board.text().as_bytes())
    }

    /// The board of a session that goes on, as it was when that began; none if it
    /// was made of something else, or goes on without. `ours` are the boards that
    /// took the place of the original.
    ///
    /// # Errors
    /// If it is not there any more as it was.
    pub(super) fn kept(
        out: &OutputDir,
        started: &Started,
        ours: Vec<Digest>,
        salvage: bool,
    ) -> Result<Option<Self>, Fault> {
        let found = kept_board(out, started, salvage)?;
        Ok(found.map(|(board, digest)| Self {
            ours,
            ..Self::new(board, digest, &started.source_path)
        }))
    }

    /// Writes the new board to the output directory, and over the original if
    /// there is a session journal that is told of it.
    pub(super) fn write(
        &self,
        graph: &Graph,
        results: &[Remembered],
        rules: &BoardRules,
        out: &OutputDir,
        original: Option<&SessionJournal>,
    ) -> Result<(), Fault> {
        let shown = all_shown(graph, results, out)?;
        let text = self.board.with_results(&shown, rules);
        out.replace(FILE, text.as_bytes())?;
        let Some(archive) = original else { return Ok(()) };
        let (digest, text) = match self.rewritten(&shown, rules) {
            Some(ours) => ours,
            None => (self.digest, text),
        };
        archive.board_saved(Digest::of(text.as_bytes()))?;
        let saved = save(&self.path, digest, &text);
        saved.map_err(|error| unsaved(error, &out.path().join(FILE)))?;
        Ok(())
    }

    /// The original with these results, if an earlier process of this session
    /// has put results there and nobody has changed it since; with the digest of
    /// what is there.
    fn rewritten(&self, shown: &[Shown<'_>], rules: &BoardRules) -> Option<(Digest, String)> {
        let (board, digest) = Board::read(&self.path).ok()?;
        let is_ours = digest != self.digest && self.ours.contains(&digest);
        is_ours.then(|| (digest, board.with_results(shown, rules)))
    }
}

/// What the nodes of all tasks say.
fn all_shown<'a>(
    graph: &'a Graph,
    results: &[Remembered],
    out: &OutputDir,
) -> Result<Vec<Shown<'a>>, OutputError> {
    let mut results: Vec<_> = results.iter().collect();
    // In the board's order, whatever came first.
    results.sort_unstable_by_key(|result| result.task);
    results
        .into_iter()
        .filter_map(|result| Some((graph.task(result.task)?, result)))
        .filter_map(|(task, result)| shown(&task.id, result, out).transpose())
        .collect()
}

fn unsaved(error: SaveError, copy: &Path) -> Fault {
    let hint = format!("the new board is in {}", copy.display());
    Fault::new(Exit::CannotWrite, anyhow::Error::new(error).context(hint))
}

/// What a task's node says; none for a task that was not run.
fn shown<'a>(id: &'a str, result: &Remembered, out: &OutputDir) -> Result<Option<Shown<'a>>, OutputError> {
    let (mark, text) = match (result.status, &result.output, &result.failure) {
        (TaskStatus::Succeeded, Some(kept), _) => {
            (Mark::Result, result_text(&kept.content_type, &out.bytes(kept)?))
        }
        (_, Some(kept), Some(failure)) => {
            let part = result_text(&kept.content_type, &out.bytes(kept)?);
            (
                Mark::Partial,
                format!("{}{}\n\n---\n\n{part}", failure_text(failure), given_by(result)),
            )
        }
        (TaskStatus::Held, None, Some(failure)) => (Mark::Failure, held_text(failure)),
        (_, None, Some(failure)) => (Mark::Failure, failure_text(failure)),
        _ => return Ok(None),
    };
    Ok(Some(Shown { task: id, mark, text }))
}

/// What stands in for the result, if something does.
fn given_by(result: &Remembered) -> String {
    let fallback = result.fallback.as_deref();
    fallback.map_or_else(String::new, |link| {
        format!("\n\nIn its place, by the fallback `{}`:", printable(link))
    })
}

/// A result as Markdown.
fn result_text(content_type: &str, bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    if !content_type.starts_with("application/json") {
        return text.into_owned();
    }
    let pretty = serde_json::from_str::<serde_json::Value>(&text)
        .and_then(|value| fusebox_system::json::to_string_pretty(&value))
        .unwrap_or_else(|_| text.into_owned());
    format!("```json\n{pretty}\n```")
}

/// Why a task was held. Nobody has to mend anything.
fn held_text(failure: &Failure) -> String {
    format!(
        "**held**\n\n{}\n\n`fusebox resume` takes it up.",
        printable(&failure.message)
    )
}

fn failure_text(failure: &Failure) -> String {
    format!(
        "**{}**\n\n{}\n\n{}",
        failure.code,
        printable(&failure.message),
        failure.code.advice().next
    )
}
