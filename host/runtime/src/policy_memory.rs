//! What a policy keeps between two decisions, and what stands against it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fusebox_types::digest::Digest;

/// Strikes after which a policy is not asked any more, until its file is
/// another one.
const STRIKES: u32 = 3;

/// What a policy keeps of one agent or one circuit, and its strikes there. Whichever policy decides
/// there at the moment: when it is another one, this starts anew.
#[derive(Debug, Default)]
pub struct PolicyMemory(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// Whose memory and strikes these are.
    of: Option<(Arc<str>, Digest)>,
    memory: Vec<u8>,
    /// How many times the memory was written.
    version: u64,
    strikes: u32,
}

impl PolicyMemory {
    /// What the policy keeps, and which writing of it that is; none if it was
    /// put aside.
    pub fn of(&self, name: &Arc<str>, digest: Digest) -> Option<(Vec<u8>, u64)> {
        let mut kept = self.lock();
        let before = kept.of.as_ref();
        if before.is_none_or(|(before, _)| before != name) {
            kept.memory.clear();
            kept.version += 1;
            kept.strikes = 0;
        } else if before.is_some_and(|(_, before)| *before != digest) {
            kept.strikes = 0;
        }
        kept.of = Some((name.clone(), digest));
        (kept.strikes < STRIKES).then(|| (kept.memory.clone(), kept.version))
    }

    /// Keeps what the policy asked to; false if another decision came between.
    pub fn keep(&self, memory: Vec<u8>, version: u64) -> bool {
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
    pub fn strike(&self) -> bool {
        let mut kept = self.lock();
        kept.strikes += 1;
        kept.strikes == STRIKES
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
