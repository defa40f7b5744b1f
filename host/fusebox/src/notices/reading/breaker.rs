//! Breakers that open and close.

use super::Commands;
use crate::config::{NoticeLevel, NoticeTopic};
use crate::notices::alert::{Alert, AlertChange, Lasts};
use fusebox_events::Event;
use fusebox_resilience::breaker::{Cause, State, Transition};

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
    let alert = |what: &str| {
        let id = format!("circuit:{key}:open");
        Alert::new(NoticeTopic::Breaker, NoticeLevel::Warning, &id, *at, what)
            .because(&why(transition, reason.as_deref()))
            .lasting(Lasts::UntilEnded)
    };
    Some(match transition.to {
        State::HalfOpen => return None,
        State::Open => {
            let until = until.map_or(String::new(), |until| format!(" until {until:.3}"));
            let opened = alert(&format!("breaker {key}: open{until}"));
            let opened = opened.then("its calls are refused until then, and a probe decides");
            AlertChange::Begins(opened.command(commands.of("breaker show", key)))
        }
        State::ForcedOpen => {
            let opened = alert(&format!("breaker {key}: {}", transition.to));
            let opened = opened.then("its calls are refused until somebody resets it");
            AlertChange::Begins(opened.command(commands.of("breaker reset", key)))
        }
        State::Closed => AlertChange::Ends(alert(&format!("breaker {key}: closed again"))),
        State::Disabled | State::MetricsOnly => {
            AlertChange::Ends(alert(&format!("breaker {key}: {}", transition.to)))
        }
    })
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
