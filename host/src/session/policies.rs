//! The policies of a session's agents: what each keeps between two decisions,
//! and what stands against it.
//!
//! The host owns all of it, so a policy can be swapped while tasks wait. A
//! policy never runs under a lock: what it was told is compared with what holds
//! when it has answered, and where another decision came between, it is asked
//! again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::consult::{Consultation, to_wire};
use crate::bindings::wire::{Decision, Verdict as WireVerdict};
use crate::digest::Digest;
use crate::event::{Event, Outbox};
use crate::plugin::PolicyUse;
use crate::resilience::{Answer, MAX_MEMORY, Nonsense, Verdict, decide, forbidden, hold};
use crate::sandbox;

/// Strikes after which a policy is not asked any more, until its file is
/// another one.
const STRIKES: u32 = 3;
/// How often a policy is asked anew because another decision came between; then
/// what it wants to keep is dropped.
const TRIES: u32 = 4;

/// The policies of all agents of a session.
pub(crate) struct Policies {
    agents: Vec<Mutex<Standing>>,
}

/// How a policy stands with one agent.
#[derive(Default)]
struct Standing {
    /// Whose memory and strikes these are.
    of: Option<(Arc<str>, Digest)>,
    memory: Vec<u8>,
    /// How many times the memory was written.
    version: u64,
    strikes: u32,
}

/// What was decided, and what the policy said about it.
pub(crate) struct Decided {
    pub(crate) verdict: Verdict,
    pub(crate) reason: Option<String>,
}

impl Decided {
    fn built_in(about: &Consultation<'_>) -> Self {
        Self {
            verdict: decide(&about.instance.retry, &about.snapshot, about.random),
            reason: None,
        }
    }
}

impl Policies {
    pub(crate) fn new(agents: usize) -> Self {
        Self {
            agents: (0..agents).map(|_| Mutex::default()).collect(),
        }
    }

    /// Decides about a failed attempt: by the instance's policy if it has one
    /// that can be asked, else by the built-in one.
    pub(crate) async fn decide(&self, about: Consultation<'_>, outbox: &mut Outbox) -> Decided {
        let rules = &about.instance.retry;
        let Some(used) = &about.instance.policy else {
            return Decided::built_in(&about);
        };
        if let Some(reason) = forbidden(rules, &about.snapshot) {
            return Decided {
                verdict: Verdict::GiveUp(reason),
                reason: None,
            };
        }
        match self.consult(used, &about).await {
            Ok(Some(decided)) => decided,
            Ok(None) => Decided::built_in(&about),
            Err(fault) => {
                self.strike(used, &about, fault, outbox);
                Decided::built_in(&about)
            }
        }
    }

    /// Asks the policy; none if it cannot be asked now.
    async fn consult(&self, used: &PolicyUse, about: &Consultation<'_>) -> Result<Option<Decided>, String> {
        for attempt in 1.. {
            let Some((memory, version)) = self.memory(used, about.agent) else {
                return Ok(None);
            };
            let told = to_wire(about, used, memory);
            let answered = match sandbox::decide_retry(&used.policy.pre, &told).await {
                Ok((verdict, _)) => verdict,
                // No room for it: that is not its doing.
                Err(failure) if failure.code.is_shed() => return Ok(None),
                Err(failure) => return Err(failure.to_string()),
            };
            let (decided, keep) = judge(about, answered).map_err(|nonsense| nonsense.to_string())?;
            let kept = keep.is_none_or(|memory| self.keep(about.agent, memory, version));
            if kept || attempt == TRIES {
                return Ok(Some(decided));
            }
        }
        Ok(None)
    }

    /// What the policy keeps, and which writing of it that is; none if it was
    /// put aside.
    fn memory(&self, used: &PolicyUse, agent: u16) -> Option<(Vec<u8>, u64)> {
        let mut standing = self.standing(agent)?;
        let now = (used.policy.name.clone(), used.policy.digest);
        let (name, digest) = match &standing.of {
            Some((name, digest)) => (Some(name), Some(digest)),
            None => (None, None),
        };
        if name != Some(&now.0) {
            standing.memory.clear();
            standing.version += 1;
            standing.strikes = 0;
        } else if digest != Some(&now.1) {
            standing.strikes = 0;
        }
        standing.of = Some(now);
        (standing.strikes < STRIKES).then(|| (standing.memory.clone(), standing.version))
    }

    /// Keeps what the policy asked to; false if another decision came between.
    fn keep(&self, agent: u16, memory: Vec<u8>, version: u64) -> bool {
        let Some(mut standing) = self.standing(agent) else {
            return true;
        };
        if standing.version != version {
            return false;
        }
        standing.memory = memory;
        standing.version += 1;
        true
    }

    fn strike(&self, used: &PolicyUse, about: &Consultation<'_>, message: String, outbox: &mut Outbox) {
        let Some(mut standing) = self.standing(about.agent) else {
            return;
        };
        standing.strikes += 1;
        outbox.say(Event::PolicyStrike {
            policy: used.policy.name.clone(),
            agent: about.agent_name.into(),
            message,
            put_aside: standing.strikes == STRIKES,
        });
    }

    fn standing(&self, agent: u16) -> Option<MutexGuard<'_, Standing>> {
        let standing = self.agents.get(usize::from(agent))?;
        Some(standing.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What an answer comes to, and what is to be kept.
pub(crate) fn judge(
    about: &Consultation<'_>,
    answered: WireVerdict,
) -> Result<(Decided, Option<Vec<u8>>), Nonsense> {
    let keep = answered.memory;
    if let Some(memory) = keep.as_ref().filter(|memory| memory.len() > MAX_MEMORY) {
        return Err(Nonsense::Memory(memory.len()));
    }
    let (answer, reason) = match answered.decision {
        Decision::Again(ms) => (Answer::Again(ms), None),
        Decision::GiveUp(reason) => (Answer::GiveUp, Some(reason)),
    };
    let verdict = hold(&about.instance.retry, &about.snapshot, answer)?;
    Ok((Decided { verdict, reason }, keep))
}
