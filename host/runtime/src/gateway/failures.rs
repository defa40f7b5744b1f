//! How a call ended, as a failure.

use std::time::Duration;

use super::UpstreamLoad;
use fusebox_resilience::in_flight::STALL;
use fusebox_secrets::{Hide, Redactor};
use fusebox_store::state::Timeline;
use fusebox_types::failure::{Blame, Code, Failure};
use fusebox_types::units::show_duration;
use fusebox_upstream::answers::{MAX_CODE, MAX_LOCATION, MAX_MESSAGE};
use fusebox_upstream::call::{CallFault, End, How, Whose};
use fusebox_upstream::limits::Refused;
use fusebox_upstream::rules::AnswerCode;

/// What a call failed with; none if nothing is wrong, or nothing was learned.
pub(super) fn of_end(end: &End, upstream: &str, redactor: Option<&Redactor>) -> Option<Failure> {
    if let How::Failed(fault) = &end.how {
        return Some(of_fault(fault, upstream));
    }
    let verdict = end.verdict.as_ref()?;
    let words = |words: &Option<String>, most| words.clone().map(|words| clean(words, most, redactor));
    let location = words(&verdict.location, MAX_LOCATION);
    let said = match &location {
        Some(location) => format!("it moved to `{location}`"),
        None if verdict.code == AnswerCode::Redirect => "it moved, and does not say where".into(),
        None => words(&verdict.message, MAX_MESSAGE).unwrap_or_else(|| "it says no more".into()),
    };
    let status = end.status.map_or(0, |status| status.as_u16());
    let code = verdict.code.failure()?;
    let mut failure = Failure::new(code, format!("upstream {upstream} answered {status}: {said}"))
        .with("upstream", upstream)
        .with("status", status);
    if let Some(code) = words(&verdict.upstream_code, MAX_CODE) {
        failure = failure.with("upstream_code", code);
    }
    if let Some(location) = location {
        failure = failure.with("location", location);
    }
    failure.retry_after_ms = verdict.retry_after.map(millis);
    Some(failure)
}

/// A service's words without secrets, and without what is left of one that was
/// cut with them.
fn clean(mut words: String, most: usize, redactor: Option<&Redactor>) -> String {
    let was_cut = words.len() > most - char::MAX.len_utf8();
    if let Some(redactor) = redactor {
        words.hide(redactor);
        if was_cut {
            redactor.trim_cut_text(&mut words);
        }
    }
    words
}

/// What went wrong with a call, as a failure. An attempt whose deadline passed
/// while an upstream was waited for is that upstream's.
fn of_fault(fault: &CallFault, upstream: &str) -> Failure {
    let mut failure =
        Failure::new(fault.code(), format!("upstream {upstream}: {fault}")).with("upstream", upstream);
    if matches!(
        fault,
        CallFault::TimedOut {
            whose: Whose::Attempt,
            ..
        }
    ) {
        failure.blame = Blame::Upstream;
    }
    failure
}

/// Whether a fault says nothing of the upstream: the guest waited less than the
/// upstream may take.
pub(super) const fn is_the_guests_patience(fault: &CallFault) -> bool {
    matches!(
        fault,
        CallFault::TimedOut {
            whose: Whose::Guest,
            ..
        }
    )
}

/// That an upstream may not be asked now.
pub(super) fn of_refusal(refused: &Refused, upstream: &str, time: Timeline) -> Failure {
    let until = refused.until_ms;
    let until = until.map(|until| format!(" until {:.0}", time.shown(until)));
    let message = format!(
        "upstream {upstream}: {refused}{}",
        until.as_deref().unwrap_or_default()
    );
    let mut failure = Failure::new(refused.code(), message).with("upstream", upstream);
    failure.retry_after_ms = refused.until_ms.map(|until| until.saturating_sub(time.now()));
    failure
}

/// That nobody who waits for a place was given one for so long that it is no use.
pub(super) fn queue_stalled(upstream: &str, load: UpstreamLoad) -> Failure {
    let UpstreamLoad { in_use, waiting, .. } = load;
    let stall = show_duration(STALL);
    let message = format!(
        "upstream {upstream}: {in_use} requests are in flight and {waiting} wait for a place, and none was given one for {stall}"
    );
    Failure::new(Code::ShedQueue, message).with("upstream", upstream)
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
