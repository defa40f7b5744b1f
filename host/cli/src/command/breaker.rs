//! `fusebox breaker`: the breakers of a session, shown and ordered.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::live_session::{asked, folder_of, is_over};
use super::persisted_state::{KeptState, unless_reported};
use super::status::json;
use super::{ConfigArguments, Exit, Fault, Format, report_file};
use fusebox::breakers::Order;
use fusebox::control::{Request, Response};
use fusebox::event::BreakerView;
use fusebox::event::breaker_key::is_of_agent;
use fusebox_types::failure::printable;

/// What can be done with circuit breakers.
#[derive(Debug, Subcommand)]
pub(super) enum BreakerCommand {
    /// Lists the breakers of a live session; of one that is over, those that were
    /// not closed all the time, as the next run finds them.
    List(ListArguments),
    /// Shows one breaker of a session.
    Show(OneArguments),
    /// Closes a breaker and forgets what was counted; ends `force-open` and
    /// `disable`. Of a session that is over, for the next run.
    Reset(OneArguments),
    /// Has a breaker let no call pass until it is reset, also in later runs. Tasks
    /// that need it are held.
    ForceOpen(OneArguments),
    /// Has a breaker let all calls pass and count none until it is reset, also in
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

/// Arguments of the commands about one breaker.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  fusebox breaker reset essay-20260101-120000-1a2b upstream:glm")]
pub(super) struct OneArguments {
    /// The session's id or output directory; `fusebox status` lists the live
    /// ones.
    #[arg(value_name = "SESSION-ID or DIR")]
    session: PathBuf,
    /// The breaker: `agent:<name>`, `upstream:<name>` or
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
        return print(&breakers(asked(&folder, &request)?), one.format);
    }
    let ordered = KeptState::of(&folder, config)?.order(&one.key, order)?;
    say!(
        "the session is over; `{}` is so from the next run on",
        printable(&one.key)
    );
    print(&[ordered], one.format)
}

fn list(arguments: &ListArguments, config: &ConfigArguments) -> Result<Exit, Fault> {
    let breakers = of_session(&folder_of(&arguments.session)?, None, config)?;
    print(&breakers, arguments.format)
}

fn show(one: &OneArguments, config: &ConfigArguments) -> Result<Exit, Fault> {
    let breakers = of_session(&folder_of(&one.session)?, Some(&one.key), config)?;
    print(&breakers, one.format)
}

/// The breakers of a session, or one of them: of a live one as they are, else
/// as the next run finds them.
fn of_session(
    folder: &Path,
    key: Option<&String>,
    config: &ConfigArguments,
) -> Result<Vec<BreakerView>, Fault> {
    let request = Request::Breakers { key: key.cloned() };
    if !is_over(folder, &request) {
        return Ok(breakers(asked(folder, &request)?));
    }
    let mut breakers = left(folder, config)?;
    if let Some(key) = key {
        breakers.retain(|breaker| breaker.key == *key);
        if breakers.is_empty() {
            return Err(Fault::usage(format!(
                "the session is over, and nothing is known of a breaker `{}`: it never opened, or there is none",
                printable(key)
            )));
        }
    }
    Ok(breakers)
}

/// What a session that is over left: what is kept, and what its report says of
/// the others.
fn left(folder: &Path, config: &ConfigArguments) -> Result<Vec<BreakerView>, Fault> {
    let report = folder.join("report.json");
    let reported = if report.exists() {
        reported(&report)?
    } else {
        Vec::new()
    };
    let found = KeptState::of(folder, config).and_then(|state| state.breakers());
    let Some(mut kept) = unless_reported(found, &report)? else {
        return Ok(reported);
    };
    for breaker in reported {
        if kept.iter().all(|kept| kept.key != breaker.key) {
            kept.push(breaker.closed_since());
        }
    }
    Ok(kept)
}

