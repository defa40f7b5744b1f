//! What is held back, for how long, and who is let go to find out whether that has to
//! go on: the part of the scheduler's state that is about upstreams.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::ready::{Admitted, Gate, Pick};
use crate::session::gatekeeper::{Gatekeeper, Passage};
use fusebox_types::TaskIndex;

/// What is held back. Times are on the clock of the breakers.
#[derive(Debug, Default)]
pub(super) struct Holds {
    /// For how long the ready tasks of agents have been held, by agent.
    clocks: BTreeMap<u16, HoldClock>,
    /// The tasks that were let go to find out whether an upstream is well again, and are
    /// under way, by the upstream.
    probing: BTreeMap<u16, BTreeSet<TaskIndex>>,
    /// What was said last of the tasks that are held.
    said: BTreeMap<Arc<str>, HoldView>,
}

/// Counts the time for which something is held.
#[derive(Debug, Default)]
struct HoldClock {
    before: Duration,
    since: Option<Duration>,
}

/// Tasks that a breaker holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::session) struct HoldView {
    /// How many there are.
    pub(in crate::session) tasks: u64,
    /// When the next of them may try; none if a person has to act.
    pub(in crate::session) until: Option<Duration>,
}

/// A change of what is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::session) struct HoldChange {
    /// The breaker.
    pub(in crate::session) by: Arc<str>,
    /// What it holds now.
    pub(in crate::session) view: HoldView,
}

impl HoldClock {
    fn is_held(&mut self, is_held: bool, now: Duration) {
        match (is_held, self.since) {
            (true, None) => self.since = Some(now),
            (false, Some(since)) => {
                self.before += now.saturating_sub(since);
                self.since = None;
            }
            _ => {}
        }
    }

    fn read(&self, now: Duration) -> Duration {
        let since = self
            .since
            .map_or(Duration::ZERO, |since| now.saturating_sub(since));
        self.before + since
    }
}

impl Holds {
    /// Notes whether the ready tasks of an agent are held.
    pub(super) fn is_held(&mut self, agent: u16, is_held: bool, now: Duration) {
        if is_held || self.clocks.contains_key(&agent) {
            self.clocks.entry(agent).or_default().is_held(is_held, now);
        }
    }

    /// Whether it is counted for how long the ready tasks of an agent are held.
    pub(super) fn is_counted(&self, agent: u16) -> bool {
        self.clocks.get(&agent).is_some_and(|clock| clock.since.is_some())
    }

    /// A task was let go to find out whether an upstream is well again.
    pub(super) fn probes(&mut self, upstream: u16, task: TaskIndex) {
        self.probing.entry(upstream).or_default().insert(task);
    }

    /// A task is not under way any more.
    pub(super) fn stopped(&mut self, task: TaskIndex) {
        self.probing.retain(|_, tasks| {
            tasks.remove(&task);
            !tasks.is_empty()
        });
    }

    /// How many tasks that were let go to find out are under way.
    pub(super) fn probing(&self, upstream: u16) -> usize {
        self.probing.get(&upstream).map_or(0, BTreeSet::len)
    }

    /// What has changed of what is held, and is to be said.
    pub(super) fn changes(&mut self, now: BTreeMap<Arc<str>, HoldView>) -> Vec<HoldChange> {
        let mut changes = Vec::new();
        for (by, view) in &now {
            if self.said.get(by) != Some(view) {
                changes.push(HoldChange {
                    by: by.clone(),
                    view: *view,
                });
            }
        }
        let over = self.said.keys().filter(|by| !now.contains_key(*by));
        changes.extend(over.map(|by| HoldChange {
            by: by.clone(),
            view: HoldView {
                tasks: 0,
                until: None,
            },
        }));
        self.said = now;
        changes
    }

    /// Whether anything is held, as far as it was said.
    pub(super) fn any(&self) -> bool {
        !self.said.is_empty() || !self.probing.is_empty()
    }
}

/// What ready tasks meet at this moment.
pub(super) struct GateNow<'a> {
    pub(super) keeper: &'a Gatekeeper,
    pub(super) holds: &'a Holds,
    pub(super) now: Duration,
}

impl Gate for GateNow<'_> {
    fn admits(&self, agent: u16, running: usize, has_begun: bool) -> Option<Admitted> {
        let (may, pick, probes) = match self.keeper.passage(agent, running, has_begun) {
            Passage::Open { most, pick } => (running < most, pick, None),
            Passage::Probes { upstream, most } => (
                self.holds.probing(upstream) < most,
                Pick::Anywhere,
                Some(upstream),
            ),
            Passage::Closed(_) => return None,
        };
        may.then_some(Admitted { pick, probes })
    }

    fn held(&self, agent: u16) -> Duration {
        self.holds
            .clocks
            .get(&agent)
            .map_or(Duration::ZERO, |clock| clock.read(self.now))
    }

    fn longest_hold(&self, agent: u16) -> Duration {
        self.keeper.longest_hold(agent)
    }
}
