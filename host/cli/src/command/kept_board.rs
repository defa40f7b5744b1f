//! The board that a session was made of, found again when the session goes on.

use std::io::ErrorKind;
use std::path::Path;

use super::put_aside::put_aside;
use super::{Exit, Fault};
use fusebox::board::{Board, BoardError};
use fusebox::report::{OutputDir, OutputError};
use fusebox_store::journal::record::Started;
use fusebox_types::digest::Digest;

/// The name, in the output directory, of the board as it was when the session
/// began.
pub(super) const KEPT: &str = "source.canvas";

/// Why a file is not the board that it was.
enum Lost {
    Missing,
    Unread,
    Changed,
}

/// The board as it was when the session began; none if the session was made of
/// something else. The digest of the original's bytes, which the journal keeps,
/// tells the copy and the original apart from anything else: a board that is not
/// the session's is written nowhere. With `salvage` the session goes on without.
///
/// # Errors
/// If neither copy nor original is what it was, or the copy cannot be made again.
pub(super) fn kept_board(
    out: &OutputDir,
    started: &Started,
    salvage: bool,
) -> Result<Option<(Board, Digest)>, Fault> {
    let (copy, original) = (out.path().join(KEPT), &started.source_path);
    if !is_of_board(started, &copy) {
        return Ok(None);
    }
    let digest = Digest(*started.source_digest);
    let lost = match read(&copy, digest) {
        Ok(board) => return Ok(Some((board, digest))),
        Err(lost) => lost,
    };
    match read(original, digest) {
        Ok(board) => {
            restore(&board, out, original)?;
            Ok(Some((board, digest)))
        }
        Err(_) if salvage => {
            say!(
                "warning: {}; the session resumes without a board",
                said(&copy, &lost)
            );
            // It would show what the tasks had come to before.
            put_aside(out, "board.canvas")?;
            Ok(None)
        }
        Err(gone) => Err(unusable(said(&copy, &lost), (original, &gone), out)),
    }
}

/// Whether the session was made of a board. That may be lost, which is said.
fn is_of_board(started: &Started, copy: &Path) -> bool {
    if started.made_up && copy.exists() {
        say!(
            "warning: it is lost whether {} is this session's board, so it resumes without a board",
            copy.display()
        );
    }
    let ending = started.source_path.extension();
    ending.is_some_and(|ending| ending == "canvas") && *started.source_digest != [0; 32]
}

/// Reads the board of this digest.
fn read(path: &Path, digest: Digest) -> Result<Board, Lost> {
    match Board::read(path) {
        Ok((board, found)) if found == digest => Ok(board),
        Ok(_) => Err(Lost::Changed),
        Err(BoardError::Read { source, .. }) if source.kind() == ErrorKind::NotFound => Err(Lost::Missing),
        Err(BoardError::Read { .. }) => Err(Lost::Unread),
        Err(_) => Err(Lost::Changed),
    }
}

/// Makes the copy anew.
fn restore(board: &Board, out: &OutputDir, original: &Path) -> Result<(), OutputError> {
    out.replace(KEPT, board.text().as_bytes())?;
    say!(
        "warning: {} was lost or damaged, and was made anew from {}, which is as it was when the session began",
        out.path().join(KEPT).display(),
        original.display()
    );
    Ok(())
}

fn said(copy: &Path, lost: &Lost) -> String {
    let how = match lost {
        Lost::Missing => "is missing",
        Lost::Unread => "cannot be read",
        Lost::Changed => "is not what it was",
    };
    format!(
        "{}, the board as it was when the session began, {how}",
        copy.display()
    )
}

fn unusable(copy: String, (original, gone): (&Path, &Lost), out: &OutputDir) -> Fault {
    let how = match gone {
        Lost::Missing => "is not there any more",
        Lost::Unread => "cannot be read",
        Lost::Changed => "has changed since",
    };
    let (original, folder) = (original.display(), out.path().display());
    let message = format!(
        "{copy}, and {original} {how}; put the board as it was in one of the two places, or resume without a board: `fusebox resume {folder} --salvage`"
    );
    Fault::new(Exit::BadInput, anyhow::Error::msg(message))
}
