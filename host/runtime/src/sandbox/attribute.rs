//! Whose fault a failure is, by what the host saw and not by what a guest says.
//!
//! | the guest ends | and the host saw last | what the attempt ends with |
//! |---|---|---|
//! | by a trap, a panic or an exit | a failure, after which the guest did no more than log | that failure, not handled |
//! | with an error of its own | a failure that the error can be about | that failure |
//! | at its deadline, while it waited | an upstream that had not answered | the deadline, the upstream's fault |
//! | in any other way | anything | its own end |
//!
//! Limits, traps of memory or arithmetic and broken contracts are never put down to
//! anybody else.

use crate::gateway::Seen;
use fusebox_types::failure::{Blame, Category, Code, Failure};
use fusebox_upstream::answers::SaidBy;

/// A failure of an attempt, given to whom it belongs. `may_repeat` is whether the
/// task is idempotent, or the guest itself said that trying again may help.
pub(super) fn attribute(failure: Failure, may_repeat: bool, seen: &Seen) -> Failure {
    let mut failure = match &seen.failure {
        Some(host) if escaped(&failure.code) && !seen.went_on => unhandled(host, failure),
        Some(host) if holds_over(host, &failure, seen.said_by) => of_host(host, failure, seen.said_by),
        // What a guest looked for and went on without may be why, and may not.
        Some(host) if host.code.is_of_files() => failure.with("denied", &host.message),
        _ => failure,
    };
    if failure.code == Code::LimitDeadline && seen.awaits_upstream {
        failure.blame = Blame::Upstream;
        if let Some(upstream) = seen.upstream() {
            failure = failure.with("upstream", upstream);
        }
    }
    // What a service may have done, it may do twice: whether that does harm is
    // the plugin's to say.
    if seen.effects > 0 && !may_repeat && failure.retryable == Some(true) {
        failure.retryable = None;
    }
    failure
}

/// Whether an end is how programs let an error escape: an `unwrap` in Rust, an
/// exception that nobody catches elsewhere.
const fn escaped(code: &Code) -> bool {
    matches!(code, Code::TrapUnreachable | Code::TrapPanic | Code::TrapExit)
}

/// What the host saw, which the guest did not handle.
fn unhandled(host: &Failure, end: Failure) -> Failure {
    let mut failure = host.clone().with("unhandled", &end);
    failure.context.extend(end.context);
    failure
}

/// Whether what the host saw holds over what a guest says of its end.
fn holds_over(host: &Failure, guest: &Failure, said_by: SaidBy) -> bool {
    let Code::Guest(code) = &guest.code else {
        return false;
    };
    match host.code.is_of_files() {
        true => code.starts_with("file.") || names_file(host, guest),
        false => {
            said_by == SaidBy::Operator || nobody_knows_more(&host.code) || is_about(host, guest.category)
        }
    }
}

/// Shortest path that is not in a text by chance, in bytes.
const TELLING_PATH: usize = 4;

/// Whether a guest speaks of the file that was refused. Languages' libraries name
/// it in their messages.
fn names_file(host: &Failure, guest: &Failure) -> bool {
    let path = host.context.iter().find(|(name, _)| &**name == "path");
    let path = path.map(|(_, path)| path.trim_start_matches('/'));
    match path.filter(|path| path.len() >= TELLING_PATH) {
        Some(path) => guest.message.contains(path),
        None => is_about(host, guest.category),
    }
}

/// Whether a guest has read nothing of it that the host has not: whatever words
/// it makes of it, they change nothing.
const fn nobody_knows_more(code: &Code) -> bool {
    code.is_transport() || code.is_shed() || matches!(code, Code::LimitDeadline)
}

/// Whether a guest says the same: that it was not its own fault. Bad data may be
/// its own, and is a denial's as well.
fn is_about(host: &Failure, said: Category) -> bool {
    match said {
        Category::Network | Category::ApiLimit | Category::Timeout | Category::System => true,
        Category::Validation => host.category == Category::Validation,
        Category::InstanceFailure | Category::CanvasCorruption | Category::MemoryOverflow => false,
    }
}

/// What the host saw, with the guest's words beside it. That trying again is
/// useless, a guest can say of an answer, which it has read, unless the operator has
/// said what that means.
fn of_host(host: &Failure, guest: Failure, said_by: SaidBy) -> Failure {
    let mut failure = host.clone();
    failure.context.push(("guest".into(), guest.to_string()));
    failure.context.extend(guest.context);
    if guest.retryable == Some(false) && host.code.is_answer() && said_by == SaidBy::Host {
        failure.retryable = Some(false);
    }
    failure
}

#[cfg(test)]
mod operators_word;

#[cfg(test)]
mod tests;
