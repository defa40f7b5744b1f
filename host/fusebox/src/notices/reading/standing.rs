//! Causes that stand: what fails for all that need it until a person mends it.

use std::sync::Arc;

use jiff::Timestamp;

use super::Commands;
use crate::config::{NoticeLevel, NoticeTopic};
use crate::notices::alert::{Alert, AlertChange};
use fusebox_types::failure::{Code, Failure};

/// That a cause has begun to stand. None where that is told of as a quota: the
/// first task that met it has said so, and what to do.
pub(super) fn begins(
    at: Timestamp,
    about: &str,
    failure: &Failure,
    tasks: &[Arc<str>],
    commands: &Commands,
) -> Option<AlertChange> {
    if failure.code == Code::ApiBilling {
        return None;
    }
    let key = format!("standing:{about}:{}", failure.code);
    let rest = match failure.code.is_denied() {
        true => "all that needs the same ends so",
        false => "the rest that needs it is not asked",
    };
    let (code, tasks) = (&failure.code, tasks.len());
    let what = format!("{code} at {about}: {tasks} tasks ended with it, {rest}");
    let alert = Alert::new(NoticeTopic::Session, NoticeLevel::Critical, &key, at, &what);
    let alert = alert.because(&failure.message).then(failure.code.advice().next);
    Some(AlertChange::Begins(alert.command(commands.retry())))
}
