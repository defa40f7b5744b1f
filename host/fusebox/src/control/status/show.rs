//! The status as it is handed out.

use std::time::Duration;

use jiff::Timestamp;

use super::{Over, Status};
use crate::control::view::{Attempt, HoldView, SessionView, State, TaskView};
use fusebox_events::BreakerView;
use fusebox_runtime::cancellation::Cancellation;
use fusebox_system::wall_clock;
use fusebox_types::TaskIndex;

/// How many tasks under way are listed.
const LISTED: usize = 200;

impl Status {
    /// The session as it is now.
    pub(crate) fn session(&self, id: &str, cancellation: &Cancellation) -> SessionView {
        let (progress, open) = (&self.progress, self.progress.open_tasks());
        let (now, status) = (wall_clock::now(), progress.end().map(|end| end.status));
        let listed = open.iter().take(LISTED);
        SessionView {
            session: id.to_owned(),
            now,
            started: progress.start().map(|start| start.at),
            ran_ms: self.ran().as_secs_f64() * 1e3,
            status,
            cancelling: cancellation.session().is_cancelled() && status.is_none(),
            counts: progress.counts(),
            pending: progress.pending(),
            running: progress.running() + progress.deciding(),
            waiting: progress.waiting(),
            held: progress.held(),
            holds: self.holds(now),
            reasons: self.reasons.clone(),
            quarantined: progress
                .quarantines()
                .filter(|view| view.lasts())
                .cloned()
                .collect(),
            tasks: listed
                .filter_map(|task| self.view(*task, 1, cancellation))
                .collect(),
            more: open.len().saturating_sub(LISTED) as u64,
        }
    }

    /// The breakers that hold tasks now.
    fn holds(&self, now: Timestamp) -> Vec<HoldView> {
        let on = self.progress.holds().filter(|hold| hold.is_on());
        on.map(|hold| HoldView::of(hold, now)).collect()
    }

    /// Says of breakers how many tasks each holds, and when the next goes on.
    pub(crate) fn say_held(&self, breakers: &mut [BreakerView]) {
        for hold in self.progress.holds().filter(|hold| hold.is_on()) {
            let holds = breakers.iter_mut().filter(|breaker| *breaker.key == *hold.by);
            holds.for_each(|breaker| breaker.held = Some(hold.into()));
        }
    }

    /// A task as it is now, with all attempts that are remembered; none if there
    /// is no such task.
    pub(crate) fn task(&self, index: TaskIndex, cancellation: &Cancellation) -> Option<TaskView> {
        self.view(index, usize::MAX, cancellation)
    }

    fn view(&self, index: TaskIndex, most: usize, cancellation: &Cancellation) -> Option<TaskView> {
        let task = self.graph.task(index)?;
        let (state, (attempts, earlier_attempts)) = self.state(index, most);
        Some(TaskView {
            now: wall_clock::now(),
            task: task.id.to_string(),
            agent: self.graph.agent_of(task).to_owned(),
            cancelling: cancellation.is_cancelled(index) && !state.is_over(),
            state,
            attempts,
            earlier_attempts,
        })
    }

    /// For how long the session has run, in all its processes.
    fn ran(&self) -> Duration {
        let here = self.running.map(|since| since.elapsed());
        self.progress.ran().saturating_add(here.unwrap_or_default())
    }

    fn state(&self, index: TaskIndex, most: usize) -> (State, (Vec<Attempt>, u64)) {
        if let Some(open) = self.progress.open_task(index) {
            let past = self.past.get(&index).map(|past| past.view(most));
            return ((&open.phase).into(), past.unwrap_or_default());
        }
        if let Some(over) = self.last.iter().rev().find(|over| over.task == index) {
            return (over.state(), over.past.view(most));
        }
        let bits = self.over.get(index as usize / 64).copied().unwrap_or(0);
        let state = if bits & (1 << (index % 64)) != 0 {
            State::Over {
                status: None,
                reason: None,
                not_before: None,
                failure: None,
            }
        } else {
            State::Pending
        };
        (state, Default::default())
    }
}

impl Over {
    fn state(&self) -> State {
        State::Over {
            status: Some(self.status),
            reason: self.reason,
            not_before: self.not_before,
            failure: self.failure.as_deref().map(Into::into),
        }
    }
}