fn reported(report: &Path) -> Result<Vec<BreakerView>, Fault> {
    #[derive(serde::Deserialize)]
    struct Report {
        breakers: Vec<BreakerView>,
    }
    let report: Report = report_file::read(report)?;
    Ok(report.breakers)
}

/// What was asked for; `asked` has made faults of all else.
fn breakers(response: Response) -> Vec<BreakerView> {
    match response {
        Response::Breakers { breakers } => breakers,
        _ => Vec::new(),
    }
}

fn print(breakers: &[BreakerView], format: Format) -> Result<Exit, Fault> {
    let mut out = super::stdout();
    match format {
        Format::Json => json(&mut out, &breakers)?,
        Format::Human if breakers.is_empty() => writeln!(out, "no breaker opened")?,
        Format::Human => breakers.iter().try_for_each(|breaker| line(&mut out, breaker))?,
    }
    Ok(Exit::Succeeded)
}

fn line(out: &mut impl Write, breaker: &BreakerView) -> std::io::Result<()> {
    let follows = follows(breaker);
    let reason = breaker
        .reason
        .as_ref()
        .map_or(String::new(), |reason| format!(": {}", printable(reason)));
    let count = |name: &str| breaker.counts.get(name).copied().unwrap_or(0);
    writeln!(
        out,
        "{:32} {:12} since {}{follows} ({}{reason}); {} calls, {} failed, {} slow, {} failures in a row",
        printable(&breaker.key),
        breaker.state,
        breaker.since,
        breaker.cause,
        count("calls"),
        count("failures"),
        count("slow"),
        count("consecutive_failures"),
    )
}

/// What the state of a breaker means for those that need it, where it is not closed.
fn follows(breaker: &BreakerView) -> String {
    if let Some(held) = &breaker.held {
        let tasks = if held.tasks == 1 { "task" } else { "tasks" };
        return match &held.next {
            Some(next) => format!(", holds {} {tasks}, the next goes on at {next}", held.tasks),
            None => format!(", holds {} {tasks} until somebody resets it", held.tasks),
        };
    }
    match (breaker.state.as_str(), &breaker.until) {
        ("open" | "half-open", _) if is_of_agent(&breaker.key) => ", its tasks run one at a time".into(),
        ("open", Some(until)) => format!(", to be probed at {until}"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fusebox::event::HeldTasks;

    fn breaker(key: &str, state: &str, held: Option<HeldTasks>) -> BreakerView {
        BreakerView {
            key: key.into(),
            state: state.into(),
            cause: "consecutive-failures".into(),
            reason: None,
            since: "2026-11-28T12:00:00.000Z".into(),
            until: Some("2026-11-28T12:00:10.000Z".into()),
            counts: Default::default(),
            held,
        }
    }

    #[test]
    fn an_open_breaker_says_what_it_holds_and_when_the_next_goes_on() {
        let held = |tasks, next: Option<&str>| {
            let next = next.map(str::to_owned);
            follows(&breaker("upstream:llm", "open", Some(HeldTasks { tasks, next })))
        };
        assert_eq!(
            held(24, Some("12:00")),
            ", holds 24 tasks, the next goes on at 12:00"
        );
        assert_eq!(held(1, None), ", holds 1 task until somebody resets it");
        let none = follows(&breaker("upstream:llm", "open", None));
        assert_eq!(none, ", to be probed at 2026-11-28T12:00:10.000Z");
    }

    #[test]
    fn an_agents_tasks_run_one_at_a_time_and_what_lets_all_pass_promises_nothing() {
        let one = ", its tasks run one at a time";
        assert_eq!(follows(&breaker("agent:writer", "open", None)), one);
        assert_eq!(follows(&breaker("agent:writer", "half-open", None)), one);
        for state in ["closed", "disabled", "metrics-only", "forced-open"] {
            assert_eq!(follows(&breaker("upstream:llm", state, None)), "", "{state}");
            assert_eq!(follows(&breaker("agent:writer", state, None)), "", "{state}");
        }
    }
}
