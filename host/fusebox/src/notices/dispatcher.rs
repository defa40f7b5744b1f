//! The thread on which it is settled what is news and on which channels work.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc as blocking};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep_until};

use super::alert::AlertChange;
use super::channels;
use super::dedup::{Dedup, Notification};
use super::ending::Ending;
use super::notice::{About, Notice};
use super::notifier::Outlets;
use super::outlet::{Outlet, Undelivered, Working};
use crate::config::NotifyRules;

/// How long is waited for deliveries at a session's end.
pub const FLUSH: Duration = Duration::from_secs(3);
/// How long beyond that for the thread itself, if something holds it up.
const GRACE: Duration = Duration::from_secs(1);
/// How much may be said and not looked at yet.
const WAITING: usize = 1024;

/// The session's side of the dispatcher.
pub(super) struct Handle {
    said: mpsc::Sender<AlertChange>,
    closing: oneshot::Sender<Ending>,
    lost: Arc<AtomicU64>,
    result: blocking::Receiver<Vec<Undelivered>>,
    flush: Duration,
}

impl Handle {
    /// Hands something on, without waiting.
    pub(super) fn say(&self, said: AlertChange) {
        if self.said.try_send(said).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Ends it; what was not delivered.
    pub(super) fn close(self, ending: Ending) -> Vec<Undelivered> {
        // A dispatcher that is gone is told of below.
        let _ = self.closing.send(ending);
        drop(self.said);
        let mut undelivered = match self.result.recv_timeout(self.flush + GRACE) {
            Ok(undelivered) => undelivered,
            Err(_) => vec![Undelivered::unknown()],
        };
        let lost = self.lost.load(Ordering::Relaxed);
        if lost > 0 {
            undelivered.push(Undelivered::lost(lost));
        }
        undelivered
    }
}

/// Opens a dispatcher on a thread of its own. At its end deliveries are waited for as
/// long as `flush`.
///
/// # Errors
/// If the thread or its runtime cannot be started.
pub(super) fn open(rules: NotifyRules, about: About, to: Outlets, flush: Duration) -> io::Result<Handle> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (said, queue) = mpsc::channel(WAITING);
    let (closing, closed) = oneshot::channel();
    let (report, result) = blocking::channel();
    std::thread::Builder::new()
        .name("fusebox-notices".into())
        .spawn(move || {
            let vault = to.vault.clone();
            let undelivered = LocalSet::new().block_on(&runtime, async {
                let (outlets, working) = Working::begin(channels::of(&rules, to), &vault);
                let dispatcher = Dispatcher::new(rules.min_interval, about, outlets);
                dispatcher.serve(queue, closed).await;
                working.end(flush).await
            });
            // Whoever closed the dispatcher may have waited long enough.
            let _ = report.send(undelivered);
            // A name that is being resolved, or a terminal that takes nothing,
            // is not waited for.
            runtime.shutdown_background();
        })?;
    Ok(Handle {
        said,
        closing,
        lost: Arc::default(),
        result,
        flush,
    })
}

/// Settles what is news, and hands it to all channels that want it.
pub(super) struct Dispatcher {
    about: About,
    dedup: Dedup,
    started: Instant,
    number: u64,
    outlets: Vec<Outlet>,
}

impl Dispatcher {
    pub(super) fn new(min_interval: Duration, about: About, outlets: Vec<Outlet>) -> Self {
        Self {
            about,
            dedup: Dedup::new(min_interval),
            started: Instant::now(),
            number: 0,
            outlets,
        }
    }

    /// Works until the session's side is closed. The channels are closed then.
    pub(super) async fn serve(
        mut self,
        mut queue: mpsc::Receiver<AlertChange>,
        closing: oneshot::Receiver<Ending>,
    ) {
        loop {
            let due = self.dedup.next_due().map(|due| self.started + due);
            tokio::select! {
                said = queue.recv() => match said {
                    Some(said) => {
                        let notification = self.dedup.say(said, self.started.elapsed());
                        notification.into_iter().for_each(|notification| self.tell(notification));
                    }
                    None => break,
                },
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    for notification in self.dedup.due(self.started.elapsed()) {
                        self.tell(notification);
                    }
                }
            }
        }
        if let Ok(ending) = closing.await {
            self.end(ending);
        }
    }

    fn tell(&mut self, notification: Notification) {
        let notice = self.notice(notification);
        self.hand_out(notice);
    }

    /// Tells how the session ended, with what was held back until then.
    fn end(&mut self, ending: Ending) {
        let Some(alert) = ending.alert else { return };
        let untold: u64 = self.dedup.untold().map(|(_, count)| count).sum();
        let mut notice = self.notice(Notification {
            alert,
            ended: false,
            repeats: 0,
        });
        notice.counts = ending.counts;
        notice.untold = self
            .dedup
            .untold()
            .map(|(key, count)| (key.to_owned(), count))
            .collect();
        if untold > 0 {
            let said = format!("; {untold} more times something that was told before began again");
            notice.text.push_str(&said);
        }
        self.hand_out(notice);
    }

    fn notice(&mut self, notification: Notification) -> Notice {
        self.number += 1;
        Notice::new(&self.about, self.number, notification)
    }

    fn hand_out(&self, notice: Notice) {
        let notice = Arc::new(notice);
        self.outlets.iter().for_each(|outlet| outlet.offer(&notice));
    }
}

#[cfg(test)]
mod tests;
