//! The way a policy is asked. It never runs under a lock: what it was told is
//! compared with what holds when it has answered, and where another decision
//! came between, it is asked again.

use super::question::{Clamped, Question};
use crate::plugin::PolicyUse;
use crate::policy_memory::{Asked, PolicyMemory};
use crate::sandbox;
use fusebox_events::Event;

/// How often a policy is asked anew because another decision came between; then
/// what it wants to keep is dropped.
const TRIES: u32 = 4;

/// Asks a policy.
pub async fn ask<Q: Question>(
    question: &Q,
    used: &PolicyUse<Q::Kind>,
    memory: &PolicyMemory,
) -> Asked<Q::Decision> {
    if let Some(decision) = question.hard_stop() {
        return Asked::decided(decision);
    }
    match decide(question, used, memory).await {
        Ok(decision) => Asked {
            decision,
            event: None,
        },
        Err(message) => Asked {
            decision: None,
            event: Some(Event::PolicyStrike {
                policy: used.policy.name.clone(),
                about: question.subject().into(),
                message,
                put_aside: memory.strike(),
            }),
        },
    }
}

/// The decision of a policy; none if it cannot be asked now.
async fn decide<Q: Question>(
    question: &Q,
    used: &PolicyUse<Q::Kind>,
    memory: &PolicyMemory,
) -> Result<Option<Q::Decision>, String> {
    for attempt in 1.. {
        let Some((kept, version)) = memory.of(&used.policy.name, used.policy.digest) else {
            return Ok(None);
        };
        let snapshot = question.snapshot(question.about().context(used, kept));
        let verdict = match sandbox::ask::<Q::Kind>(&used.policy.pre, &snapshot).await {
            Ok((verdict, _)) => verdict,
            // No room for it: that is not its doing.
            Err(failure) if failure.code.is_shed() => return Ok(None),
            Err(failure) => return Err(failure.to_string()),
        };
        let clamped = Clamped::of(question, verdict).map_err(|invalid| invalid.to_string())?;
        let is_kept = clamped.memory.is_none_or(|bytes| memory.keep(bytes, version));
        if is_kept || attempt == TRIES {
            return Ok(Some(clamped.decision));
        }
    }
    Ok(None)
}
