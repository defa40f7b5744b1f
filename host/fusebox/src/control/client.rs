//! Asks a live session.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::protocol::{RESPONSE_BYTES, Request, Response, receive, send};
use super::socket::connect;

/// How long to wait for an answer. A session whose guests hold every core, with
/// other clients before this one, takes a moment.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// No session listens in this folder.
    #[error("no live session writes to {}", folder.display())]
    NotLive {
        /// The folder.
        folder: PathBuf,
        /// What connecting came to.
        source: io::Error,
    },
    /// It listens, but this user may not ask, or it did not answer.
    #[error("the session in {} does not answer", folder.display())]
    NoAnswer {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// Asks the session that writes to a folder.
///
/// # Errors
/// If there is none, or it does not answer.
pub fn ask(folder: &Path, request: &Request) -> Result<Response, AskError> {
    let no_answer = |source| AskError::NoAnswer {
        folder: folder.to_owned(),
        source,
    };
    let mut stream = match connect(folder) {
        Ok(stream) => stream,
        Err(source) if is_dead(&source) => {
            return Err(AskError::NotLive {
                folder: folder.to_owned(),
                source,
            });
        }
        Err(source) => return Err(no_answer(source)),
    };
    send(&mut stream, request, PATIENCE)
        .and_then(|()| receive(&mut stream, RESPONSE_BYTES, PATIENCE))
        .map_err(no_answer)
}

/// Whether nobody listens: as opposed to somebody who cannot be reached.
pub(super) fn is_dead(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused | io::ErrorKind::NotADirectory
    )
}
