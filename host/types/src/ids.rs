//! What names instances and tasks.

use std::collections::HashSet;
use std::fmt;
use std::ops::Deref;
use std::sync::{LazyLock, Mutex, PoisonError};

/// A task's place in its session: an index into the graph, never reused.
pub type TaskIndex = u32;

/// The id of an instance.
///
/// Ids stand in a configuration, so there are few, and every attempt, task and
/// event names one. They are kept for as long as the program runs, each once:
/// a count that all cores share would cost more than the id itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceId(&'static str);

static KNOWN: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);

impl InstanceId {
    /// The id with this text.
    pub fn new(text: &str) -> Self {
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(text) {
            Some(text) => Self(text),
            None => {
                let kept: &'static str = Box::leak(text.into());
                known.insert(kept);
                Self(kept)
            }
        }
    }
}

impl Deref for InstanceId {
    type Target = str;

    fn deref(&self) -> &str {
        self.0
    }
}

impl fmt::Display for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_kept_once() {
        let (one, other) = (InstanceId::new("one"), InstanceId::new("one"));
        assert!(std::ptr::eq(one.0, other.0));
        assert_ne!(one, InstanceId::new("two"));
    }
}
