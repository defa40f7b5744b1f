//! `fusebox quarantine`: the instances of a session that are out of their pools.

mod left;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;

use left::Report;

use super::live_session::{asked, folder_of, is_over};
use super::status::json;
use super::{ConfigArguments, Exit, Fault, Format};
use fusebox::control::{Request, Response};
use fusebox::event::{InstanceView, QuarantineStatus, QuarantineView};
use fusebox_types::failure::printable;

/// What can be done with quarantines.
#[derive(Debug, Subcommand)]
pub(super) enum QuarantineCommand {
    /// Lists the instances of a live session that are out of their pools; of one
    /// that is over, those that are out when the next run begins, and what the
    /// report says of others.
    List(ListArguments),
    /// Brings an instance back into its pool and forgets its quarantines. Of a
    /// session that is over, for the next run.
    Release(ReleaseArguments),
}

/// Arguments of `fusebox quarantine list`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  fusebox quarantine list essay-20260101-120000-1a2b")]
pub(super) struct ListArguments {
    /// The session's id or output directory; `fusebox status` lists the live
    /// ones.
    #[arg(value_name = "SESSION-ID or DIR")]
    session: PathBuf,
    /// Lists all instances, each with how it is doing.
    #[arg(long)]
    all: bool,
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Arguments of `fusebox quarantine release`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  fusebox quarantine release essay-20260101-120000-1a2b scorer/fast")]
pub(super) struct ReleaseArguments {
    /// The session's id or output directory; `fusebox status` lists the live
    /// ones.
    #[arg(value_name = "SESSION-ID or DIR")]
    session: PathBuf,
    /// The instance.
    #[arg(value_name = "AGENT/INSTANCE", value_parser = instance_name)]
    instance: (String, String),
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

fn instance_name(text: &str) -> Result<(String, String), String> {
    let (agent, instance) = text
        .split_once('/')
        .ok_or("write the agent and the instance: `scorer/fast`")?;
    Ok((agent.to_owned(), instance.to_owned()))
}

pub(super) fn main(command: QuarantineCommand, config: &ConfigArguments) -> Result<Exit, Fault> {
    match command {
        QuarantineCommand::List(arguments) => list(&arguments, config),
        QuarantineCommand::Release(arguments) => release(arguments, config),
    }
}

fn list(arguments: &ListArguments, config: &ConfigArguments) -> Result<Exit, Fault> {
    let Report {
        instances,
        quarantined,
    } = of_session(&folder_of(&arguments.session)?, config)?;
    if arguments.all {
        return print(&instances, arguments.format, "there are no instances", doing);
    }
    print(
        &quarantined,
        arguments.format,
        "no instance is out of its pool",
        out,
    )
}

fn release(arguments: ReleaseArguments, config: &ConfigArguments) -> Result<Exit, Fault> {
    let folder = folder_of(&arguments.session)?;
    let (agent, instance) = arguments.instance.clone();
    let request = Request::Release { agent, instance };
    if is_over(&folder, &request) {
        let released = left::release(&folder, &arguments.instance, config)?;
        return print(
            released.as_slice(),
            arguments.format,
            "it was not out of its pool",
            out,
        );
    }
    let released = instances(asked(&folder, &request)?);
    print(&released, arguments.format, "", doing)
}

/// The instances of a session and the quarantines among them: of a live one as
/// they are, else as its report has them and the next run finds them.
fn of_session(folder: &Path, config: &ConfigArguments) -> Result<Report, Fault> {
    if is_over(folder, &Request::Instances) {
        return left::list(folder, config);
    }
    let instances = instances(asked(folder, &Request::Instances)?);
    let quarantined = instances.iter().filter_map(|one| one.quarantine.clone());
    Ok(Report {
        quarantined: quarantined.collect(),
        instances,
    })
}

/// What was asked for; `asked` has made faults of all else.
fn instances(response: Response) -> Vec<InstanceView> {
    match response {
        Response::Instances { instances } => instances,
        _ => Vec::new(),
    }
}

fn print<T: Serialize>(
    list: &[T],
    format: Format,
    none: &str,
    line: impl Fn(&mut dyn Write, &T) -> std::io::Result<()>,
) -> Result<Exit, Fault> {
    let mut to = super::stdout();
    match format {
        Format::Json => json(&mut to, &list)?,
        Format::Human if list.is_empty() => writeln!(to, "{none}")?,
        Format::Human => list.iter().try_for_each(|one| line(&mut to, one))?,
    }
    Ok(Exit::Succeeded)
}

/// A quarantine, with what speaks for it.
fn out(to: &mut dyn Write, view: &QuarantineView) -> std::io::Result<()> {
    let until = view.until.as_deref().unwrap_or_default();
    let state = match (view.state, &view.released_by) {
        (QuarantineStatus::Quarantined, _) => format!("quarantined, to be probed at {until}"),
        (QuarantineStatus::Held, _) => "needed by its pool".into(),
        (QuarantineStatus::Released, by) => {
            format!("back at {until} ({})", by.as_deref().unwrap_or_default())
        }
    };
    let name = format!("{}/{}", view.agent, view.instance);
    let (name, reason) = (printable(&name), printable(&view.reason));
    writeln!(to, "{name:32} {state}, since {}: {reason}", view.since)?;
    let mut evidence = view.evidence.iter();
    evidence.try_for_each(|line| writeln!(to, "    {}", printable(line)))
}

/// How an instance is doing, in a line.
fn doing(to: &mut dyn Write, view: &InstanceView) -> std::io::Result<()> {
    let name = format!("{}/{}", view.agent, view.instance);
    let check = view.check.as_ref().map_or(String::new(), |check| {
        let failed = check.failure.as_ref().map(|failure| failure.code.as_str());
        format!(
            "; checked at {}: {}, {:.1} ms",
            check.at,
            printable(failed.unwrap_or("well")),
            check.response_ms
        )
    });
    writeln!(
        to,
        "{:32} {:12} {} succeeded, {} strikes ({:.1} %), {} in flight, median {:.1} ms, at most {} bytes, {:.1} ms of a core{check}",
        printable(&name),
        view.state,
        view.succeeded,
        view.strikes,
        view.error_rate * 100.0,
        view.in_flight,
        view.median_ms.unwrap_or_default(),
        view.memory_peak_bytes,
        view.cpu_ms,
    )
}
