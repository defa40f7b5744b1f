//! Memories, tables and instances of one store, all together.
//!
//! The runtime's own limits bound each memory, not their sum: ninety memories
//! of 64 MiB passed a limit of 64 MiB.

use wasmtime::{ResourceLimiter, Result};

use super::stop::Stop;
use crate::sandbox::Limits;

/// Core instances in one store: an interpreter's component needs some dozens.
const MAX_INSTANCES: usize = 100;
/// Memories in one store.
const MAX_MEMORIES: usize = 8;
/// Tables in one store.
const MAX_TABLES: usize = 50;

/// Adds up what a store has been given.
#[derive(Debug)]
pub(super) struct Limiter {
    memory: Tally,
    table: Tally,
}

#[derive(Debug)]
struct Tally {
    used: u64,
    peak: u64,
    limit: u64,
}

impl Tally {
    fn new(limit: u64) -> Self {
        Self {
            used: 0,
            peak: 0,
            limit,
        }
    }

    /// Takes a growth, or says how much would have been used.
    fn grow(&mut self, current: usize, desired: usize) -> Result<(), u64> {
        let asked = self.used.saturating_add(desired.saturating_sub(current) as u64);
        if asked > self.limit {
            return Err(asked);
        }
        self.used = asked;
        self.peak = self.peak.max(asked);
        Ok(())
    }
}

impl Limiter {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            memory: Tally::new(limits.memory),
            table: Tally::new(u64::from(limits.table_elements)),
        }
    }

    /// The most bytes of memory that there were at once.
    pub(super) fn memory_peak(&self) -> u64 {
        self.memory.peak
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        // What the module itself declares as its maximum is no failure: the
        // instruction answers -1.
        if maximum.is_some_and(|most| desired > most) {
            return Ok(false);
        }
        let limit = self.memory.limit;
        // An error of our own: a refused growth that only answered -1 would
        // surface as a bare trap somewhere later.
        self.memory
            .grow(current, desired)
            .map_err(|asked| Stop::Memory { asked, limit })?;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        if maximum.is_some_and(|most| desired > most) {
            return Ok(false);
        }
        let limit = self.table.limit;
        self.table
            .grow(current, desired)
            .map_err(|asked| Stop::Table { asked, limit })?;
        Ok(true)
    }

    fn instances(&self) -> usize {
        MAX_INSTANCES
    }

    fn memories(&self) -> usize {
        MAX_MEMORIES
    }

    fn tables(&self) -> usize {
        MAX_TABLES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_are_summed_and_the_limit_is_met_exactly() {
        let limits = Limits {
            memory: 128 << 10,
            ..Limits::default()
        };
        let mut limiter = Limiter::new(&limits);
        assert!(limiter.memory_growing(0, 64 << 10, None).unwrap());
        assert!(limiter.memory_growing(0, 64 << 10, None).unwrap());
        assert_eq!(limiter.memory_peak(), 128 << 10);
        let error = limiter
            .memory_growing(64 << 10, (64 << 10) + 1, None)
            .unwrap_err();
        let stop = error.downcast_ref::<Stop>().unwrap();
        assert_eq!(
            *stop,
            Stop::Memory {
                asked: (128 << 10) + 1,
                limit: 128 << 10
            }
        );
    }

    #[test]
    fn a_growth_over_the_modules_own_maximum_is_only_refused() {
        let mut limiter = Limiter::new(&Limits::default());
        assert!(!limiter.memory_growing(0, 2, Some(1)).unwrap());
        assert!(!limiter.table_growing(0, 2, Some(1)).unwrap());
    }
}
