use super::*;
use fusebox_sdk::policy::isolation::Decision;

/// An instance in a pool of four, with strikes of attempts: its own, those of
/// the others.
fn snapshot(own: (u64, u64), others: (u64, u64)) -> Snapshot {
    let mut snapshot = Snapshot::example("trap.unreachable");
    snapshot.failure.blame = Blame::Guest;
    snapshot.pool_size = 4;
    (snapshot.health.strikes, snapshot.health.attempts) = own;
    snapshot.pool.strikes = own.0.saturating_add(others.0);
    snapshot.pool.attempts = own.1.saturating_add(others.1);
    snapshot
}

fn verdict(snapshot: &Snapshot) -> (Decision, String) {
    let verdict = Parole::decide(snapshot).unwrap();
    (verdict.decision, verdict.cause)
}

fn kept(snapshot: &Snapshot) -> String {
    let (decision, cause) = verdict(snapshot);
    assert_eq!(decision, Decision::Keep, "{cause}");
    cause
}

#[test]
fn one_that_is_clearly_worse_goes() {
    let (decision, cause) = verdict(&snapshot((3, 4), (1, 20)));
    assert_eq!(decision, Decision::Quarantine(Duration::from_secs(54)));
    assert_eq!(cause, "3 of 4 attempts were strikes, of the others' 1 of 20");
}

#[test]
fn when_the_whole_pool_is_bad_it_is_kept() {
    let reason = "for all that is known, the others are no better";
    assert_eq!(kept(&snapshot((9, 10), (20, 30))), reason);
    assert_eq!(kept(&snapshot((9, 9), (0, 0))), reason, "nothing is known");
    assert_eq!(kept(&snapshot((9, 9), (u64::MAX, u64::MAX))), reason);
}

#[test]
fn a_little_worse_is_not_clearly_worse() {
    // Of the others 5 of 50 are to be expected.
    let others = (4, 48);
    assert_eq!(
        kept(&snapshot((29, 100), others)),
        "it is not clearly worse than the others"
    );
    assert!(matches!(
        verdict(&snapshot((30, 100), others)).0,
        Decision::Quarantine(_)
    ));
}

#[test]
fn few_strikes_say_nothing() {
    for own in [(0, 0), (1, 1), (2, 2), (3, 16), (9, 100)] {
        assert_eq!(
            kept(&snapshot(own, (0, 50))),
            "it has struck too seldom",
            "{own:?}"
        );
    }
    assert!(matches!(
        verdict(&snapshot((3, 15), (0, 50))).0,
        Decision::Quarantine(_)
    ));
}

#[test]
fn what_is_not_its_fault_and_one_that_is_alone_are_left_alone() {
    let mut bad = snapshot((9, 9), (0, 50));
    bad.failure.blame = Blame::Upstream;
    assert_eq!(kept(&bad), "the failure is not its fault");
    (bad.failure.blame, bad.pool_size) = (Blame::Guest, 1);
    assert_eq!(kept(&bad), "it is alone in its pool");
}

#[test]
fn each_time_is_twice_as_long_and_a_tenth_is_left_to_chance() {
    let seconds = |times, seed| {
        let mut bad = snapshot((9, 9), (0, 50));
        (bad.times, bad.seed) = (times, seed);
        match verdict(&bad).0 {
            Decision::Quarantine(span) => span.as_secs(),
            Decision::Keep => panic!("kept"),
        }
    };
    let longest = [0, 1, 2, 5, 6, u32::MAX].map(|times| seconds(times, u64::MAX));
    assert_eq!(longest, [60, 120, 240, 1_920, 3_600, 3_600]);
    assert_eq!(seconds(1, 0), 108);
}

#[test]
fn a_slip_in_the_settings_is_left_to_the_built_in_policy() {
    let mut bad = snapshot((9, 9), (0, 50));
    bad.settings_json = r#"{"times_worse": -1}"#.into();
    let undecided = Parole::decide(&bad).unwrap_err();
    assert!(
        undecided.reason().starts_with("the policy's settings: "),
        "{undecided:?}"
    );
    bad.settings_json = r#"{"base_ms": 5, "min_strikes": 10}"#.into();
    assert_eq!(kept(&bad), "it has struck too seldom");
}
