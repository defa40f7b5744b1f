//! The status for a person at a terminal.

use std::io::{self, Write};
use std::path::Path;

use anstyle::Style;
use jiff::Timestamp;

use fusebox::control::{Attempt, Ending, HoldView, SessionView, State, TaskView};
use fusebox_types::failure::printable;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// A session and what is under way in it.
pub(super) fn session(to: &mut impl Write, view: &SessionView, folder: &Path) -> io::Result<()> {
    line(to, view, folder)?;
    for hold in &view.holds {
        writeln!(to, "  {}", held(hold, view.now))?;
    }
    if !view.reasons.is_empty() {
        let reasons: Vec<_> = view
            .reasons
            .iter()
            .map(|one| format!("{} {}", one.count, one.reason))
            .collect();
        writeln!(to, "  over because: {}", reasons.join(", "))?;
    }
    for out in &view.quarantined {
        let instance = format!("{}/{}", out.agent, out.instance);
        let (instance, reason) = (printable(&instance), printable(&out.reason));
        match &out.until {
            Some(until) => writeln!(to, "  instance {instance}: quarantined until {until} ({reason})")?,
            None => writeln!(to, "  instance {instance}: needed by its pool, although {reason}")?,
        }
    }
    for view in &view.tasks {
        writeln!(to, "  {}", headline(view))?;
        if let Some(last) = view.attempts.last() {
            attempt(to, last)?;
        }
    }
    match view.more {
        0 => Ok(()),
        more => writeln!(to, "  and {more} more under way"),
    }
}

/// What a breaker holds, in words.
fn held(hold: &HoldView, now: Timestamp) -> String {
    format!(
        "held: {} by {} {} (for {:.0} s)",
        hold.tasks,
        printable(&hold.by),
        until(hold.until),
        now.duration_since(hold.since).as_secs_f64().max(0.0)
    )
}

/// Until when a breaker holds, in words.
fn until(time: Option<Timestamp>) -> String {
    time.map_or_else(
        || "until somebody closes it".into(),
        |time| format!("until {time:.0}"),
    )
}

/// A session in a few words.
pub(super) fn line(to: &mut impl Write, view: &SessionView, folder: &Path) -> io::Result<()> {
    let now = match (view.status, view.cancelling, view.started) {
        (Some(status), ..) => format!("over, {status}"),
        (None, true, _) => "being cancelled".into(),
        (None, false, Some(_)) => format!("under way for {:.1} s", view.ran_ms / 1e3),
        (None, false, None) => "about to begin".into(),
    };
    let (id, folder) = (printable(&view.session), folder.display().to_string());
    writeln!(
        to,
        "{BOLD}{id}{BOLD:#}: {now}, {} tasks: {} {DIM}({}){DIM:#}",
        view.counts.total,
        figures(view),
        printable(&folder)
    )
}

/// How many tasks are where, without those that are nowhere.
fn figures(view: &SessionView) -> String {
    let counts = &view.counts;
    let all = [
        (counts.succeeded, "succeeded"),
        (counts.degraded, "with part of a result or a fallback"),
        (counts.failed, "failed"),
        (counts.skipped, "skipped"),
        (counts.cancelled, "cancelled"),
        (view.running, "running"),
        (view.waiting, "waiting"),
        (counts.held + view.held, "held"),
        (view.pending, "not begun"),
    ];
    let some = all.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<_> = some.map(|(count, what)| format!("{count} {what}")).collect();
    parts.join(", ")
}

/// A task with its attempts.
pub(super) fn task(to: &mut impl Write, view: &TaskView) -> io::Result<()> {
    writeln!(to, "{}", headline(view))?;
    if let State::Over {
        failure: Some(failure),
        ..
    } = &view.state
    {
        writeln!(
            to,
            "  {}: {}",
            printable(&failure.code),
            printable(&failure.message)
        )?;
    }
    if view.earlier_attempts > 0 {
        writeln!(to, "  {} earlier attempts", view.earlier_attempts)?;
    }
    view.attempts.iter().try_for_each(|one| attempt(to, one))
}

