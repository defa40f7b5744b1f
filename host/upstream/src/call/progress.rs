//! How far a call has come, for all who take part in it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::CallFault;

/// How far a call has come.
#[derive(Debug)]
pub(super) struct Progress {
    started: Instant,
    sent: AtomicBool,
    /// Whether a part of the answer was asked for that has not come.
    awaited: AtomicBool,
    /// How long the upstream was waited for until its answer began.
    latency: OnceLock<Duration>,
    request_bytes: AtomicU64,
    /// Whether the guest is being waited for: its body has no more bytes yet.
    guest_is_late: AtomicBool,
    /// When the guest's body last gave something, in milliseconds of the call.
    last_given: AtomicU64,
    /// What is wrong, if it is not the connection that can say so.
    fault: OnceLock<CallFault>,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            sent: AtomicBool::new(false),
            awaited: AtomicBool::new(true),
            latency: OnceLock::new(),
            request_bytes: AtomicU64::new(0),
            guest_is_late: AtomicBool::new(false),
            last_given: AtomicU64::new(0),
            fault: OnceLock::new(),
        }
    }
}

impl Progress {
    /// Says that the request is handed to a connection: from now on the upstream
    /// may have it.
    pub(super) fn sending(&self) {
        self.sent.store(true, Ordering::Relaxed);
        self.given(0);
    }

    pub(super) fn is_sent(&self) -> bool {
        self.sent.load(Ordering::Relaxed)
    }

    /// Counts bytes that the guest's body gave; what they come to.
    pub(super) fn given(&self, bytes: u64) -> u64 {
        let now = u64::try_from(self.took().as_millis()).unwrap_or(u64::MAX);
        self.last_given.store(now, Ordering::Relaxed);
        self.guest_is_late.store(false, Ordering::Relaxed);
        self.request_bytes
            .fetch_add(bytes, Ordering::Relaxed)
            .saturating_add(bytes)
    }

    pub(super) fn guest_is_late(&self) {
        self.guest_is_late.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_guest_late(&self) -> bool {
        self.guest_is_late.load(Ordering::Relaxed)
    }

    /// Says that the answer has begun.
    pub(super) fn answered(&self) {
        let _ = self.latency.set(self.upstream_waited_for_since().elapsed());
        self.awaits(false);
    }

    /// How long the upstream was waited for until its answer began; none if it has not.
    pub(super) fn latency(&self) -> Option<Duration> {
        self.latency.get().copied()
    }

    /// Notes whether a part of the answer was asked for and has not come.
    pub(super) fn awaits(&self, awaited: bool) {
        self.awaited.store(awaited, Ordering::Relaxed);
    }

    /// Whether the upstream is waited for: for its connection or for a part of its
    /// answer that was asked for, and not for more of the guest's own request.
    pub(super) fn awaits_upstream(&self) -> bool {
        self.awaited.load(Ordering::Relaxed) && !self.is_guest_late()
    }

    /// Since when the upstream, and not the guest, is waited for.
    pub(super) fn upstream_waited_for_since(&self) -> Instant {
        if self.is_guest_late() {
            return Instant::now();
        }
        self.started + Duration::from_millis(self.last_given.load(Ordering::Relaxed))
    }

    /// Keeps what is wrong with the guest's body or the upstream's answers; the first
    /// of several.
    pub(super) fn faulty(&self, fault: CallFault) {
        let _ = self.fault.set(fault);
    }

    pub(super) fn fault(&self) -> Option<CallFault> {
        self.fault.get().cloned()
    }

    pub(super) fn request_bytes(&self) -> u64 {
        self.request_bytes.load(Ordering::Relaxed)
    }

    pub(super) fn took(&self) -> Duration {
        self.started.elapsed()
    }
}
