//! What every retry policy should heed, ready made.

use std::time::Duration;

use super::{GiveUp, Snapshot, Verdict};
use crate::policy::span::{LONGEST, SHORTEST};

impl Snapshot {
    /// Whether another attempt can help and may be made.
    ///
    /// # Errors
    /// `non-retryable` if trying again cannot help; `not-idempotent` if nobody
    /// knows and running the task twice could do harm; `attempts` or `budget`
    /// if none are left.
    pub fn may_help(&self) -> Result<(), GiveUp> {
        let reason = match self.failure.retryable {
            Some(false) => "non-retryable",
            None if !self.idempotent => "not-idempotent",
            _ if self.attempt >= self.max_attempts => "attempts",
            _ if self.budget_left == 0 => "budget",
            _ => return Ok(()),
        };
        Err(GiveUp::because(reason))
    }

    /// Run the task again after so long, or as late as the failure asks for if
    /// that is later; from a millisecond to thirty days. The host cuts it to what
    /// the configuration allows, but not what the failure asks for.
    ///
    /// # Errors
    /// `deadline` if that is at the task's deadline or after it.
    pub fn again(&self, wait: Duration) -> Result<Verdict, GiveUp> {
        let asked = self.failure.retry_after.unwrap_or_default();
        let wait = wait.max(asked);
        if self.remaining.is_some_and(|remaining| wait >= remaining) {
            return Err(GiveUp::because("deadline"));
        }
        Ok(Verdict::again(wait.clamp(SHORTEST, LONGEST)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Decision;
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    fn refusal(change: impl FnOnce(&mut Snapshot)) -> Option<String> {
        let mut snapshot = Snapshot::example("net.reset");
        change(&mut snapshot);
        snapshot.may_help().err().map(|give_up| give_up.0)
    }

    #[test]
    fn what_cannot_help_is_not_tried() {
        assert_eq!(refusal(|_| ()), None);
        assert_eq!(refusal(|s| s.failure.retryable = None), None);
        let reason = |change: fn(&mut Snapshot)| refusal(change).unwrap();
        assert_eq!(reason(|s| s.failure.retryable = Some(false)), "non-retryable");
        assert_eq!(
            reason(|s| (s.failure.retryable, s.idempotent) = (None, false)),
            "not-idempotent"
        );
        assert_eq!(reason(|s| s.attempt = 10), "attempts");
        assert_eq!(reason(|s| s.budget_left = 0), "budget");
    }

    #[test]
    fn a_wait_heeds_what_was_asked_and_the_deadline() {
        let mut snapshot = Snapshot::example("net.reset");
        snapshot.failure.retry_after = Some(MS(300));
        let waits = |snapshot: &Snapshot, ms| snapshot.again(MS(ms)).map(|verdict| verdict.decision);
        assert_eq!(waits(&snapshot, 100), Ok(Decision::Again(MS(300))));
        assert_eq!(waits(&snapshot, 400), Ok(Decision::Again(MS(400))));
        snapshot.remaining = Some(MS(300));
        assert_eq!(waits(&snapshot, 100), Err(GiveUp::because("deadline")));
        let free = Snapshot::example("net.reset");
        assert_eq!(waits(&free, 0), Ok(Decision::Again(SHORTEST)));
        assert_eq!(waits(&free, u64::MAX), Ok(Decision::Again(LONGEST)));
    }
}
