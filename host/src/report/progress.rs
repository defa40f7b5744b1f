//! The progress bar on standard error; hidden when that is no terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;

use super::Reader;
use super::output_dir::OutputError;
use crate::event::{Event, Reload};
use crate::failure::printable;
use crate::resilience::isolation::Kind;
use crate::session::TaskStatus;

/// Draws how far a session is.
pub struct Progress {
    bar: ProgressBar,
    running: u64,
    failed: u64,
}

impl Progress {
    /// A bar over so many tasks.
    pub fn new(tasks: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(tasks), ProgressDrawTarget::stderr_with_hz(10));
        if let Ok(style) = ProgressStyle::with_template("{elapsed_precise} {wide_bar} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self {
            bar,
            running: 0,
            failed: 0,
        }
    }

    fn show(&self) {
        if !self.bar.is_hidden() {
            self.bar
                .set_message(format!("{} running, {} failed", self.running, self.failed));
        }
    }
}

/// Says on standard error what a reload came to.
fn say(outcome: &Reload) {
    match outcome {
        Reload::Applied(changes) => {
            eprintln!(
                "the configuration is in force as it is now{}",
                if changes.is_empty() { "" } else { ":" }
            );
            changes.iter().for_each(|change| eprintln!("  {change}"));
        }
        Reload::Refused(message) => {
            eprintln!("the configuration has changed and is not in force; the old one still is: {message}");
        }
    }
}

/// What became of an instance, in words.
fn phrase(change: &Kind, until: Option<Timestamp>) -> String {
    match change {
        Kind::Quarantined(out) => {
            let until = until.map_or(String::new(), |until| format!(" until {until:.3}"));
            format!("quarantined{until} ({})", out.reason)
        }
        Kind::Held {
            reason,
            quarantined,
            allowed,
        } => format!("needed, although {reason} ({quarantined} of its pool are out and {allowed} may be)"),
        Kind::Released { why, .. } => format!("back in its pool ({})", why.name()),
    }
}

impl Reader for Progress {
    fn read(&mut self, event: &Event) -> Result<(), OutputError> {
        match event {
            Event::AttemptStarted { .. } => self.running += 1,
            Event::AttemptEnded { .. } => self.running = self.running.saturating_sub(1),
            Event::TaskEnded { record, .. } => {
                self.failed += u64::from(record.status == TaskStatus::Failed);
                self.bar.inc(1);
            }
            Event::SessionEnded { .. } => self.bar.finish_and_clear(),
            Event::Circuit {
                key,
                transition,
                reason,
                ..
            } => {
                let why = reason.as_deref().map_or_else(
                    || transition.cause.to_string(),
                    |words| format!("{}: {}", transition.cause, printable(words)),
                );
                let line = format!("circuit {key}: {} ({why})", transition.to);
                self.bar.suspend(|| eprintln!("{line}"));
            }
            Event::PolicyStrike {
                policy,
                about,
                message,
                put_aside: true,
            } => {
                let line = format!("policy {policy} for {about} is put aside: {}", printable(message));
                self.bar.suspend(|| eprintln!("{line}"));
            }
            Event::Instance {
                agent,
                instance,
                until,
                change,
                ..
            } => {
                let line = format!("instance {agent}/{instance}: {}", phrase(change, *until));
                self.bar.suspend(|| eprintln!("{line}"));
            }
            Event::PolicyStrike { .. } | Event::Instances(_) => return Ok(()),
            Event::QuotaWarning { upstream, warning } => {
                self.bar.suspend(|| eprintln!("upstream {upstream}: {warning}"));
            }
            Event::Reload { outcome, .. } => self.bar.suspend(|| say(outcome)),
            Event::SessionStarted { .. } | Event::Progress { .. } | Event::RetryScheduled { .. } => {
                return Ok(());
            }
        }
        self.show();
        Ok(())
    }
}