fn headline(view: &TaskView) -> String {
    let cancelling = if view.cancelling { ", being cancelled" } else { "" };
    format!(
        "{BOLD}{}{BOLD:#} {DIM}({}){DIM:#}: {}{cancelling}",
        printable(&view.task),
        printable(&view.agent),
        phrase(view)
    )
}

/// What a task is doing, in words.
pub(crate) fn phrase(view: &TaskView) -> String {
    let now = view.now;
    match &view.state {
        State::Pending => "not begun".into(),
        State::Running {
            attempt,
            of,
            since,
            fraction,
            message,
        } => {
            let percent = fraction.map(|fraction| format!(", {:.0} %", fraction * 100.0));
            let doing = message
                .as_deref()
                .map(|message| format!(": {}", printable(message)));
            format!(
                "attempt {attempt} of {of}, running for {}{}{}",
                seconds_between(*since, now),
                percent.unwrap_or_default(),
                doing.unwrap_or_default()
            )
        }
        State::Waiting { attempt, of, until } => format!(
            "waiting for attempt {attempt} of {of}, which begins in {} ({until:.3})",
            seconds_between(now, *until)
        ),
        State::Held {
            attempt,
            of,
            by,
            until: time,
        } => format!(
            "held by {} {}, before attempt {attempt} of {of}",
            printable(by),
            until(*time)
        ),
        State::Deciding { attempt, of } => format!("attempt {attempt} of {of} is over"),
        State::Over {
            status,
            reason,
            not_before,
            ..
        } => {
            let over = over(*status, *reason);
            match not_before {
                Some(time) => format!("{over}, not before {time:.3}"),
                None => over,
            }
        }
    }
}

fn over(status: Option<fusebox_types::TaskStatus>, reason: Option<Ending>) -> String {
    match (status, reason) {
        (None, _) => "over; the report says how".into(),
        (Some(status), Some(Ending::GaveUp(_))) => {
            let reason = reason.map(|reason| reason.to_string()).unwrap_or_default();
            format!("{status}, reason: {reason}")
        }
        (Some(status), _) => status.to_string(),
    }
}

fn attempt(to: &mut impl Write, attempt: &Attempt) -> io::Result<()> {
    let came_to = match &attempt.failure {
        None => "ok".into(),
        Some(failure) => format!("{}: {}", printable(&failure.code), printable(&failure.message)),
    };
    writeln!(
        to,
        "    attempt {} {DIM}(after {:.0} ms, took {:.0} ms, {}){DIM:#} {came_to}",
        attempt.number,
        attempt.delay_before_ms,
        attempt.duration_ms,
        printable(&attempt.instance)
    )
}

fn seconds_between(from: Timestamp, to: Timestamp) -> String {
    format!("{:.1} s", to.duration_since(from).as_secs_f64().max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::new(1_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn who_holds_how_many_and_until_when_is_one_line() {
        let hold = |until| HoldView {
            by: "upstream:llm".into(),
            tasks: 1976,
            since: at(0),
            until,
            total_ms: 14_000.0,
        };
        assert_eq!(
            held(&hold(Some(at(20))), at(14)),
            "held: 1976 by upstream:llm until 1970-01-12T13:47:00Z (for 14 s)"
        );
        assert_eq!(
            held(&hold(None), at(0)),
            "held: 1976 by upstream:llm until somebody closes it (for 0 s)"
        );
    }

    #[test]
    fn a_task_that_is_held_says_by_whom_and_until_when() {
        let view = TaskView {
            task: "score".into(),
            agent: "scorer".into(),
            now: at(0),
            state: State::Held {
                attempt: 2,
                of: 4,
                by: "upstream:llm".into(),
                until: Some(at(20)),
            },
            cancelling: false,
            attempts: Vec::new(),
            earlier_attempts: 0,
        };
        assert_eq!(
            phrase(&view),
            "held by upstream:llm until 1970-01-12T13:47:00Z, before attempt 2 of 4"
        );
    }
}
