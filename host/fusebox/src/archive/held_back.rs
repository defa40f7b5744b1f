//! Tasks that were held when their session ended.

use jiff::Timestamp;

use super::interrupted::Interrupted;
use super::read_back::timestamp;
use fusebox_types::TaskStatus;

/// Tasks that were held when their session ended, and go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldBack {
    /// How many there are.
    pub tasks: usize,
    /// How many of them had begun: they wait by themselves for the rest of their time.
    pub begun: usize,
    /// Until when the last of them waits; none if nobody said.
    pub until: Option<Timestamp>,
}

impl Interrupted {
    /// The tasks that were held; none if none were.
    pub(super) fn held_back(&self) -> Option<HeldBack> {
        let recovered = &self.recovered;
        let settled = recovered.settled.values();
        let held = || settled.clone().filter(|ended| ended.status == TaskStatus::Held);
        let has_begun = |task: &u32| recovered.attempts.contains_key(task);
        let until = held().filter_map(|ended| ended.not_before).max();
        let begun = held().filter(|ended| ended.last.is_some() || has_begun(&ended.task));
        let tasks = held().count();
        (tasks > 0).then(|| HeldBack {
            tasks,
            begun: begun.count(),
            until: until.map(timestamp),
        })
    }
}
