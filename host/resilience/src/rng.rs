//! The numbers that jitter is drawn from: the same for the same seed, on every
//! machine and with every version of the compiler, so that a session can be
//! repeated.

use fusebox_types::TaskIndex;

/// The step of SplitMix64: 2^64 divided by the golden ratio, made odd.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// The number for what is decided after an attempt of a task.
///
/// It is `next(next(seed) + task x 2^32 + attempt)`, all modulo 2^64, where
/// `next` is one turn of SplitMix64. Its turn is a bijection, so no two
/// attempts of a session have the same number; that the seed is turned first
/// keeps neighbouring seeds from sharing numbers.
pub fn random(seed: u64, task: TaskIndex, attempt: u32) -> u64 {
    let place = (u64::from(task) << 32) | u64::from(attempt);
    next(next(seed).wrapping_add(place))
}

/// One turn of SplitMix64 from a state: Steele, Lea and Flood, "Fast Splittable
/// Pseudorandom Number Generators", 2014, with the constants of Vigna's
/// `splitmix64.c`.
const fn next(state: u64) -> u64 {
    let z = state.wrapping_add(STEP);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// The first outputs of `splitmix64.c` from the state 1234567, as Rosetta
    /// Code's "Pseudo-random numbers/Splitmix64" prints them.
    #[test]
    fn it_is_splitmix64() {
        let expected = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        for (turn, expected) in (0..).zip(expected) {
            let state = 1_234_567_u64.wrapping_add(STEP.wrapping_mul(turn));
            assert_eq!(next(state), expected, "{turn}");
        }
    }

    #[test]
    fn no_two_attempts_and_no_two_seeds_share_a_number() {
        let mut seen = HashSet::new();
        for seed in [0, 1, 2, u64::MAX] {
            for task in [0, 1, 2, u32::MAX] {
                for attempt in [1, 2, 3, u32::MAX] {
                    assert!(
                        seen.insert(random(seed, task, attempt)),
                        "{seed} {task} {attempt}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_numbers_are_spread_over_the_whole_range() {
        let tenths = (0..10_000).map(|task| random(7, task, 1) / (u64::MAX / 10 + 1));
        let mut counts = [0_u32; 10];
        tenths.for_each(|tenth| counts[tenth as usize] += 1);
        assert!(
            counts.iter().all(|count| (900..1_100).contains(count)),
            "{counts:?}"
        );
    }
}
