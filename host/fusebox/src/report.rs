//! The report: what happened, why, and what to do next. All of it is made of
//! the session's events.

mod failure_groups;
mod guest_log;
mod held;
mod human;
mod model;
mod notice_log;
mod partial_failure;
mod patterns;
mod recovery;
mod stream;
mod summary;

pub use failure_groups::{FailureGroup, MessageGroup};
pub(crate) use fusebox_store::output_dir::Durable;
pub use fusebox_store::output_dir::{OutputDir, OutputError, OutputRef, slug};
pub use guest_log::GuestLog;
pub(crate) use human::counts as counts_in_words;
pub use human::print as print_summary;
pub use model::{
    AttemptEntry, AttemptOutcome, FailureEntry, HoldEntry, PatternEntry, PolicyEntry, RecoveryEntry,
    ReloadEntry, Report, SessionEntry, TaskEntry,
};
pub(crate) use notice_log::NoticeLog;
pub use partial_failure::{FailureGroupEntry, FailureReport, MessageEntry, PartialFailure};
pub(crate) use patterns::Patterns;
pub use recovery::Resumable;
pub(crate) use recovery::quote;
pub use stream::{Remembered, ReportWriter};
pub use summary::Summary;

use fusebox_events::Event;

/// Something that wants to know what happens.
pub trait Reader {
    /// Takes note of an event.
    ///
    /// # Errors
    /// If what the reader writes cannot be written.
    fn read(&mut self, event: &Event) -> Result<(), OutputError>;
}

/// A reader that does not care.
pub struct Nobody;

impl Reader for Nobody {
    fn read(&mut self, _: &Event) -> Result<(), OutputError> {
        Ok(())
    }
}

/// Milliseconds with three decimals.
fn millis(duration: std::time::Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// The first whole second that is not before a time, for a person.
pub(crate) fn not_before(at: jiff::Timestamp) -> String {
    let whole = at.checked_add(std::time::Duration::from_nanos(999_999_999));
    whole.unwrap_or(at).strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A time as the report writes it: UTC, in microseconds.
fn time(at: jiff::Timestamp) -> String {
    format!("{at:.6}")
}
