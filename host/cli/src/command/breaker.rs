//! `fusebox breaker`: the circuits of a session, shown and ordered.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::kept_state::{KeptState, unless_reported};
use super::live_session::{asked, folder_of, is_over};
use super::status::json;
use super::{ConfigArguments, Exit, Fault, Format, report_file};
use fusebox::circuits::Order;
use fusebox::control::{Request, Response};
use fusebox::event::CircuitView;
use fusebox_types::failure::printable;

/// What can be done with circuit breakers.
#[derive(Debug, Subcommand)]
pub(super) enum BreakerCommand {
    /// Lists the circuits of a live session; of one that is over, those that were
    /// not closed all the time, as the next run finds them.
    List(ListArguments),
    /// Shows one circuit of a session.
    Show(OneArguments),
    /// Closes a circuit and forgets what was counted; ends `force-open` and
    /// `disable`. Of a session that is over, for the next run.
    Reset(OneArguments),
    /// Has a circuit refuse all calls until it is reset, also in later runs.
    ForceOpen(OneArguments),
    /// Has a circuit let all calls pass and count none until it is reset, also in
    /// later runs.
    Disable(OneArguments),
}

/// Arguments of `fusebox breaker list`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  fusebox breaker list essay-20260101-120000-1a2b")]
pub(super) struct ListArguments {
    /// The session's id or output directory; `fusebox status` lists the live
    /// ones.
    #[arg(value_name = "SESSION-ID or DIR")]
    session: PathBuf,
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Arguments of the commands about one circuit.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  fusebox breaker reset essay-20260101-120000-1a2b upstream:glm")]
pub(super) struct OneArguments {
    /// The session's id or output directory; `fusebox status` lists the live
    /// ones.
    #[arg(value_name = "SESSION-ID or DIR")]
    session: PathBuf,
    /// The circuit: `agent:<name>`, `upstream:<name>` or
    /// `service:<agent>/<name>`.
    #[arg(value_name = "KEY", allow_hyphen_values = true)]
    key: String,
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(super) fn main(command: BreakerCommand, config: &ConfigArguments) -> Result<Exit, Fault> {
    let (one, order) = match command {
        BreakerCommand::List(arguments) => return list(&arguments, config),
        BreakerCommand::Show(one) => return show(&one, config),
        BreakerCommand::Reset(one) => (one, Order::Reset),
        BreakerCommand::ForceOpen(one) => (one, Order::ForceOpen),
        BreakerCommand::Disable(one) => (one, Order::Disable),
    };
    let folder = folder_of(&one.session)?;
    let key = one.key.clone();
    let request = Request::OrderBreaker { key, order };
    if !is_over(&folder, &request) {
        return print(&circuits(asked(&folder, &request)?), one.format);
    }
    let ordered = KeptState::of(&folder, config)?.order(&one.key, order)?;
    say!(
        "the session is over; `{}` is so from the next run on",
        printable(&one.key)
    );
    print(&[ordered], one.format)
}

fn list(arguments: &ListArguments, config: &ConfigArguments) -> Result<Exit, Fault> {
    let circuits = of_session(&folder_of(&arguments.session)?, None, config)?;
    print(&circuits, arguments.format)
}

fn show(one: &OneArguments, config: &ConfigArguments) -> Result<Exit, Fault> {
    let circuits = of_session(&folder_of(&one.session)?, Some(&one.key), config)?;
    print(&circuits, one.format)
}

/// The circuits of a session, or one of them: of a live one as they are, else
/// as the next run finds them.
fn of_session(
    folder: &Path,
    key: Option<&String>,
    config: &ConfigArguments,
) -> Result<Vec<CircuitView>, Fault> {
    let request = Request::Breakers { key: key.cloned() };
    if !is_over(folder, &request) {
        return Ok(circuits(asked(folder, &request)?));
    }
    let mut circuits = left(folder, config)?;
    if let Some(key) = key {
        circuits.retain(|circuit| circuit.key == *key);
        if circuits.is_empty() {
            return Err(Fault::usage(format!(
                "the session is over, and nothing is known of a circuit `{}`: it was closed all the time, or there is none",
                printable(key)
            )));
        }
    }
    Ok(circuits)
}

/// What a session that is over left: what is kept, and what its report says of
/// the others.
fn left(folder: &Path, config: &ConfigArguments) -> Result<Vec<CircuitView>, Fault> {
    let report = folder.join("report.json");
    let reported = if report.exists() {
        reported(&report)?
    } else {
        Vec::new()
    };
    let found = KeptState::of(folder, config).and_then(|state| state.circuits());
    let Some(mut kept) = unless_reported(found, &report)? else {
        return Ok(reported);
    };
    for circuit in reported {
        if kept.iter().all(|kept| kept.key != circuit.key) {
            kept.push(circuit.closed_since());
        }
    }
    Ok(kept)
}

fn reported(report: &Path) -> Result<Vec<CircuitView>, Fault> {
    #[derive(serde::Deserialize)]
    struct Report {
        breakers: Vec<CircuitView>,
    }
    let report: Report = report_file::read(report)?;
    Ok(report.breakers)
}

/// What was asked for; `asked` has made faults of all else.
fn circuits(response: Response) -> Vec<CircuitView> {
    match response {
        Response::Circuits { circuits } => circuits,
        _ => Vec::new(),
    }
}

fn print(circuits: &[CircuitView], format: Format) -> Result<Exit, Fault> {
    let mut out = super::stdout();
    match format {
        Format::Json => json(&mut out, &circuits)?,
        Format::Human if circuits.is_empty() => writeln!(out, "all circuits were closed all the time")?,
        Format::Human => circuits.iter().try_for_each(|circuit| line(&mut out, circuit))?,
    }
    Ok(Exit::Succeeded)
}

fn line(out: &mut impl Write, circuit: &CircuitView) -> std::io::Result<()> {
    let until = circuit
        .until
        .as_ref()
        .map_or(String::new(), |until| format!(", to be probed at {until}"));
    let reason = circuit
        .reason
        .as_ref()
        .map_or(String::new(), |reason| format!(": {}", printable(reason)));
    let count = |name: &str| circuit.counts.get(name).copied().unwrap_or(0);
    writeln!(
        out,
        "{:32} {:12} since {}{until} ({}{reason}); {} calls, {} failed, {} slow, {} failures in a row",
        printable(&circuit.key),
        circuit.state,
        circuit.since,
        circuit.cause,
        count("calls"),
        count("failures"),
        count("slow"),
        count("consecutive_failures"),
    )
}
