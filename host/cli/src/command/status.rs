//! `fusebox status`: what live sessions and their tasks are doing.

mod human;

pub(super) use human::phrase;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::live_session::{asked, folder_of};
use super::{Exit, Fault, Format};
use fusebox::control::{LiveSession, LiveSessions, Request, Response, SessionView};

/// Arguments of `fusebox status`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  fusebox status\n  fusebox status fusebox-out/essay-20260101-120000-1a2b --task score\n  fusebox status essay-20260101-120000-1a2b --format json"
)]
pub(super) struct StatusArguments {
    /// A live session's id or output directory; without one, all live sessions
    /// of this user on this machine are listed.
    #[arg(value_name = "SESSION-ID or DIR")]
    session: Option<PathBuf>,
    /// Only this task, with all of its attempts. The session can be left out if
    /// there is only one.
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    task: Option<String>,
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// A session in the list of all.
#[derive(Debug, Serialize)]
struct Listed {
    folder: PathBuf,
    #[serde(flatten)]
    view: SessionView,
}

pub(super) fn main(arguments: StatusArguments) -> Result<Exit, Fault> {
    let folder = match (&arguments.session, &arguments.task) {
        (Some(session), _) => folder_of(session)?,
        (None, Some(_)) => only_one()?.folder,
        (None, None) => return list(arguments.format),
    };
    let task = arguments.task;
    let response = asked(&folder, &Request::Status { task })?;
    show(&response, &folder, arguments.format)
}

fn show(response: &Response, folder: &Path, format: Format) -> Result<Exit, Fault> {
    let mut out = super::stdout();
    match (format, response) {
        (Format::Human, Response::Session(view)) => human::session(&mut out, view, folder)?,
        (Format::Human, Response::Task(view)) => human::task(&mut out, view)?,
        (Format::Json, Response::Session(view)) => json(&mut out, view)?,
        (Format::Json, Response::Task(view)) => json(&mut out, view)?,
        // `asked` has made faults of all else.
        _ => {}
    }
    Ok(Exit::Succeeded)
}

fn list(format: Format) -> Result<Exit, Fault> {
    let mut sessions = Vec::new();
    for LiveSession { folder, .. } in all()? {
        // One that has ended since, or does not answer, is none of the others'
        // concern.
        match asked(&folder, &Request::Status { task: None }) {
            Ok(Response::Session(view)) => sessions.push(Listed { folder, view: *view }),
            Ok(_) => {}
            Err(fault) => fault.print(&mut anstream::stderr())?,
        }
    }
    let mut out = super::stdout();
    match format {
        Format::Json => json(&mut out, &sessions)?,
        Format::Human if sessions.is_empty() => writeln!(out, "no live sessions")?,
        Format::Human => {
            for listed in &sessions {
                human::line(&mut out, &listed.view, &listed.folder)?;
            }
        }
    }
    Ok(Exit::Succeeded)
}

fn only_one() -> Result<LiveSession, Fault> {
    let mut sessions = all()?;
    match (sessions.pop(), sessions.is_empty()) {
        (Some(session), true) => Ok(session),
        (None, _) => Err(Fault::new(
            Exit::NoInput,
            anyhow::Error::msg("no session is live"),
        )),
        (Some(_), false) => Err(Fault::usage(
            "several sessions are live; say which (`fusebox status` lists them)".into(),
        )),
    }
}

fn all() -> Result<Vec<LiveSession>, Fault> {
    let sessions = LiveSessions::of_user().and_then(|live| live.list());
    sessions.map_err(|error| Fault::new(Exit::Host, error))
}

/// Prints a view for a program.
pub(super) fn json(out: &mut impl Write, view: &impl Serialize) -> std::io::Result<()> {
    writeln!(out, "{}", fusebox_system::json::to_string_pretty(view)?)
}
