//! What a policy is told.

use super::wire;
use crate::policy::context::has_context;
use crate::policy::{Context, Failure};

/// All that there is to know about a task whose retries have ended.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// What every decision is given.
    pub context: Context,
    /// The task.
    pub task: String,
    /// The failure that ended it.
    pub failure: Failure,
    /// How many attempts were made.
    pub attempts: u32,
    /// Whether the session cannot do without this task.
    pub required: bool,
    /// How many bytes of partial result there are, if there is one that may be
    /// kept.
    pub partial_bytes: Option<u64>,
    /// The fallbacks that have not been tried, in the order in which they are
    /// configured: `instance`, `agent:<name>`, `cached`, `value`. What the
    /// plugin handed in to stand in for its result comes last, as a `value`.
    /// One that gives nothing is gone when the policy is asked again about the
    /// same task.
    pub fallbacks: Vec<String>,
    /// How many tasks depend on this one.
    pub dependants: u32,
    /// How many tasks of the session have ended with their whole result.
    pub succeeded: u64,
    /// How many have ended with nothing: failed, or skipped because another one
    /// did. This one is not among them.
    pub failed: u64,
    /// How many there are.
    pub total: u64,
}

impl Snapshot {
    /// The first failed task of ten, without anything in its place, to try a
    /// policy on.
    pub fn example(code: &str) -> Self {
        Self {
            context: Context::example(),
            task: "example".into(),
            failure: Failure::example(code),
            attempts: 1,
            required: false,
            partial_bytes: None,
            fallbacks: Vec::new(),
            dependants: 0,
            succeeded: 0,
            failed: 0,
            total: 10,
        }
    }

    /// The place of the first fallback of a sort: `instance`, `agent`, `cached`
    /// or `value`.
    pub fn fallback(&self, sort: &str) -> Option<usize> {
        let sort_of = |fallback: &str| fallback.split(':').next() == Some(sort);
        self.fallbacks.iter().position(|fallback| sort_of(fallback))
    }
}

has_context!(Snapshot);

impl From<wire::Snapshot> for Snapshot {
    fn from(snapshot: wire::Snapshot) -> Self {
        Self {
            context: snapshot.context.into(),
            task: snapshot.task,
            failure: snapshot.failure.into(),
            attempts: snapshot.attempts,
            required: snapshot.required,
            partial_bytes: snapshot.partial_bytes,
            fallbacks: snapshot.fallbacks,
            dependants: snapshot.dependants,
            succeeded: snapshot.succeeded,
            failed: snapshot.failed,
            total: snapshot.total,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{context, failure};

    #[test]
    fn all_that_is_told_arrives() {
        let snapshot = Snapshot::from(wire::Snapshot {
            context: context::told(),
            task: "summary".into(),
            failure: failure::told("limit.fuel"),
            attempts: 3,
            required: true,
            partial_bytes: Some(120),
            fallbacks: vec!["cached".into()],
            dependants: 2,
            succeeded: 7,
            failed: 1,
            total: 11,
        });
        assert_eq!(
            (snapshot.task.as_str(), snapshot.failure.code.as_str()),
            ("summary", "limit.fuel")
        );
        assert_eq!(
            (snapshot.attempts, snapshot.required, snapshot.partial_bytes),
            (3, true, Some(120))
        );
        assert_eq!(
            (snapshot.fallbacks.as_slice(), snapshot.dependants),
            (["cached".to_owned()].as_slice(), 2)
        );
        assert_eq!((snapshot.succeeded, snapshot.failed, snapshot.total), (7, 1, 11));
        assert_eq!(snapshot.now.as_millis(), 9_000);
    }

    #[test]
    fn fallbacks_are_found_by_their_sort() {
        let mut snapshot = Snapshot::example("limit.fuel");
        snapshot.fallbacks = ["agent:cached", "cached", "value"].map(String::from).into();
        assert_eq!(snapshot.fallback("cached"), Some(1));
        assert_eq!(snapshot.fallback("agent"), Some(0));
        assert_eq!(snapshot.fallback("instance"), None);
    }
}
