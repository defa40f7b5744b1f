//! The session that a command line means, and what it answers.

use std::path::{Path, PathBuf};

use super::{Exit, Fault};
use fusebox::control::{AskError, LiveSessions, Request, Response, ask};
use fusebox_types::failure::printable;

/// The output directory of a session, from its id or that directory's path.
///
/// # Errors
/// If there is neither.
pub(super) fn folder_of(session: &Path) -> Result<PathBuf, Fault> {
    let by_id = session
        .to_str()
        .and_then(|id| LiveSessions::of_user().ok()?.find(id));
    if let Some(live) = by_id {
        return Ok(live.folder);
    }
    let usual = Path::new("fusebox-out").join(session);
    let found = [session.to_owned(), usual].into_iter().find(|path| path.is_dir());
    found.ok_or_else(|| {
        let name = session.display().to_string();
        let message = format!(
            "there is no live session `{}`, and no such folder; `fusebox status` lists the live ones",
            printable(&name)
        );
        Fault::new(Exit::NoInput, anyhow::Error::msg(message))
    })
}

/// Whether the session in a folder is over, or its host was killed: what it left
/// is to be looked at instead.
pub(super) fn is_over(folder: &Path, request: &Request) -> bool {
    let gone = matches!(ask(folder, request), Err(AskError::NotLive { .. }));
    gone && folder.join(fusebox_store::journal::FILE).exists()
}

/// Asks the session that writes to a folder.
///
/// # Errors
/// If it is over, does not answer, or has no such task.
pub(super) fn asked(folder: &Path, request: &Request) -> Result<Response, Fault> {
    match ask(folder, request) {
        Err(AskError::NotLive { .. }) => Err(Fault::new(Exit::NoInput, anyhow::Error::msg(not_live(folder)))),
        Err(error) => Err(Fault::new(Exit::Host, error)),
        Ok(Response::UnknownTask { task }) => {
            let message = format!(
                "the session in {} has no task `{}`; its tasks stand in its board or session file",
                folder.display(),
                printable(&task)
            );
            Err(Fault::usage(message))
        }
        Ok(Response::UnknownBreaker { message } | Response::UnknownInstance { message }) => {
            Err(Fault::usage(printable(&message).to_string()))
        }
        Ok(Response::Refused { message }) => {
            let message = format!("the session refuses: {}", printable(&message));
            Err(Fault::new(Exit::Host, anyhow::Error::msg(message)))
        }
        Ok(response) => Ok(response),
    }
}

/// What there is in place of a live session.
fn not_live(folder: &Path) -> String {
    let (report, unfinished) = (folder.join("report.json"), folder.join("report.json.part"));
    let folder = folder.display();
    if report.exists() {
        format!(
            "the session in {folder} is over; its report is {}",
            report.display()
        )
    } else if unfinished.exists() {
        format!(
            "the session in {folder} is not live: its process has ended, or it cannot be asked; `fusebox resume {folder}` resumes it"
        )
    } else {
        format!("{folder} holds no session")
    }
}
