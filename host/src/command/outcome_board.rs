//! The board of a session, with its results put in.

use std::path::{Path, PathBuf};

use crate::board::{Board, Mark, SaveError, Shown, save};
use crate::config::BoardRules;
use crate::digest::Digest;
use crate::failure::{Failure, printable};
use crate::report::{OutputDir, OutputError, Remembered};
use crate::session::{Graph, TaskStatus};

/// The board that a session was made of.
pub(super) struct SourceBoard {
    pub(super) board: Board,
    pub(super) digest: Digest,
    pub(super) path: PathBuf,
}

/// The name of the new board in the output directory.
const FILE: &str = "board.canvas";

impl SourceBoard {
    /// The board's text with the results of a session.
    fn text(
        &self,
        graph: &Graph,
        results: &[Remembered],
        rules: &BoardRules,
        out: &OutputDir,
    ) -> Result<String, OutputError> {
        let mut results: Vec<_> = results.iter().collect();
        // In the board's order, whatever came first.
        results.sort_unstable_by_key(|result| result.task);
        let shown = results
            .into_iter()
            .filter_map(|result| Some((graph.task(result.task)?, result)))
            .filter_map(|(task, result)| shown(&task.id, result, out).transpose())
            .collect::<Result<Vec<_>, _>>()?;
        Ok(self.board.with_results(&shown, rules))
    }

    /// Writes the new board to the output directory, and over the original if
    /// that was asked for.
    pub(super) fn write(
        &self,
        graph: &Graph,
        results: &[Remembered],
        rules: &BoardRules,
        out: &OutputDir,
        over_original: bool,
    ) -> Result<(), super::Fault> {
        let text = self.text(graph, results, rules, out)?;
        out.write(FILE, text.as_bytes())?;
        if over_original {
            save(&self.path, self.digest, &text).map_err(|error| unsaved(error, &out.path().join(FILE)))?;
        }
        Ok(())
    }
}

fn unsaved(error: SaveError, copy: &Path) -> super::Fault {
    let hint = format!("the new board is in {}", copy.display());
    super::Fault::new(super::Exit::CannotWrite, anyhow::Error::new(error).context(hint))
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
                format!("{}\n\n---\n\n{part}", failure_text(failure)),
            )
        }
        (_, None, Some(failure)) => (Mark::Failure, failure_text(failure)),
        _ => return Ok(None),
    };
    Ok(Some(Shown { task: id, mark, text }))
}

/// A result as Markdown.
fn result_text(content_type: &str, bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    if !content_type.starts_with("application/json") {
        return text.into_owned();
    }
    let pretty = serde_json::from_str::<serde_json::Value>(&text)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| text.into_owned());
    format!("```json\n{pretty}\n```")
}

fn failure_text(failure: &Failure) -> String {
    format!(
        "**{}**\n\n{}\n\n{}",
        failure.code,
        printable(&failure.message),
        failure.code.advice().next
    )
}
