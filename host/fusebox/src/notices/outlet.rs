//! A channel's queue, and who works it off.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::channels::{Channel, Wanted};
use super::notice::Notice;
use fusebox_secrets::Vault;
use fusebox_types::failure::printable;

/// How many notices may wait for one channel.
const WAITING: usize = 64;
/// How long a channel has to let go of what it is doing.
const LET_GO: Duration = Duration::from_millis(200);

/// Notices that somebody was not told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    /// The channel: webhook `ops`.
    pub channel: String,
    /// How many; none if nobody knows.
    pub count: Option<u64>,
    /// Why the last of them was not.
    pub why: String,
}

impl Undelivered {
    pub(super) fn unknown() -> Self {
        Self {
            channel: "every channel".into(),
            count: None,
            why: "something held them up".into(),
        }
    }

    pub(super) fn lost(count: u64) -> Self {
        Self {
            channel: "any channel".into(),
            count: Some(count),
            why: "too much happened at once".into(),
        }
    }
}

impl fmt::Display for Undelivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (channel, why) = (&self.channel, printable(&self.why));
        match self.count {
            None => write!(f, "notices may not have reached {channel}: {why}"),
            Some(1) => write!(f, "1 notice did not reach {channel}: {why}"),
            Some(count) => write!(f, "{count} notices did not reach {channel}: {why}"),
        }
    }
}

/// What became of a channel's notices.
#[derive(Debug, Default)]
struct Tally {
    wanted: AtomicU64,
    delivered: AtomicU64,
    why: Mutex<Option<String>>,
}

impl Tally {
    fn failed(&self, why: String) {
        *self.why.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
    }

    fn undelivered(&self, channel: &str) -> Option<Undelivered> {
        let wanted = self.wanted.load(Ordering::Relaxed);
        let count = wanted.saturating_sub(self.delivered.load(Ordering::Relaxed));
        let why = self.why.lock().unwrap_or_else(PoisonError::into_inner).take();
        (count > 0).then(|| Undelivered {
            channel: channel.to_owned(),
            count: Some(count),
            why: why.unwrap_or_else(|| "there was no time left".into()),
        })
    }
}

/// Where notices for one channel are handed in.
pub(super) struct Outlet {
    wanted: Wanted,
    queue: mpsc::Sender<Arc<Notice>>,
    tally: Arc<Tally>,
}

impl Outlet {
    /// Hands in a notice if the channel wants it, without waiting.
    pub(super) fn offer(&self, notice: &Arc<Notice>) {
        if !self.wanted.wants(notice) {
            return;
        }
        self.tally.wanted.fetch_add(1, Ordering::Relaxed);
        if self.queue.try_send(notice.clone()).is_err() {
            self.tally
                .failed(format!("more than {WAITING} were waiting for it"));
        }
    }
}

/// The channels at work.
pub(super) struct Working {
    tasks: JoinSet<()>,
    stop: CancellationToken,
    tallies: Vec<(String, Arc<Tally>)>,
}

impl Working {
    /// Sets channels to work, each on its own, in the local set that this is
    /// called in.
    pub(super) fn begin(channels: Vec<(Wanted, Channel)>, vault: &Arc<Vault>) -> (Vec<Outlet>, Self) {
        let mut working = Self {
            tasks: JoinSet::new(),
            stop: CancellationToken::new(),
            tallies: Vec::new(),
        };
        let outlets = channels.into_iter().map(|(wanted, channel)| {
            let (queue, notices) = mpsc::channel(WAITING);
            let tally = Arc::new(Tally::default());
            working.tallies.push((channel.name(), tally.clone()));
            let stop = working.stop.clone();
            working
                .tasks
                .spawn_local(work(channel, notices, (tally.clone(), vault.clone()), stop));
            Outlet { wanted, queue, tally }
        });
        (outlets.collect(), working)
    }

    /// Waits until all is delivered, as long as there is time; what was not. The
    /// outlets have to be gone.
    pub(super) async fn end(mut self, time: Duration) -> Vec<Undelivered> {
        if timeout(time, self.all_done()).await.is_err() {
            self.stop.cancel();
            // What does not let go is left behind.
            let _ = timeout(LET_GO, self.all_done()).await;
        }
        let tallies = self.tallies.iter();
        tallies
            .filter_map(|(channel, tally)| tally.undelivered(channel))
            .collect()
    }

    async fn all_done(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Delivers one notice after the other, until there are no more or it is
/// stopped. What is under way then is dropped.
async fn work(
    mut channel: Channel,
    mut notices: mpsc::Receiver<Arc<Notice>>,
    (tally, vault): (Arc<Tally>, Arc<Vault>),
    stop: CancellationToken,
) {
    if let Err(mut why) = channel.prepare(&vault).await {
        vault.hide(&mut why);
        tracing::warn!("no notices will reach {}: {}", channel.name(), printable(&why));
    }
    while let Some(notice) = notices.recv().await {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            delivered = channel.deliver(&notice) => match delivered {
                Ok(()) => {
                    tally.delivered.fetch_add(1, Ordering::Relaxed);
                }
                Err(mut why) => {
                    vault.hide(&mut why);
                    tally.failed(why);
                }
            }
        }
    }
}
