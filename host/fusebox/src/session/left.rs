//! What a task comes to that is not over when its session ends: it is held back, or
//! waits for one that is.

use std::sync::Arc;

use super::executor::Executor;
use super::gatekeeper::{Closed, Passage};
use super::job::{Progress, told};
use super::scheduler::Left;
use fusebox_events::TaskRecord;
use fusebox_resilience::GiveUp;
use fusebox_types::TaskStatus;
use fusebox_types::failure::{Code, Failure};

impl Executor {
    /// What a task comes to that the session leaves as it is.
    pub(super) fn left(&self, left: Left<Box<Progress>>) -> TaskRecord {
        let mut progress = left.record;
        if let Some(record) = progress.as_mut().and_then(|progress| progress.take_left()) {
            return record;
        }
        let agent = match (&progress, self.graph.task(left.task)) {
            (Some(progress), _) => Some(progress.agent()),
            (None, task) => task.map(|task| task.agent),
        };
        let closed = agent
            .filter(|_| !left.is_blocked)
            .and_then(|agent| self.closed(agent));
        TaskRecord {
            partial: progress.and_then(|progress| progress.partial()),
            failure: closed.as_ref().map(|closed| Arc::new(self.not_asked(closed))),
            not_before: closed.and_then(|closed| Some(self.keeper.time(closed.until?))),
            reason: Some(GiveUp::Held),
            ..TaskRecord::new(TaskStatus::Held)
        }
    }

    /// What holds the tasks of an agent.
    fn closed(&self, agent: u16) -> Option<Closed> {
        match self.keeper.passage(agent, 0, true) {
            Passage::Closed(closed) => Some(closed),
            _ => None,
        }
    }

    fn not_asked(&self, closed: &Closed) -> Failure {
        let Some(upstream) = closed.upstream.and_then(|upstream| self.keeper.name(upstream)) else {
            let message = format!(
                "the breaker `{}` is forced open until somebody closes it",
                closed.by
            );
            return Failure::new(Code::ShedBreaker, message);
        };
        let until = match closed.until {
            Some(until) => format!("it is not asked until {:.0}", self.keeper.time(until)),
            None => "it is not asked until somebody closes its breaker".to_owned(),
        };
        let last = self.outside.gateway.last_failure(&upstream);
        Failure::new(Code::ShedBreaker, told(&upstream, &until, last.as_deref())).with("upstream", &upstream)
    }
}
