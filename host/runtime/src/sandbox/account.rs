//! What the host does and holds for one attempt, besides running it.
//!
//! Every call to the host is counted, those of the standard world included, and
//! so is every byte that a guest hands over. Nothing is given back when the
//! host lets go of it: what is held for a guest at any time is at most what it
//! has handed over, so one number bounds the traffic and the memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::stop::Stop;
use crate::sandbox::Limits;

/// Calls to the host, and bytes that were handed over, of one attempt.
#[derive(Debug)]
pub(super) struct Account {
    calls: u32,
    most_calls: u32,
    bytes: Carried,
}

/// The bytes of an account: its clones are charged together.
#[derive(Debug, Clone)]
pub(super) struct Carried {
    bytes: Arc<AtomicU64>,
    most: u64,
}

impl Account {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            calls: 0,
            most_calls: limits.host_calls,
            bytes: Carried {
                bytes: Arc::default(),
                most: limits.host_bytes,
            },
        }
    }

    /// Counts a call where no error can be told; [`Account::within`] tells it
    /// when the clock next ticks.
    pub(super) fn count(&mut self) {
        self.calls = self.calls.saturating_add(1);
    }

    /// Charges bytes of a call that has been counted.
    pub(super) fn carry(&self, bytes: usize) -> Result<(), Stop> {
        self.bytes.carry(bytes)
    }

    /// Counts a call and charges the bytes that it carried.
    pub(super) fn charge(&mut self, bytes: usize) -> Result<(), Stop> {
        self.count();
        self.carry(bytes)?;
        self.within()
    }

    /// For what takes bytes from the guest outside of a call of its own: a stream.
    pub(super) fn carried(&self) -> Carried {
        self.bytes.clone()
    }

    /// Whether no more calls were made than may be.
    pub(super) fn within(&self) -> Result<(), Stop> {
        let limit = u64::from(self.most_calls);
        match self.calls > self.most_calls {
            true => Err(Stop::HostCalls { limit }),
            false => Ok(()),
        }
    }
}

impl Carried {
    /// Charges bytes.
    pub(super) fn carry(&self, bytes: usize) -> Result<(), Stop> {
        let before = self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        let limit = self.most;
        match before.saturating_add(bytes as u64) > limit {
            true => Err(Stop::HostBytes { limit }),
            false => Ok(()),
        }
    }
}

/// What a list of pairs costs the host: the texts, and what holds each.
pub(super) fn pairs_cost(pairs: &[(String, String)]) -> usize {
    let pair = |(key, value): &(String, String)| key.len() + value.len() + PAIR_COST;
    pairs.iter().map(pair).sum()
}

/// What a pair of texts costs besides their bytes, in bytes: where they stand,
/// and the least that an allocator gives for each.
const PAIR_COST: usize = size_of::<(String, String)>() + 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        Account::new(&Limits {
            host_calls: 3,
            host_bytes: 10,
            ..Limits::default()
        })
    }

    #[test]
    fn both_limits_are_met_exactly() {
        let mut account = account();
        assert_eq!(account.charge(4), Ok(()));
        assert_eq!(account.charge(6), Ok(()));
        assert_eq!(account.carried().carry(1), Err(Stop::HostBytes { limit: 10 }));
        let mut account = self::account();
        for _ in 0..3 {
            assert_eq!(account.charge(0), Ok(()));
        }
        assert_eq!(account.charge(0), Err(Stop::HostCalls { limit: 3 }));
    }

    #[test]
    fn a_call_that_no_error_could_be_told_of_is_found_later() {
        let mut account = account();
        for _ in 0..3 {
            account.count();
        }
        assert_eq!(account.within(), Ok(()));
        account.count();
        assert_eq!(account.within(), Err(Stop::HostCalls { limit: 3 }));
    }

    #[test]
    fn empty_texts_cost_what_holds_them() {
        let pairs = vec![(String::new(), String::new()); 1000];
        assert!(pairs_cost(&pairs) >= 48_000);
    }
}
