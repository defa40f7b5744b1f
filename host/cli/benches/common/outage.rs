//! A service that is down from the first attempt of a session on, for a while.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use anyhow::Result;
use fusebox::event::Event;
use fusebox::report::{OutputError, Reader};

use crate::service::{Place, Reply};

/// How long the service takes for an answer while it is well.
pub(crate) const ANSWERS_AFTER: Duration = Duration::from_millis(20);

/// What a service is like while it is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It answers 503.
    Unavailable,
    /// Nobody listens.
    Refused,
    /// It resets each connection that asks for something.
    Reset,
    /// It says nothing until it is well again.
    Silent,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Unavailable => "503",
            Self::Refused => "refused",
            Self::Reset => "reset",
            Self::Silent => "silent",
        })
    }
}

/// A service that is down for a while, and what came of that.
pub(crate) struct Outage {
    pub(crate) kind: Kind,
    pub(crate) length: Duration,
    began: OnceLock<Instant>,
    requests: AtomicU64,
    first_success: OnceLock<Duration>,
}

impl Outage {
    pub(crate) fn new(kind: Kind, length: Duration) -> Arc<Self> {
        Arc::new(Self {
            kind,
            length,
            began: OnceLock::new(),
            requests: AtomicU64::new(0),
            first_success: OnceLock::new(),
        })
    }

    /// Where the service is. One that refuses connections first listens at the end.
    pub(crate) fn serve(self: &Arc<Self>) -> Result<SocketAddr> {
        let place = Place::take()?;
        let (address, outage) = (place.address()?, self.clone());
        let reply = move || outage.reply();
        if self.kind == Kind::Refused && !self.length.is_zero() {
            let outage = self.clone();
            std::thread::spawn(move || {
                std::thread::sleep(outage.length.saturating_sub(outage.began.wait().elapsed()));
                place.serve(reply)
            });
        } else {
            place.serve(reply)?;
        }
        Ok(address)
    }

    fn reply(&self) -> Reply {
        let since = self.began.get_or_init(Instant::now).elapsed();
        let Some(left) = self.length.checked_sub(since) else {
            return Reply::Answer(ANSWERS_AFTER);
        };
        self.requests.fetch_add(1, Ordering::Relaxed);
        match self.kind {
            Kind::Unavailable => Reply::Error(503),
            Kind::Reset => Reply::Reset,
            Kind::Silent | Kind::Refused => Reply::Answer(left),
        }
    }

    /// Requests that came while it was down; those that were refused cannot be counted
    /// here.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// How long after its end an attempt first succeeded.
    pub(crate) fn first_success(&self) -> Option<Duration> {
        self.first_success.get().copied()
    }
}

/// Begins an outage with the first attempt of a session, and sees the first success.
pub(crate) struct Watcher(pub(crate) Arc<Outage>);

impl Reader for Watcher {
    fn read(&mut self, event: &Event) -> Result<(), OutputError> {
        let outage = &*self.0;
        match event {
            Event::AttemptStarted { .. } => {
                outage.began.get_or_init(Instant::now);
            }
            Event::AttemptEnded { attempt, .. } if attempt.failure.is_none() => {
                let since = outage.began.get_or_init(Instant::now).elapsed();
                outage
                    .first_success
                    .get_or_init(|| since.saturating_sub(outage.length));
            }
            _ => {}
        }
        Ok(())
    }
}
