//! Lines: text on the terminal, JSON in the session's log.

use std::sync::{Arc, Mutex, PoisonError};

use crate::config::NoticeLevel;
use crate::notices::notice::Notice;
use crate::report::{NoticeLog, OutputDir};

/// Writes a line to the terminal. The line is harmless to print.
pub type Print = Box<dyn FnMut(&str) + Send>;

/// Where lines are written, whatever that waits for.
pub(in crate::notices) struct Lines {
    to: Arc<Mutex<To>>,
    name: &'static str,
}

enum To {
    Terminal(Print),
    Log(NoticeLog),
}

impl Lines {
    pub(super) fn terminal(print: Print) -> Self {
        Self {
            to: Arc::new(Mutex::new(To::Terminal(print))),
            name: "the terminal",
        }
    }

    pub(super) fn log(out: Arc<OutputDir>) -> Self {
        Self {
            to: Arc::new(Mutex::new(To::Log(NoticeLog::new(out)))),
            name: "the log",
        }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Writes it on a thread that may wait: a terminal may take nothing, and a
    /// disk be slow.
    pub(super) async fn deliver(&self, notice: &Arc<Notice>) -> Result<(), String> {
        let (to, notice) = (self.to.clone(), notice.clone());
        let written = tokio::task::spawn_blocking(move || {
            to.lock().unwrap_or_else(PoisonError::into_inner).write(&notice)
        });
        written.await.map_err(|error| error.to_string())?
    }
}

impl To {
    fn write(&mut self, notice: &Notice) -> Result<(), String> {
        match self {
            Self::Terminal(print) => {
                print(&shown(notice));
                Ok(())
            }
            Self::Log(log) => log
                .write(notice)
                .map_err(|error| fusebox_types::failure::causes(&error)),
        }
    }
}

/// A line for a person, and one below it for each command.
fn shown(notice: &Notice) -> String {
    let level = match notice.level {
        NoticeLevel::Info => "",
        _ if notice.ended => "",
        NoticeLevel::Warning => "warning: ",
        NoticeLevel::Critical => "critical: ",
    };
    let mut text = format!("{level}{}", notice.text);
    for command in &notice.commands {
        text.push_str("\n  ");
        text.push_str(command);
    }
    text
}
