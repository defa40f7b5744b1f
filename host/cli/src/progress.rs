//! The progress bar on standard error; hidden when that is no terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use fusebox::event::breaker_key::guarded;
use fusebox::event::{Event, Reload, SessionProgress};
use fusebox::report::{OutputError, Reader};

/// Draws how far a session is.
pub(crate) struct Progress {
    bar: ProgressBar,
    progress: SessionProgress,
}

impl Progress {
    /// A bar over so many tasks.
    pub(crate) fn new(tasks: usize) -> Self {
        let bar = ProgressBar::with_draw_target(Some(tasks as u64), ProgressDrawTarget::stderr_with_hz(10));
        if let Ok(style) = ProgressStyle::with_template("{elapsed_precise} {wide_bar} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self {
            bar,
            progress: SessionProgress::new(tasks),
        }
    }

    /// What writes a line above the bar, from any thread.
    pub(crate) fn printer(&self) -> impl FnMut(&str) + Send + use<> {
        let bar = self.bar.clone();
        move |line| bar.suspend(|| say!("{line}"))
    }

    fn show(&self) {
        self.bar.set_position(self.progress.counts().over());
        if !self.bar.is_hidden() {
            self.bar.set_message(message(&self.progress));
        }
    }
}

/// What is shown beside the bar.
fn message(progress: &SessionProgress) -> String {
    let (running, failed) = (progress.running(), progress.counts().failed);
    let mut parts = vec![format!("{running} running"), format!("{failed} failed")];
    let on = progress.holds().filter(|hold| hold.is_on());
    parts.extend(on.map(|hold| {
        let until = hold.until.map_or(String::new(), |until| {
            format!(" until {} UTC", until.strftime("%H:%M:%S"))
        });
        format!("{} held by {}{until}", hold.tasks, guarded(&hold.by))
    }));
    parts.join(", ")
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
            say!("new configuration rejected; the old one stays in force: {message}");
        }
    }
}

impl Reader for Progress {
    fn read(&mut self, event: &Event) -> Result<(), OutputError> {
        self.progress.read(event);
        match event {
            Event::AttemptStarted { .. }
            | Event::AttemptEnded { .. }
            | Event::TaskHeld { .. }
            | Event::Hold { .. }
            | Event::TaskEnded { .. } => self.show(),
            Event::SessionEnded { .. } => self.bar.finish_and_clear(),
            Event::Reload { outcome, .. } => self.bar.suspend(|| say(outcome)),
            // What needs a person is told by the notices.
            Event::SessionStarted { .. }
            | Event::Progress { .. }
            | Event::HandedIn { .. }
            | Event::RetryScheduled { .. }
            | Event::Breaker { .. }
            | Event::Instance { .. }
            | Event::Instances(_)
            | Event::PolicyStrike { .. }
            | Event::Standing { .. }
            | Event::QuotaWarning { .. } => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn the_bar_says_who_holds_how_many_and_until_when() {
        let mut progress = SessionProgress::new(24);
        let mut hold = |tasks, until: Option<i64>| {
            progress.read(&Event::Hold {
                by: "upstream:llm".into(),
                at: Timestamp::UNIX_EPOCH,
                until: until.map(|second| Timestamp::new(second, 0).unwrap()),
                tasks,
            });
            message(&progress)
        };
        assert_eq!(
            hold(8, Some(43_210)),
            "0 running, 0 failed, 8 held by upstream llm until 12:00:10 UTC"
        );
        assert_eq!(hold(8, None), "0 running, 0 failed, 8 held by upstream llm");
        assert_eq!(hold(0, None), "0 running, 0 failed");
    }
}
