//! Tasks that were held when the session ended, folded from their ends.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::failure_groups::context;
use super::not_before;
use super::summary::NAMED;
use fusebox_events::TaskRecord;

/// Tasks that were held when the session ended.
#[derive(Debug, Default)]
pub(super) struct HeldTasks {
    /// The ids of the first of them.
    ids: Vec<String>,
    /// When each upstream that holds some of them is asked next; none if a person
    /// has to act.
    upstreams: BTreeMap<String, Option<Timestamp>>,
}

impl HeldTasks {
    /// Takes a task that was held.
    pub(super) fn add(&mut self, task: &str, record: &TaskRecord) {
        if self.ids.len() < NAMED {
            self.ids.push(task.to_owned());
        }
        // What waits for one that is held names no upstream.
        let upstream = record
            .failure
            .as_deref()
            .and_then(|failure| context(failure, "upstream"));
        let Some(upstream) = upstream else { return };
        let next = self
            .upstreams
            .entry(upstream.to_owned())
            .or_insert(record.not_before);
        *next = match (*next, record.not_before) {
            (Some(known), Some(other)) => Some(known.min(other)),
            (known, other) => known.or(other),
        };
    }

    pub(super) fn ids(&self) -> &[String] {
        &self.ids
    }

    /// Which upstreams are not asked, and until when: a clause for each.
    pub(super) fn causes(&self) -> impl Iterator<Item = String> {
        self.upstreams.iter().map(|(upstream, next)| match next {
            Some(time) => format!("upstream {upstream} is not asked until {}", not_before(*time)),
            None => format!("upstream {upstream} is not asked until somebody closes its breaker"),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use fusebox_types::TaskStatus;
    use fusebox_types::failure::{Code, Failure};

    fn held(upstream: Option<&str>, not_before: Option<i64>) -> TaskRecord {
        let failure = Failure::new(Code::ShedBreaker, "no");
        let failure = match upstream {
            Some(name) => failure.with("upstream", name),
            None => failure,
        };
        TaskRecord {
            failure: Some(Arc::new(failure)),
            not_before: not_before.map(|second| Timestamp::new(second, 0).unwrap()),
            ..TaskRecord::new(TaskStatus::Held)
        }
    }

    #[test]
    fn each_upstream_says_once_when_it_is_asked_next() {
        let mut tasks = HeldTasks::default();
        tasks.add("a", &held(Some("llm"), Some(20)));
        tasks.add("b", &held(Some("llm"), Some(10)));
        tasks.add("c", &held(Some("mail"), None));
        tasks.add("d", &held(None, None));
        assert_eq!(tasks.ids(), ["a", "b", "c", "d"]);
        let expected = [
            "upstream llm is not asked until 1970-01-01 00:00:10 UTC",
            "upstream mail is not asked until somebody closes its breaker",
        ];
        assert_eq!(tasks.causes().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn no_more_are_named_than_of_any_other_kind() {
        let mut tasks = HeldTasks::default();
        (0..2 * NAMED).for_each(|n| tasks.add(&n.to_string(), &held(Some("llm"), None)));
        assert_eq!(tasks.ids().len(), NAMED);
    }
}
