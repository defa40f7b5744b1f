//! The scheduler's clock: it ends pauses, lets go what need not be held any more, and
//! says what is.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use super::holds::HoldView;
use super::{GateNow, HeldBy, Scheduler, State};
use crate::session::gatekeeper::{Closed, Gatekeeper, Passage};
use crate::sleeper::Sleeper;
use fusebox_events::{Event, EventSender};
use fusebox_runtime::cancellation::Cancellation;
use fusebox_system::wall_clock;
use fusebox_types::TaskIndex;
use jiff::Timestamp;

/// What the clock goes by, and whom it tells.
pub(in crate::session) struct Surroundings<'a> {
    pub(in crate::session) sleeper: &'a Sleeper,
    pub(in crate::session) cancel: &'a Cancellation,
    pub(in crate::session) events: &'a EventSender,
}

/// What was found by a look.
#[derive(Debug, Default)]
struct Look {
    said: Vec<Event>,
    /// In how long something changes by itself; none if nothing does.
    next: Option<Duration>,
}

impl Scheduler {
    /// Ends each pause at its time, those of tasks that are cancelled at once, and lets
    /// go what is not held any more.
    pub(in crate::session) async fn keep_time(&self, around: Surroundings<'_>) -> Infallible {
        let mut is_cancelled = false;
        loop {
            let look = self.look();
            for event in look.said {
                around.events.send(event).await;
            }
            let next = async {
                match look.next {
                    Some(wait) => around.sleeper.sleep(wait).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = around.cancel.session().cancelled(), if !is_cancelled => {
                    is_cancelled = true;
                    self.change(None, |machine, gate| machine.recall_all(gate.now, gate));
                }
                tasks = around.cancel.next_cancelled(), if !is_cancelled => self.recall(&tasks),
                () = self.sooner.notified() => {}
                () = self.keeper.changed() => {}
                () = next => {}
            }
        }
    }

    /// These tasks wait no longer.
    fn recall(&self, tasks: &[TaskIndex]) {
        self.change(None, |machine, gate| {
            tasks
                .iter()
                .for_each(|task| machine.recall(*task, gate.now, gate));
        });
    }

    /// Looks at everything once.
    fn look(&self) -> Look {
        let now = self.keeper.now();
        let mut state = self.lock();
        state.with(&self.keeper, now, |machine, gate| machine.wake(gate.now, gate));
        state.release(&self.keeper, now);
        let look = state.survey(&self.keeper, now);
        if self.no_wait && state.with(&self.keeper, now, |machine, gate| machine.is_held(gate)) {
            state.is_left = true;
        }
        if state.is_over() {
            self.changed.notify_waiters();
        } else {
            self.wake_one(&state);
        }
        look
    }
}

impl State {
    /// Lets tasks go that an upstream held: all, or as many as may find out.
    fn release(&mut self, keeper: &Gatekeeper, now: Duration) {
        for by in self.machine.holders() {
            let HeldBy::Upstream(upstream) = by else { continue };
            let Some(name) = keeper.name(upstream) else {
                continue;
            };
            while let Some((task, is_probe)) = self.release_one(keeper, by, &name, now) {
                if is_probe {
                    self.machine.let_go(task);
                    self.holds.probes(upstream, task);
                }
            }
        }
    }

    /// Lets the first go that may; whether it is to find out.
    fn release_one(
        &mut self,
        keeper: &Gatekeeper,
        by: HeldBy,
        upstream: &str,
        now: Duration,
    ) -> Option<(TaskIndex, bool)> {
        let Self { machine, holds, .. } = self;
        let meets = |agent: u16| {
            keeper
                .agent(agent)
                .map(|agent| keeper.by_upstream(&agent, upstream))
        };
        let may = |agent| match meets(agent) {
            None | Some(Passage::Open { .. }) => true,
            Some(Passage::Probes { upstream, most }) => holds.probing(upstream) < most,
            Some(Passage::Closed(_)) => false,
        };
        let gate = GateNow { keeper, holds, now };
        let task = machine.release_one(by, may, now, &gate)?;
        let is_probe = machine
            .agent_at(task)
            .and_then(meets)
            .is_some_and(|meets| matches!(meets, Passage::Probes { .. }));
        Some((task, is_probe))
    }

    /// What is held now, what of that is news, and when that changes by itself.
    fn survey(&mut self, keeper: &Gatekeeper, now: Duration) -> Look {
        let mut held = BTreeMap::<Arc<str>, HoldView>::new();
        let mut next = self.machine.next_end();
        for agent in keeper.agents() {
            let ready = self.machine.ready_of(agent);
            if ready == 0 && !self.holds.is_counted(agent) {
                continue;
            }
            let closed = closed(keeper, agent).filter(|_| ready > 0);
            self.holds.is_held(agent, closed.is_some(), now);
            let Some(closed) = closed else { continue };
            let until = closed.until;
            put(&mut held, closed.by, ready, until);
            let gate = GateNow {
                keeper,
                holds: &self.holds,
                now,
            };
            let held_for = self.machine.longest_held(agent, &gate).unwrap_or_default();
            // One that was held for so long already waits for a worker, and not for this.
            let left = keeper.longest_hold(agent).checked_sub(held_for);
            let overdue = left.filter(|left| !left.is_zero());
            let times = [until, overdue.map(|left| now.saturating_add(left))];
            next = times.into_iter().flatten().chain(next).min();
        }
        self.survey_held(keeper, &mut held, &mut next);
        let at = wall_clock::now();
        let time = |until: Duration| {
            at.checked_add(until.saturating_sub(now))
                .unwrap_or(Timestamp::MAX)
        };
        let changes = self.holds.changes(held).into_iter();
        Look {
            said: changes
                .map(|change| Event::Hold {
                    by: change.by,
                    at,
                    until: change.view.until.map(time),
                    tasks: change.view.tasks,
                })
                .collect(),
            next: next.map(|next| next.saturating_sub(now)),
        }
    }

    /// The same of the tasks that have begun.
    fn survey_held(
        &mut self,
        keeper: &Gatekeeper,
        held: &mut BTreeMap<Arc<str>, HoldView>,
        next: &mut Option<Duration>,
    ) {
        for by in self.machine.holders() {
            let HeldBy::Upstream(upstream) = by else { continue };
            let Some(name) = keeper.name(upstream) else {
                continue;
            };
            let times = self.machine.agents_held(by).into_iter().filter_map(|agent| {
                match keeper.by_upstream(&*keeper.agent(agent)?, &name) {
                    Passage::Closed(Closed { until, .. }) => until,
                    _ => None,
                }
            });
            let until = times.min();
            put(
                held,
                format!("upstream:{name}").into(),
                self.machine.held_by(by),
                until,
            );
            *next = until.into_iter().chain(*next).min();
        }
    }
}

/// Adds tasks to what a breaker holds.
fn put(held: &mut BTreeMap<Arc<str>, HoldView>, by: Arc<str>, tasks: usize, until: Option<Duration>) {
    let view = held.entry(by).or_insert(HoldView { tasks: 0, until });
    view.tasks += tasks as u64;
    view.until = view.until.into_iter().chain(until).min();
}

/// What holds the ready tasks of an agent, if anything does.
fn closed(keeper: &Gatekeeper, agent: u16) -> Option<Closed> {
    match keeper.passage(agent, 0, true) {
        Passage::Closed(closed) => Some(closed),
        Passage::Probes { upstream, .. } => Some(Closed {
            by: format!("upstream:{}", keeper.name(upstream)?).into(),
            upstream: Some(upstream),
            // As soon as those are back that find out.
            until: None,
        }),
        Passage::Open { .. } => None,
    }
}
