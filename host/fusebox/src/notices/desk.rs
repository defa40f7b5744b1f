//! The thread on which it is settled what is news and on which channels work.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc as blocking};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep_until};

use super::channels;
use super::ending::Ending;
use super::matter::Said;
use super::notice::{About, Notice};
use super::notifier::Outlets;
use super::once::{Once, Telling};
use super::outlet::{Outlet, Undelivered, Working};
use crate::config::NotifyRules;

/// How long is waited for deliveries at a session's end.
pub const FLUSH: Duration = Duration::from_secs(3);
/// How long beyond that for the thread itself, if something holds it up.
const GRACE: Duration = Duration::from_secs(1);
/// How much may be said and not looked at yet.
const WAITING: usize = 1024;

/// The session's side of the desk.
pub(super) struct Handle {
    said: mpsc::Sender<Said>,
    closing: oneshot::Sender<Ending>,
    lost: Arc<AtomicU64>,
    result: blocking::Receiver<Vec<Undelivered>>,
    flush: Duration,
}

impl Handle {
    /// Hands something on, without waiting.
    pub(super) fn say(&self, said: Said) {
        if self.said.try_send(said).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Ends it; what was not delivered.
    pub(super) fn close(self, ending: Ending) -> Vec<Undelivered> {
        // A desk that is gone is told of below.
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

/// Opens a desk on a thread of its own. At its end deliveries are waited for as
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
                let desk = Desk::new(rules.min_interval, about, outlets);
                desk.serve(queue, closed).await;
                working.end(flush).await
            });
            // Whoever closed the desk may have waited long enough.
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
pub(super) struct Desk {
    about: About,
    once: Once,
    started: Instant,
    number: u64,
    outlets: Vec<Outlet>,
}

impl Desk {
    pub(super) fn new(min_interval: Duration, about: About, outlets: Vec<Outlet>) -> Self {
        Self {
            about,
            once: Once::new(min_interval),
            started: Instant::now(),
            number: 0,
            outlets,
        }
    }

    /// Works until the session's side is closed. The channels are closed then.
    pub(super) async fn serve(mut self, mut queue: mpsc::Receiver<Said>, closing: oneshot::Receiver<Ending>) {
        loop {
            let due = self.once.next_due().map(|due| self.started + due);
            tokio::select! {
                said = queue.recv() => match said {
                    Some(said) => {
                        let telling = self.once.say(said, self.started.elapsed());
                        telling.into_iter().for_each(|telling| self.tell(telling));
                    }
                    None => break,
                },
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    for telling in self.once.due(self.started.elapsed()) {
                        self.tell(telling);
                    }
                }
            }
        }
        if let Ok(ending) = closing.await {
            self.end(ending);
        }
    }

    fn tell(&mut self, telling: Telling) {
        let notice = self.notice(telling);
        self.hand_out(notice);
    }

    /// Tells how the session ended, with what was held back until then.
    fn end(&mut self, ending: Ending) {
        let Some(matter) = ending.matter else { return };
        let untold: u64 = self.once.untold().map(|(_, count)| count).sum();
        let mut notice = self.notice(Telling {
            matter,
            ended: false,
            repeats: 0,
        });
        notice.counts = ending.counts;
        notice.untold = self
            .once
            .untold()
            .map(|(key, count)| (key.to_owned(), count))
            .collect();
        if untold > 0 {
            let said = format!("; {untold} more times something that was told before began again");
            notice.text.push_str(&said);
        }
        self.hand_out(notice);
    }

    fn notice(&mut self, telling: Telling) -> Notice {
        self.number += 1;
        Notice::new(&self.about, self.number, telling)
    }

    fn hand_out(&self, notice: Notice) {
        let notice = Arc::new(notice);
        self.outlets.iter().for_each(|outlet| outlet.offer(&notice));
    }
}

#[cfg(test)]
mod tests;
