//! A quarantine, as it is shown.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use fusebox_resilience::isolation::{Counts, Kind, PastFailure, Quarantined, Release};
use fusebox_types::failure::printable;

/// Where an instance stands that failed too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum QuarantineStatus {
    /// It is out of its pool.
    Quarantined,
    /// It would be out, but its pool needs it.
    Held,
    /// It is back.
    Released,
}

/// An instance that was taken out of its pool, or would have been.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuarantineView {
    /// The agent.
    pub agent: String,
    /// The instance.
    pub instance: String,
    /// Where it stands now.
    pub state: QuarantineStatus,
    /// Why. May hold a policy's or an operator's words.
    pub reason: String,
    /// What speaks for it: what was counted, and the last failures. May hold a
    /// plugin's words.
    pub evidence: Vec<String>,
    /// Since when it is out or held, in UTC.
    pub since: String,
    /// When its probe may go, if it is out; when it came back, if it is.
    pub until: Option<String>,
    /// Quarantines without a lasting recovery between.
    pub times: u32,
    /// Why it came back: `probe`, `policy`, `operator`, `new-digest`, `floor`.
    pub released_by: Option<String>,
}

impl QuarantineView {
    /// What a change comes to; none if an instance comes back.
    pub fn new(
        (agent, instance): (&str, &str),
        (at, until): (Timestamp, Option<Timestamp>),
        change: &Kind,
    ) -> Option<Self> {
        let of = |state, reason, evidence, times| Self {
            agent: agent.to_owned(),
            instance: instance.to_owned(),
            state,
            reason,
            evidence,
            since: time(at),
            until: until.map(time),
            times,
            released_by: None,
        };
        match change {
            Kind::Quarantined(out) => Some(of(
                QuarantineStatus::Quarantined,
                out.reason.to_string(),
                evidence(out, at),
                out.times,
            )),
            Kind::Held {
                reason,
                quarantined,
                allowed,
            } => {
                let floor =
                    format!("{quarantined} of its pool are out, and {allowed} may be (`max_quarantined`)");
                Some(of(QuarantineStatus::Held, reason.to_string(), vec![floor], 0))
            }
            Kind::Released { .. } => None,
        }
    }

    /// The quarantine of an instance as it is at a moment.
    pub fn of(agent: &str, out: &Quarantined, at: Timestamp) -> Self {
        let since = before(at, out.lasted);
        let until = at.checked_add(out.remaining).unwrap_or(Timestamp::MAX);
        Self {
            agent: agent.to_owned(),
            instance: out.instance.to_string(),
            state: QuarantineStatus::Quarantined,
            reason: out.reason.to_string(),
            evidence: evidence(out, at),
            since: time(since),
            until: Some(time(until)),
            times: out.times,
            released_by: None,
        }
    }

    /// Whether the instance is out, or would be if its pool did not need it.
    pub fn lasts(&self) -> bool {
        self.state != QuarantineStatus::Released
    }

    /// Notes that the instance is back.
    pub fn released(&mut self, why: Release, at: Timestamp) {
        self.state = QuarantineStatus::Released;
        self.until = Some(time(at));
        self.released_by = Some(why.name().to_owned());
    }
}

/// What speaks for a quarantine.
fn evidence(out: &Quarantined, at: Timestamp) -> Vec<String> {
    let failures = out.failures.iter().map(|failure| told(failure, at));
    std::iter::once(counted(&out.counts)).chain(failures).collect()
}

pub fn counted(counts: &Counts) -> String {
    format!(
        "{} strikes in a row; {} of {} attempts lately were strikes, {} of {} in the whole pool",
        counts.consecutive, counts.strikes, counts.attempts, counts.pool_strikes, counts.pool_attempts
    )
}

fn told(failure: &PastFailure, at: Timestamp) -> String {
    let then = time(before(at, failure.ago));
    format!("{then} {}: {}", failure.code, printable(&failure.message))
}

/// A moment that lies so far back.
pub fn before(at: Timestamp, ago: std::time::Duration) -> Timestamp {
    let ago = SignedDuration::try_from(ago).unwrap_or(SignedDuration::MAX);
    at.checked_sub(ago).unwrap_or(Timestamp::MIN)
}

pub fn time(at: Timestamp) -> String {
    format!("{at:.3}")
}
