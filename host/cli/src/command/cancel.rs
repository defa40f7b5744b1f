//! `fusebox cancel`: ends a live session, or one of its tasks.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::live_session::{asked, folder_of};
use super::status::{json, phrase};
use super::{Exit, Fault, Format};
use fusebox::control::{Request, Response, SessionView, TaskView};
use fusebox_types::failure::printable;

/// Arguments of `fusebox cancel`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  fusebox cancel essay-20260101-120000-1a2b\n  fusebox cancel fusebox-out/essay-20260101-120000-1a2b --task score"
)]
pub(super) struct CancelArguments {
    /// The session's id or output directory; `fusebox status` lists them.
    #[arg(value_name = "SESSION-ID or DIR")]
    session: PathBuf,
    /// Only this task; the others go on, and those that depend on it do as they
    /// do when it has no result.
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    task: Option<String>,
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(super) fn main(arguments: CancelArguments) -> Result<Exit, Fault> {
    let folder = folder_of(&arguments.session)?;
    let task = arguments.task;
    let response = asked(&folder, &Request::Cancel { task })?;
    let mut out = super::stdout();
    match (arguments.format, &response) {
        (Format::Human, Response::Session(view)) => writeln!(out, "{}", of_session(view, &folder))?,
        (Format::Human, Response::Task(view)) => writeln!(out, "{}", of_task(view))?,
        (Format::Json, Response::Session(view)) => json(&mut out, view)?,
        (Format::Json, Response::Task(view)) => json(&mut out, view)?,
        // `asked` has made faults of all else.
        _ => {}
    }
    Ok(Exit::Succeeded)
}

fn of_session(view: &SessionView, folder: &Path) -> String {
    let (id, folder) = (printable(&view.session), folder.display().to_string());
    match view.status {
        Some(status) => format!("session {id} is over already: {status}"),
        None => format!(
            "cancelling session {id}; what is there will be written to {}",
            printable(&folder)
        ),
    }
}

fn of_task(view: &TaskView) -> String {
    let (task, was) = (printable(&view.task), phrase(view));
    if view.state.is_over() {
        format!("task {task} is over already: {was}")
    } else {
        format!("cancelling task {task}; it was: {was}")
    }
}
