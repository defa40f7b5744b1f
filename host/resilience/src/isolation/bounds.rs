//! The bounds of a policy component: what it answers is clamped to the rules, and
//! what makes no sense is not taken.

use super::cause::Reason;
use super::judge::Ruling;

/// A longer quarantine is no decision but a defect: thirty days, in
/// milliseconds.
const ABSURD: u64 = 30 * 86_400_000;
/// Longest cause that is kept, in bytes.
const CAUSE: usize = 256;

/// What a policy component answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Let it work.
    Keep,
    /// Take it out for so many milliseconds.
    Quarantine(u64),
}

/// Why an answer is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDecision {
    /// A quarantine that nobody means.
    #[error("it asked for a quarantine of {0} ms")]
    Time(u64),
}

/// An answer as a ruling. [`super::Pool::apply`] clamps it to the longest time,
/// the share of the pool that may be out, and the last instance that stays.
///
/// # Errors
/// If the answer makes no sense: a quarantine of no time, or of an absurd one.
/// The built-in policy decides then.
pub fn clamp(answer: Answer, cause: &str) -> Result<Ruling, InvalidDecision> {
    match answer {
        Answer::Keep => Ok(Ruling::Keep),
        Answer::Quarantine(ms) if ms == 0 || ms > ABSURD => Err(InvalidDecision::Time(ms)),
        Answer::Quarantine(ms) => {
            let end = cause.floor_char_boundary(CAUSE.min(cause.len()));
            let cause = cause.get(..end).unwrap_or_default();
            Ok(Ruling::Quarantine {
                time: Some(ms),
                reason: Reason::Policy(cause.into()),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_decision_is_not_taken() {
        for ms in [0, ABSURD + 1, u64::MAX] {
            assert_eq!(clamp(Answer::Quarantine(ms), ""), Err(InvalidDecision::Time(ms)));
        }
        assert_eq!(clamp(Answer::Keep, "fine"), Ok(Ruling::Keep));
    }

    #[test]
    fn a_long_cause_is_cut_at_a_character() {
        let ruling = clamp(Answer::Quarantine(ABSURD), &"界".repeat(1000)).unwrap();
        let Ruling::Quarantine { time, reason } = ruling else {
            panic!("{ruling:?}");
        };
        assert_eq!(time, Some(ABSURD));
        assert_eq!(reason, Reason::Policy("界".repeat(85).into()));
    }
}
