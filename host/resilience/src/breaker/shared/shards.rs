//! As many shards as cores are likely to need, and which one a thread takes.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::lock::Lock;
use super::shard::Shard;

/// More threads than these share shards.
const LANES: usize = 8;

/// The shard of this thread: one after another, so that few meet in one.
pub(super) fn lane_of_thread() -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static LANE: usize = THREADS.fetch_add(1, Ordering::Relaxed) % LANES;
    }
    LANE.with(|shard| *shard)
}

/// Memory that two cores do not write to at once: two lines of most caches,
/// which are fetched in pairs.
#[derive(Debug)]
#[repr(align(128))]
struct CachePadded<T>(T);

/// The shards of a breaker.
#[derive(Debug)]
pub(super) struct Lanes<L>([CachePadded<L>; LANES]);

impl<L: Lock<Shard>> Lanes<L> {
    /// All are closed.
    pub(super) fn closed() -> Self {
        Self([(); LANES].map(|()| CachePadded(L::around(Shard::default()))))
    }

    /// The shard of this number.
    #[inline]
    pub(super) fn get(&self, index: usize) -> Option<&L> {
        self.0.get(index).map(|CachePadded(shard)| shard)
    }

    /// From the first to the last.
    pub(super) fn iter(&self) -> impl Iterator<Item = &L> {
        self.0.iter().map(|CachePadded(shard)| shard)
    }
}
