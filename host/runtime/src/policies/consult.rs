//! The way a policy is asked. It never runs under a lock: what it was told is
//! compared with what holds when it has answered, and where another decision
//! came between, it is asked again.

use crate::plugin::PolicyUse;
use crate::policy_memory::PolicyMemory;
use crate::sandbox::{self, PolicyKind};
use fusebox_events::Event;
use fusebox_resilience::{MAX_MEMORY, Nonsense};

/// How often a policy is asked anew because another decision came between; then
/// what it wants to keep is dropped.
const TRIES: u32 = 4;
/// Longest reason of a policy that is kept, in characters.
const REASON_CHARS: usize = 200;

/// What an answer comes to, and what is to be kept; or why it makes no sense.
pub(super) type Judged<D> = Result<(D, Option<Vec<u8>>), String>;

/// Asks a policy. None if it cannot be asked now, or failed to answer; the
/// event says so then.
pub(super) async fn consult<K: PolicyKind, D>(
    used: &PolicyUse<K>,
    standing: &PolicyMemory,
    about: &str,
    tell: impl Fn(Vec<u8>) -> K::Snapshot,
    judge: impl Fn(K::Verdict) -> Judged<D>,
) -> (Option<D>, Option<Event>) {
    match ask(used, standing, tell, judge).await {
        Ok(decided) => (decided, None),
        Err(message) => {
            let strike = Event::PolicyStrike {
                policy: used.policy.name.clone(),
                about: about.into(),
                message,
                put_aside: standing.strike(),
            };
            (None, Some(strike))
        }
    }
}

async fn ask<K: PolicyKind, D>(
    used: &PolicyUse<K>,
    standing: &PolicyMemory,
    tell: impl Fn(Vec<u8>) -> K::Snapshot,
    judge: impl Fn(K::Verdict) -> Judged<D>,
) -> Result<Option<D>, String> {
    for attempt in 1.. {
        let Some((memory, version)) = standing.of(&used.policy.name, used.policy.digest) else {
            return Ok(None);
        };
        let answered = match sandbox::ask::<K>(&used.policy.pre, &tell(memory)).await {
            Ok((verdict, _)) => verdict,
            // No room for it: that is not its doing.
            Err(failure) if failure.code.is_shed() => return Ok(None),
            Err(failure) => return Err(failure.to_string()),
        };
        let (decided, keep) = judge(answered)?;
        let kept = keep.is_none_or(|memory| standing.keep(memory, version));
        if kept || attempt == TRIES {
            return Ok(Some(decided));
        }
    }
    Ok(None)
}

/// What a policy asked to keep, if it may.
pub(super) fn within_limit(memory: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, String> {
    match memory {
        Some(memory) if memory.len() > MAX_MEMORY => Err(Nonsense::Memory(memory.len()).to_string()),
        memory => Ok(memory),
    }
}

/// Why an answer makes no sense, with the words that came with it.
pub(super) fn nonsense(why: impl std::fmt::Display, words: &str) -> String {
    match words {
        "" => why.to_string(),
        words => format!("{why}, and said: {words}"),
    }
}

/// A policy's words, as far as they are kept.
pub(super) fn reason(words: &str) -> String {
    words.chars().take(REASON_CHARS).collect()
}
