//! What a policy keeps between two decisions, and what stands against it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::plugin::PolicyUse;
use crate::sandbox::PolicyKind;
use fusebox_types::digest::Digest;

/// Strikes after which a policy is not asked any more, until its file is
/// another one.
const STRIKES: u32 = 3;

/// How a policy stands with one agent or one circuit. Whichever policy decides
/// there at the moment: when it is another one, this starts anew.
#[derive(Debug, Default)]
pub(crate) struct Standing(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// Whose memory and strikes these are.
    of: Option<(Arc<str>, Digest)>,
    memory: Vec<u8>,
    /// How many times the memory was written.
    version: u64,
    strikes: u32,
}

impl Standing {
    /// What the policy keeps, and which writing of it that is; none if it was
    /// put aside.
    pub(super) fn memory<K: PolicyKind>(&self, used: &PolicyUse<K>) -> Option<(Vec<u8>, u64)> {
        let mut kept = self.lock();
        let now = (used.policy.name.clone(), used.policy.digest);
        let (name, digest) = match &kept.of {
            Some((name, digest)) => (Some(name), Some(digest)),
            None => (None, None),
        };
        if name != Some(&now.0) {
            kept.memory.clear();
            kept.version += 1;
            kept.strikes = 0;
        } else if digest != Some(&now.1) {
            kept.strikes = 0;
        }
        kept.of = Some(now);
        (kept.strikes < STRIKES).then(|| (kept.memory.clone(), kept.version))
    }

    /// Keeps what the policy asked to; false if another decision came between.
    pub(super) fn keep(&self, memory: Vec<u8>, version: u64) -> bool {
        let mut kept = self.lock();
        if kept.version != version {
            return false;
        }
        kept.memory = memory;
        kept.version += 1;
        true
    }

    /// Notes that the policy failed to decide; says whether it is put aside for
    /// that.
    pub(super) fn strike(&self) -> bool {
        let mut kept = self.lock();
        kept.strikes += 1;
        kept.strikes == STRIKES
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
