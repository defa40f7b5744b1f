//! How long each part of a call may take, and on whose account.

use std::time::Duration;

use tokio::time::Instant;

use super::{CallFault, Phase, Whose};
use crate::rules::{UpstreamLimits, UpstreamTimeouts};

/// What a call may take at most, besides what the upstream's own settings say.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// When the attempt is over.
    pub deadline: Instant,
    /// What the guest asked for itself.
    pub guest: GuestTimeouts,
    /// Most bytes of a body, in either direction.
    pub body: u64,
}

/// Time limits of the guest's own. They can be shorter than the upstream's, and
/// are nobody's fault.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GuestTimeouts {
    /// For the connection.
    pub connect: Option<Duration>,
    /// For the head of the answer.
    pub first_byte: Option<Duration>,
    /// For the next bytes of the answer.
    pub between_bytes: Option<Duration>,
}

/// Until when something is waited for, and on whose account it ends then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Patience {
    pub(super) until: Instant,
    pub(super) phase: Phase,
    pub(super) whose: Whose,
}

impl Terms {
    /// How long a phase may take that begins at a time.
    pub(super) fn patience(&self, phase: Phase, of: &UpstreamTimeouts, since: Instant) -> Patience {
        let (upstream, guest) = match phase {
            Phase::Connect => (of.connect, self.guest.connect),
            Phase::FirstByte => (of.first_byte, self.guest.first_byte),
            Phase::BetweenBytes => (of.between_bytes, self.guest.between_bytes),
        };
        let mut until = (since + upstream, Whose::Upstream);
        // What is farther away than a clock can say is no limit.
        let guest = guest.and_then(|guest| since.checked_add(guest));
        let others = [
            guest.map(|until| (until, Whose::Guest)),
            Some((self.deadline, Whose::Attempt)),
        ];
        for other in others.into_iter().flatten() {
            if other.0 < until.0 {
                until = other;
            }
        }
        let (until, whose) = until;
        Patience { until, phase, whose }
    }

    /// Most bytes of a request's body.
    pub(super) fn most_sent(&self, limits: &UpstreamLimits) -> u64 {
        self.body.min(limits.request)
    }

    /// Most bytes of an answer's body.
    pub(super) fn most_received(&self, limits: &UpstreamLimits) -> u64 {
        self.body.min(limits.response)
    }
}

impl Patience {
    /// That it is over.
    pub(super) const fn over(self) -> CallFault {
        CallFault::TimedOut {
            phase: self.phase,
            whose: self.whose,
        }
    }

    /// Waits for something as long as there is patience.
    pub(super) async fn with<T>(self, something: impl Future<Output = T>) -> Result<T, CallFault> {
        tokio::time::timeout_at(self.until, something)
            .await
            .map_err(|_| self.over())
    }
}
