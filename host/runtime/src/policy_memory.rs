//! What a policy keeps between two decisions, what stands against it, and what
//! came of asking it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fusebox_events::Event;
use fusebox_types::digest::Digest;

/// Strikes after which a policy is not asked any more, until its file is
/// another one.
const STRIKES: u32 = 3;

/// What came of asking a policy.
pub struct Asked<D> {
    /// What it decided; none if it cannot be asked now, or failed to answer.
    pub decision: Option<D>,
    /// How it failed to answer.
    pub event: Option<Event>,
}

impl<D> Asked<D> {
    /// There is none to ask.
    pub fn nobody() -> Self {
        Self {
            decision: None,
            event: None,
        }
    }

    /// A decision about which there is nothing to say.
    pub(crate) fn decided(decision: D) -> Self {
        Self {
            decision: Some(decision),
            event: None,
        }
    }
}

/// What the policies of a session's agents keep, for those that decide about tasks.
#[derive(Debug)]
pub struct PolicyMemories(Vec<AgentMemories>);

/// What the policies of one agent keep.
#[derive(Debug, Default)]
pub struct AgentMemories {
    /// Of the retry policy.
    pub retry: PolicyMemory,
    /// Of the degradation policy.
    pub degradation: PolicyMemory,
}

impl PolicyMemories {
    /// Of so many agents, which are numbered as in the graph.
    pub fn new(agents: usize) -> Self {
        Self((0..agents).map(|_| AgentMemories::default()).collect())
    }

    /// Of one agent.
    pub fn of(&self, agent: u16) -> Option<&AgentMemories> {
        self.0.get(usize::from(agent))
    }
}

/// What a policy keeps of one agent or one breaker, and its strikes there. Whichever policy decides
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
