//! What an instance was denied.

use fusebox_types::failure::Failure;

use super::EndedTask;
use super::suspicion::{Begun, Evidence};

/// How many denials of an instance are kept apart: a plugin that is denied another
/// path in each task would fill the memory.
const KEPT: usize = 16;

/// What an instance was denied, and whether it gets on without.
#[derive(Debug, Default)]
pub(super) struct OfHolder {
    has_succeeded: bool,
    denials: Vec<Evidence>,
}

impl OfHolder {
    pub(super) fn that_succeeded() -> Self {
        let mut of = Self::default();
        of.succeeded();
        of
    }

    /// A task has ended because of something that was not granted.
    pub(super) fn denied(&mut self, task: &EndedTask, failure: &Failure) -> Option<Begun> {
        if self.has_succeeded || self.is_lacking() {
            return None;
        }
        let mut known = self.denials.iter_mut();
        if let Some(denial) = known.find(|denial| denial.is_of(failure)) {
            denial.add(task);
            return denial.conclude();
        }
        if self.denials.len() >= KEPT {
            self.denials.remove(0);
        }
        let mut denial = Evidence::of(failure);
        denial.add(task);
        self.denials.push(denial);
        None
    }

    pub(super) fn succeeded(&mut self) {
        self.has_succeeded = true;
        self.denials.clear();
    }

    /// Whether one of them stands.
    pub(super) fn is_lacking(&self) -> bool {
        self.denials.iter().any(|denial| denial.standing().is_some())
    }
}
