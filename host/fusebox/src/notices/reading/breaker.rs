//! Breakers that open and close.

use jiff::Timestamp;

use super::Commands;
use crate::config::{NoticeLevel, NoticeTopic};
use crate::notices::alert::{Alert, AlertChange, Lasts};
use fusebox_events::Event;
use fusebox_events::breaker_key::is_of_agent;
use fusebox_resilience::breaker::{Cause, State, Transition};

/// The alert that lasts while a breaker is not closed.
pub(super) fn alert(key: &str, at: Timestamp, what: &str) -> Alert {
    let id = format!("circuit:{key}:open");
    Alert::new(NoticeTopic::Breaker, NoticeLevel::Warning, &id, at, what).lasting(Lasts::UntilEnded)
}

/// What a change of a breaker says. While it is probed it is still open.
pub(super) fn read(event: &Event, commands: &Commands) -> Option<AlertChange> {
    let Event::Breaker {
        key,
        at,
        until,
        transition,
        reason,
    } = event
    else {
        return None;
    };
    let said = |what: &str| alert(key, *at, what).because(&why(transition, reason.as_deref()));
    Some(match transition.to {
        State::HalfOpen => return None,
        State::Open => {
            let opened = said(&opened(key, *until)).then(while_open(key));
            AlertChange::Begins(opened.command(commands.of("breaker show", key)))
        }
        State::ForcedOpen => {
            let opened = said(&format!("breaker {key}: {}", transition.to)).then(while_forced(key));
            AlertChange::Begins(opened.command(commands.of("breaker reset", key)))
        }
        State::Closed => AlertChange::Ends(said(&format!("breaker {key}: closed again"))),
        State::Disabled | State::MetricsOnly => {
            AlertChange::Ends(said(&format!("breaker {key}: {}", transition.to)))
        }
    })
}

/// That it is open. An agent's is for no time: what its tasks do closes it.
fn opened(key: &str, until: Option<Timestamp>) -> String {
    match until.filter(|_| !is_of_agent(key)) {
        Some(until) => format!("breaker {key}: open until {until:.3}"),
        None => format!("breaker {key}: open"),
    }
}

/// What an open breaker does.
fn while_open(key: &str) -> &'static str {
    match is_of_agent(key) {
        true => "its tasks run one at a time until enough of them succeed",
        false => "its calls are refused until then, and a probe decides",
    }
}

/// What a breaker does that somebody has opened. A guest's own holds nobody.
fn while_forced(key: &str) -> &'static str {
    match key.starts_with("service:") {
        true => "its calls are refused until somebody resets it",
        false => "tasks that need it are held until somebody resets it",
    }
}

/// The cause, what was counted, and what a policy said.
fn why(transition: &Transition, reason: Option<&str>) -> String {
    let counts = &transition.counts;
    let counted = match transition.cause {
        Cause::ConsecutiveFailures => format!(": {} failures in a row", counts.consecutive_failures),
        Cause::FailureRate => format!(": {} of {} calls failed", counts.failures, counts.calls),
        Cause::SlowRate => format!(": {} of {} calls were slow", counts.slow, counts.calls),
        _ => String::new(),
    };
    let said = reason.map_or(String::new(), |words| format!(": {words}"));
    format!("{}{counted}{said}", transition.cause)
}
