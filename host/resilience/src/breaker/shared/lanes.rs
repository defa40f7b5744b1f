//! As many lanes as cores are likely to need, and which one a thread takes.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::lane::Lane;
use super::lock::Lock;

/// More threads than these share lanes.
const LANES: usize = 8;

/// The lane of this thread: one after another, so that few meet in one.
pub(super) fn lane_of_thread() -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static LANE: usize = THREADS.fetch_add(1, Ordering::Relaxed) % LANES;
    }
    LANE.with(|lane| *lane)
}

/// Memory that two cores do not write to at once: two lines of most caches,
/// which are fetched in pairs.
#[derive(Debug)]
#[repr(align(128))]
struct Apart<T>(T);

/// The lanes of a circuit.
#[derive(Debug)]
pub(super) struct Lanes<L>([Apart<L>; LANES]);

impl<L: Lock<Lane>> Lanes<L> {
    /// All are closed.
    pub(super) fn closed() -> Self {
        Self([(); LANES].map(|()| Apart(L::around(Lane::default()))))
    }

    /// The lane of this number.
    #[inline]
    pub(super) fn get(&self, index: usize) -> Option<&L> {
        self.0.get(index).map(|Apart(lane)| lane)
    }

    /// From the first to the last.
    pub(super) fn iter(&self) -> impl Iterator<Item = &L> {
        self.0.iter().map(|Apart(lane)| lane)
    }
}
