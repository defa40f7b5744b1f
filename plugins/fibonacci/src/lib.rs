//! A retry policy whose waits grow as Fibonacci's numbers do: faster than a
//! line, slower than doubling.

mod settings;

use std::ops::RangeInclusive;

use fusebox_sdk::policy::retry::prelude::*;
use settings::{Jitter, Settings};

/// The policy.
pub struct Fibonacci;

impl RetryPolicy for Fibonacci {
    fn decide(snapshot: &Snapshot) -> Result<Verdict, GiveUp> {
        let settings: Settings = snapshot.settings()?;
        snapshot.may_help()?;
        let wait = snapshot.draw(range(&settings, snapshot.attempt));
        snapshot.again(wait.min(Duration::from_millis(settings.max_ms)))
    }
}

#[cfg(target_family = "wasm")]
export_retry_policy!(Fibonacci);

/// The waits that may follow an attempt, before the cap.
fn range(settings: &Settings, attempt: u32) -> RangeInclusive<Duration> {
    let most = Duration::from_millis(settings.base_ms.saturating_mul(fibonacci(attempt)));
    match settings.jitter {
        Jitter::None => most..=most,
        Jitter::Equal => most / 2..=most,
        Jitter::Full => Duration::ZERO..=most,
    }
}

/// The number at a place of the sequence 0, 1, 1, 2, 3, 5, ..., or the largest
/// number where that is too large.
fn fibonacci(place: u32) -> u64 {
    let (mut number, mut next) = (0_u64, 1_u64);
    for _ in 0..place {
        if number == u64::MAX {
            break;
        }
        (number, next) = (next, number.saturating_add(next));
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(settings: &str, attempt: u32, seed: u64) -> Result<Verdict, GiveUp> {
        let mut snapshot = Snapshot::example("net.reset");
        snapshot.settings_json = settings.into();
        snapshot.seed = seed;
        (snapshot.attempt, snapshot.max_attempts) = (attempt, u32::MAX);
        Fibonacci::decide(&snapshot)
    }

    fn again(ms: u64) -> Result<Verdict, GiveUp> {
        Ok(Verdict::again(Duration::from_millis(ms)))
    }

    #[test]
    fn waits_are_the_base_times_fibonacci() {
        let settings = r#"{"base_ms": 100, "max_ms": 1000}"#;
        for (attempt, ms) in [
            (1, 100),
            (2, 100),
            (3, 200),
            (4, 300),
            (5, 500),
            (6, 800),
            (7, 1000),
        ] {
            assert_eq!(wait(settings, attempt, 7), again(ms), "{attempt}");
        }
    }

    #[test]
    fn late_attempts_stay_at_the_cap() {
        assert_eq!(
            [92, 93, 94, 95].map(fibonacci)[..2],
            [7_540_113_804_746_346_429, 12_200_160_415_121_876_738]
        );
        assert_eq!([94, 95, 100_000, u32::MAX].map(fibonacci), [u64::MAX; 4]);
        assert_eq!(wait("{}", u32::MAX - 1, 0), again(30_000));
    }

    #[test]
    fn jitter_is_drawn_from_what_has_grown() {
        let seeds = [0, u64::MAX];
        let waits = |jitter: &str| {
            let settings = format!(r#"{{"base_ms": 100, "jitter": "{jitter}"}}"#);
            seeds.map(|seed| wait(&settings, 5, seed))
        };
        assert_eq!(waits("none"), [again(500), again(500)]);
        assert_eq!(waits("equal"), [again(250), again(500)]);
        assert_eq!(waits("full"), [again(1), again(500)]);
    }

    #[test]
    fn a_slip_in_the_settings_is_said() {
        let reason = wait(r#"{"bse_ms": 1}"#, 1, 0).unwrap_err();
        assert!(reason.reason().contains("unknown field `bse_ms`"), "{reason:?}");
    }
}
