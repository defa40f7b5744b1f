//! The progress bar on standard error; hidden when that is no terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use fusebox::event::{Event, Reload};
use fusebox::report::{OutputError, Reader};
use fusebox_types::TaskStatus;

/// Draws how far a session is.
pub(crate) struct Progress {
    bar: ProgressBar,
    running: u64,
    failed: u64,
}

impl Progress {
    /// A bar over so many tasks.
    pub(crate) fn new(tasks: u64) -> Self {
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

    /// What writes a line above the bar, from any thread.
    pub(crate) fn printer(&self) -> impl FnMut(&str) + Send + use<> {
        let bar = self.bar.clone();
        move |line| bar.suspend(|| say!("{line}"))
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
            say!(
                "the configuration is in force as it is now{}",
                if changes.is_empty() { "" } else { ":" }
            );
            changes.iter().for_each(|change| say!("  {change}"));
        }
        Reload::Refused(message) => {
            say!("the configuration has changed and is not in force; the old one still is: {message}");
        }
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
            Event::Reload { outcome, .. } => self.bar.suspend(|| say(outcome)),
            // What needs a person is told by the notices.
            Event::SessionStarted { .. }
            | Event::Progress { .. }
            | Event::RetryScheduled { .. }
            | Event::Circuit { .. }
            | Event::Instance { .. }
            | Event::Instances(_)
            | Event::PolicyStrike { .. }
            | Event::QuotaWarning { .. } => return Ok(()),
        }
        self.show();
        Ok(())
    }
}
