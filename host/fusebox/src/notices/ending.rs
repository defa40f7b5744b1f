//! How a session ended, if a person should know.

use std::error::Error;
use std::path::Path;

use super::alert::Alert;
use crate::config::{NoticeLevel, NoticeTopic};
use crate::recorder::Recorded;
use crate::report::{counts_in_words, quote};
use fusebox_system::wall_clock;
use fusebox_types::{Counts, SessionStatus};

/// How many commands are told; the report has them all.
const COMMANDS: usize = 3;

/// How a session ended, if a person should know: that everything succeeded
/// needs nobody.
#[derive(Debug, Clone, Default)]
pub struct Ending {
    pub(super) alert: Option<Alert>,
    pub(super) counts: Option<Counts>,
}

impl Ending {
    /// That of a session whose report is written.
    pub fn of(recorded: &Recorded) -> Self {
        let summary = &recorded.summary;
        let (id, status) = (summary.session().id, recorded.outcome.status);
        let level = match status {
            SessionStatus::Succeeded => return Self::default(),
            // Somebody has to have it taken up.
            SessionStatus::Degraded | SessionStatus::Held => NoticeLevel::Warning,
            SessionStatus::Failed => NoticeLevel::Critical,
            SessionStatus::Cancelled => NoticeLevel::Info,
        };
        let what = format!("session {id}: {status}");
        let alert = Alert::new(
            NoticeTopic::Session,
            level,
            "session:ended",
            wall_clock::now(),
            &what,
        );
        let first = recorded.recovery.first();
        let mut alert = alert
            .because(&counts_in_words(&summary.counts()))
            .then(first.map_or("", |option| option.why.as_str()));
        for option in recorded.recovery.iter().take(COMMANDS) {
            alert = alert.command(option.command.clone());
        }
        Self {
            alert: Some(alert),
            counts: Some(summary.counts()),
        }
    }

    /// That of a session whose record is not whole: a full disk, a journal that
    /// failed.
    pub fn broken(error: &(dyn Error + 'static), folder: &Path) -> Self {
        let what = "the record of the session is not whole";
        let alert = Alert::new(
            NoticeTopic::Storage,
            NoticeLevel::Critical,
            "storage:output",
            wall_clock::now(),
            what,
        );
        let alert = alert
            .because(&fusebox_types::failure::causes(error))
            .then("what was durable is there; resume it once that is mended");
        let resume = format!("fusebox resume {}", quote(&folder.to_string_lossy()));
        Self {
            alert: Some(alert.command(resume)),
            counts: None,
        }
    }
}
