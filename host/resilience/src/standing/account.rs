//! What is known of the credentials that an upstream is asked with.

use std::collections::BTreeSet;
use std::sync::Arc;

use fusebox_types::TaskIndex;
use fusebox_types::failure::Failure;

use super::suspicion::{Begun, Evidence};
use super::{Admission, EndedTask, TASKS};

/// What is known of the credentials that an upstream is asked with.
#[derive(Debug)]
pub(super) struct AtAccount {
    pub(super) generation: u64,
    /// Requests that were let pass and have not ended.
    under_way: u32,
    /// Requests that have tried although nothing was known.
    turns: u64,
    suspicions: Vec<Suspicion>,
}

/// One code that requests were answered with.
#[derive(Debug)]
struct Suspicion {
    evidence: Evidence,
    /// Tasks that had such an answer and are under way.
    suspects: BTreeSet<TaskIndex>,
}

impl Suspicion {
    /// Whether enough tasks have met it that others had better wait.
    fn is_near(&self) -> bool {
        self.evidence.ended() + self.suspects.len() >= TASKS
    }

    /// Whether one more task may try: all that have met it have ended with it, and that
    /// is not enough.
    fn may_be_tried(&self) -> bool {
        self.suspects.is_empty() && self.evidence.ended() < self.evidence.needed()
    }

    fn is_over(&self) -> bool {
        self.evidence.ended() == 0 && self.suspects.is_empty()
    }
}

impl AtAccount {
    pub(super) fn new(generation: u64) -> Self {
        Self {
            generation,
            under_way: 0,
            turns: 0,
            suspicions: Vec::new(),
        }
    }

    /// Whether a task's request may be sent. A suspect waits for nobody: its end is
    /// what the others wait for.
    pub(super) fn admission(&self, task: TaskIndex) -> Admission {
        if let Some(failure) = self.standing() {
            return Admission::Refused(failure.clone());
        }
        let is_free = self.under_way == 0;
        let holds_back =
            |of: &Suspicion| of.is_near() && !of.suspects.contains(&task) && !(is_free && of.may_be_tried());
        match self.suspicions.iter().any(holds_back) {
            true => Admission::Wait,
            false => Admission::Pass,
        }
    }

    pub(super) fn begin(&mut self) {
        self.under_way += 1;
    }

    pub(super) const fn turns(&self) -> u64 {
        self.turns
    }

    /// Takes a turn, if nobody has taken it.
    pub(super) fn take_turn(&mut self, turn: u64) -> bool {
        let is_free = self.turns == turn;
        self.turns += u64::from(is_free);
        is_free
    }

    pub(super) fn clear(&mut self) {
        self.suspicions.clear();
    }

    pub(super) fn standing(&self) -> Option<&Arc<Failure>> {
        self.suspicions.iter().find_map(|of| of.evidence.standing())
    }

    pub(super) fn refused(&mut self, task: TaskIndex, failure: &Failure) {
        let known = self
            .suspicions
            .iter_mut()
            .find(|of| *of.evidence.code() == failure.code);
        if let Some(of) = known {
            of.suspects.insert(task);
            return;
        }
        self.suspicions.push(Suspicion {
            evidence: Evidence::of(failure),
            suspects: BTreeSet::from([task]),
        });
    }

    /// A request has ended.
    pub(super) fn end(&mut self) -> Option<Begun> {
        self.under_way = self.under_way.saturating_sub(1);
        self.conclude()
    }

    /// A task that had such an answer has ended with it.
    pub(super) fn task_failed(&mut self, task: &EndedTask, failure: &Failure) -> Option<Begun> {
        for of in &mut self.suspicions {
            if *of.evidence.code() == failure.code && of.suspects.remove(&task.index) {
                of.evidence.add(task);
            }
        }
        self.conclude()
    }

    pub(super) fn left(&mut self, task: TaskIndex) {
        self.suspicions.retain_mut(|of| {
            of.suspects.remove(&task);
            !of.is_over()
        });
    }

    /// What stands now. What is under way may still succeed.
    fn conclude(&mut self) -> Option<Begun> {
        if self.under_way > 0 || self.standing().is_some() {
            return None;
        }
        self.suspicions.iter_mut().find_map(|of| of.evidence.conclude())
    }
}
