//! The report for a person at a terminal.

mod failures;

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::recovery::{resume, with_dependants};
use super::summary::Summary;
use fusebox_events::QuarantineStatus;
use fusebox_types::failure::printable;
use fusebox_types::{Counts, SessionStatus};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
/// How many patterns are shown.
const PATTERNS: usize = 5;

/// Prints what a session came to, each kind of failure once, with what to do.
///
/// # Errors
/// If the text cannot be written.
pub fn print(to: &mut impl Write, summary: &Summary, out: &std::path::Path) -> io::Result<()> {
    let session = summary.session();
    let style = status_style(session.status);
    let seconds = session.duration_ms / 1e3;
    writeln!(
        to,
        "{BOLD}{}{BOLD:#}: {style}{}{style:#} in {seconds:.2} s",
        session.id, session.status
    )?;
    let failure = summary.partial_failure();
    writeln!(to, "  {}", failure.message)?;
    if !failure.failures.is_empty() {
        writeln!(to, "\n{BOLD}What went wrong{BOLD:#}")?;
    }
    failures::print(to, &failure.failures)?;
    if failure.ungrouped > 0 {
        let tasks = plural(failure.ungrouped, "task");
        writeln!(
            to,
            "  and {} more {tasks} with other codes; see the report",
            failure.ungrouped
        )?;
    }
    print_quarantined(to, summary)?;
    print_patterns(to, summary)?;
    let counts = &failure.counts;
    for (heading, ids, count) in [
        ("Not run", &failure.not_run, counts.skipped),
        ("Cancelled", &failure.cancelled, counts.cancelled),
    ] {
        if !ids.is_empty() {
            writeln!(to, "\n{BOLD}{heading}{BOLD:#}\n  {}", names(ids, count))?;
        }
    }
    print_held(to, summary, out)?;
    print_ran_without(to, summary, out)?;
    writeln!(to, "\nEverything is in {}", out.display())
}

/// The tasks that were held, by what, and the command that takes them up.
fn print_held(to: &mut impl Write, summary: &Summary, out: &std::path::Path) -> io::Result<()> {
    let (ids, count) = (summary.held.ids(), summary.counts().held);
    if ids.is_empty() {
        return Ok(());
    }
    writeln!(to, "\n{BOLD}Held ({count}){BOLD:#}\n  {}", names(ids, count))?;
    for cause in summary.held.causes() {
        writeln!(to, "  {}", printable(&cause))?;
    }
    let command = resume(&out.to_string_lossy());
    writeln!(to, "  to take them up: {command}")
}

/// The tasks that made do without a result that is there now.
fn print_ran_without(to: &mut impl Write, summary: &Summary, out: &std::path::Path) -> io::Result<()> {
    let ran_without = summary.ran_without();
    if ran_without.is_empty() {
        return Ok(());
    }
    let names = names(&ran_without, ran_without.len() as u64);
    writeln!(
        to,
        "\n{BOLD}Ran before a result was there that is there now{BOLD:#}\n  {names}"
    )?;
    let command = with_dependants(&out.to_string_lossy());
    writeln!(to, "  to run them again: {command}")
}

/// The instances that were taken out, each with why.
fn print_quarantined(to: &mut impl Write, summary: &Summary) -> io::Result<()> {
    for (at, view) in summary.quarantined().enumerate() {
        if at == 0 {
            writeln!(to, "\n{BOLD}Instances that were taken out{BOLD:#}")?;
        }
        let state = match (view.state, &view.released_by) {
            (QuarantineStatus::Quarantined, _) => "quarantined".into(),
            (QuarantineStatus::Held, _) => "needed by its pool, so it stayed".into(),
            (QuarantineStatus::Released, by) => format!("back ({})", by.as_deref().unwrap_or_default()),
        };
        let (instance, reason) = (
            format!("{}/{}", view.agent, view.instance),
            printable(&view.reason),
        );
        writeln!(to, "  {}  {state}: {reason}", printable(&instance))?;
        for line in view
            .evidence
            .iter()
            .take(1)
            .chain(view.evidence.iter().skip(1).last())
        {
            writeln!(to, "    {DIM}{}{DIM:#}", shorten(&printable(line), 200))?;
        }
    }
    Ok(())
}

/// The patterns among the failures, a line for each of the most frequent ones.
fn print_patterns(to: &mut impl Write, summary: &Summary) -> io::Result<()> {
    let patterns = summary.patterns();
    if patterns.is_empty() {
        return Ok(());
    }
    writeln!(to, "\n{BOLD}Patterns{BOLD:#}")?;
    for pattern in patterns.iter().take(PATTERNS) {
        writeln!(
            to,
            "  {} of {}: {} times, {}",
            pattern.kind.name(),
            printable(&pattern.code),
            pattern.count,
            names(&pattern.instances, pattern.instances.len() as u64)
        )?;
        writeln!(to, "    do next  {}", printable(&pattern.recommendation))?;
    }
    match patterns.len().saturating_sub(PATTERNS) {
        0 => Ok(()),
        more => writeln!(to, "  and {more} more; see the report"),
    }
}

/// How many tasks came to what, in words.
pub(crate) fn counts(counts: &Counts) -> String {
    let tasks = plural(counts.total, "task");
    let mut parts = vec![format!(
        "{} of {} {tasks} succeeded",
        counts.succeeded, counts.total
    )];
    let mut add = |count: u64, what: &str| {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    };
    add(counts.retried, "of them after a retry");
    add(counts.degraded, "with part of a result or a fallback");
    add(counts.failed, "failed");
    add(counts.skipped, "skipped");
    add(counts.cancelled, "cancelled");
    add(counts.held, "held");
    parts.join(", ")
}

/// The first few names of so many.
fn names(ids: &[String], count: u64) -> String {
    let shown: Vec<_> = ids.iter().take(5).map(|id| shorten(&printable(id), 60)).collect();
    let more = count.saturating_sub(shown.len() as u64);
    let tail = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    shown.join(", ") + &tail
}

/// The word for so many of something.
fn plural(count: u64, one: &str) -> String {
    match count {
        1 => one.to_owned(),
        _ => format!("{one}s"),
    }
}

fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or(text)),
        None => text.to_owned(),
    }
}

fn status_style(status: SessionStatus) -> Style {
    let color = match status {
        SessionStatus::Succeeded => AnsiColor::Green,
        SessionStatus::Degraded | SessionStatus::Held => AnsiColor::Yellow,
        SessionStatus::Failed | SessionStatus::Cancelled => AnsiColor::Red,
    };
    Style::new().bold().fg_color(Some(color.into()))
}
