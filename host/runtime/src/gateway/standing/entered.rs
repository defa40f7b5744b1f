//! What is under way, and what is noted when it ends.

use super::Standing;
use crate::gateway::Gateway;
use fusebox_resilience::standing::{Asking, EndedTask, Holder};
use fusebox_types::TaskIndex;
use fusebox_types::failure::Failure;
use fusebox_upstream::call::{End, How};

/// A request that was let pass. Its end is noted when this is dropped.
#[derive(Debug)]
pub(in crate::gateway) struct Entered {
    pub(super) standing: Standing,
    pub(super) asking: Option<Asking>,
}

impl Entered {
    /// The request has ended, with this failure if anything is wrong.
    pub(in crate::gateway) fn ends(&self, end: &End, failure: Option<&Failure>) {
        let Some(asking) = &self.asking else { return };
        let answered = !matches!(end.how, How::Failed(_)) && end.status.is_some();
        match failure {
            Some(failure) if failure.code.is_standing() && failure.code.is_answer() => {
                self.standing.look().causes.refused(asking, failure);
            }
            None if answered => self.standing.look().causes.succeeded(asking),
            _ => {}
        }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        if let Some(asking) = self.asking.take() {
            self.standing.change(|causes| causes.end(asking));
        }
    }
}

/// A task that a worker carries out: when this is dropped it is not under way any
/// more, and nobody waits for it.
#[derive(Debug)]
pub struct TaskUnderWay {
    pub(super) standing: Standing,
    pub(super) task: TaskIndex,
}

impl Drop for TaskUnderWay {
    fn drop(&mut self) {
        self.standing.change(|causes| {
            causes.left(self.task);
            None
        });
    }
}

impl Gateway {
    /// A task is under way until what this gives is dropped.
    pub fn under_way(&self, task: TaskIndex) -> TaskUnderWay {
        let standing = self.standing.clone();
        standing.look().causes.began(task);
        TaskUnderWay { standing, task }
    }

    /// Whether an instance was denied something that its tasks need, as far as is known.
    pub fn lacks(&self, holder: &Holder) -> bool {
        self.standing.look().causes.lacks(holder)
    }

    /// A task's attempts by an agent have ended with this failure.
    pub fn task_failed(&self, holder: &Holder, task: &EndedTask, failure: &Failure) {
        self.standing
            .change(|causes| causes.task_failed(holder, task, failure));
    }

    /// A task of an instance has succeeded.
    pub fn task_succeeded(&self, holder: &Holder) {
        self.standing.look().causes.task_succeeded(holder);
    }
}
