//! What the host saw of an attempt's requests: whose fault a failure is does not
//! follow from what a guest says.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::failure::Failure;

/// What was seen of an attempt's requests.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// What the last request that ended failed with, if it did.
    pub(crate) failure: Option<Failure>,
    /// The upstream that was called last.
    pub(crate) upstream: Option<Arc<str>>,
    /// Requests that may have had an effect.
    pub(crate) effects: u32,
    /// Requests whose end is waited for.
    pub(crate) outstanding: u32,
}

/// Notes what is seen; its clones write to the same place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Witness(Arc<Mutex<Seen>>);

impl Witness {
    /// What was seen so far.
    pub(crate) fn seen(&self) -> Seen {
        self.lock().clone()
    }

    /// A request to an upstream begins.
    pub(super) fn begins(&self, upstream: &Arc<str>) {
        let mut seen = self.lock();
        seen.upstream = Some(upstream.clone());
        seen.outstanding += 1;
    }

    /// A request ended; `failure` is none if nothing is wrong. What the guest
    /// itself broke off says nothing, so that what was seen before stays.
    pub(super) fn ends(&self, failure: Option<Failure>, has_effect: bool, says_nothing: bool) {
        let mut seen = self.lock();
        seen.outstanding = seen.outstanding.saturating_sub(1);
        seen.effects += u32::from(has_effect);
        if !says_nothing {
            seen.failure = failure;
        }
    }

    /// A request was refused before anything was sent.
    pub(crate) fn refused(&self, failure: &Failure) {
        self.lock().failure = Some(failure.clone());
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
