//! Where it is kept what was asked of upstreams: in the state directory, over
//! runs and processes.

use std::sync::Arc;

use fusebox_store::state::{QUOTAS, State, StateError, Timeline};
use fusebox_types::failure::{Code, Failure};
use fusebox_upstream::limits::{Ledger, Party, Refused, Taken};
use fusebox_upstream::rules::UpstreamLimits;

/// What was asked of upstreams. Without a state directory nothing is asked of
/// it: there are no rules that need one.
#[derive(Debug, Clone, Default)]
pub struct Ledgers {
    state: Option<Arc<State>>,
}

impl Ledgers {
    /// Counts in this state; without one nothing is counted.
    pub fn new(state: Option<Arc<State>>) -> Self {
        Self { state }
    }

    /// Whether there is anything to be counted.
    pub fn is_needed(limits: &UpstreamLimits) -> bool {
        limits.rate.is_some() || !limits.quotas.is_empty()
    }

    /// The time that they go by.
    pub(super) fn time(&self) -> Timeline {
        self.state
            .as_deref()
            .map_or_else(Timeline::own, |state| state.time())
    }

    /// Takes one request out of the rate and the quotas of an upstream.
    ///
    /// # Errors
    /// If the state cannot be read or written: then nothing may be sent, since
    /// nobody would know of it.
    pub(super) async fn take(
        &self,
        upstream: &str,
        limits: &UpstreamLimits,
        parties: &std::collections::BTreeSet<String>,
        who: &str,
    ) -> Result<Result<Option<Taken>, Refused>, Failure> {
        let Some(state) = self.state.clone().filter(|_| Self::is_needed(limits)) else {
            return Ok(Ok(None));
        };
        let (limits, parties, who) = (limits.clone(), parties.clone(), who.to_owned());
        let time = state.time();
        let taken = change(state, upstream, move |ledger| {
            let party = Party {
                who: &who,
                all: &parties,
            };
            ledger.take(&limits, time.now(), party)
        });
        Ok(taken.await?.map(Some))
    }

    /// Gives a request back that was not sent, or notes that the upstream gives
    /// an agent no more until a time.
    pub(super) async fn settle(&self, upstream: &str, taken: Option<Taken>, held: Option<(String, u64)>) {
        let Some(state) = self.state.clone() else { return };
        let time = state.time();
        let settled = change(state, upstream, move |ledger| {
            if let Some(taken) = &taken {
                ledger.give_back(taken);
            }
            if let Some((who, for_ms)) = &held {
                let now = time.now();
                ledger.hold(who, now, now.saturating_add(*for_ms));
            }
        });
        if let Err(failure) = settled.await {
            tracing::warn!("the quota of upstream {upstream} may be too low by one: {failure}");
        }
    }
}

/// Changes a ledger under the lock of its table, off the threads of guests:
/// it waits for the disk.
async fn change<R: Send + 'static>(
    state: Arc<State>,
    upstream: &str,
    change: impl FnOnce(&mut Ledger) -> R + Send + 'static,
) -> Result<R, Failure> {
    let upstream = upstream.to_owned();
    let changed = tokio::task::spawn_blocking(move || {
        state.update(&QUOTAS, &upstream, |ledger: Option<Ledger>| {
            let mut ledger = ledger.unwrap_or_default();
            let given = change(&mut ledger);
            (Some(ledger), given)
        })
    });
    match changed.await {
        Ok(changed) => changed.map_err(|error| unusable(&error)),
        Err(error) => Err(Failure::new(Code::HostState, error.to_string())),
    }
}

fn unusable(error: &StateError) -> Failure {
    Failure::new(Code::HostState, fusebox_types::failure::causes(error))
}
