use super::*;
use fusebox_sdk::policy::Failure;
use fusebox_sdk::policy::retry::PastAttempt;

const MS: fn(u64) -> Duration = Duration::from_millis;

/// Runs tasks one after the other against a service that answers again so long
/// after a task's first failure; gives how many attempts each took.
fn attempts(trouble: impl Iterator<Item = u64>, memory: &mut Vec<u8>) -> Vec<u32> {
    let mut now = Duration::ZERO;
    trouble
        .map(|trouble_ms| {
            now += MS(1_000);
            attempts_of_one(MS(trouble_ms), &mut now, memory)
        })
        .collect()
}

fn attempts_of_one(trouble: Duration, now: &mut Duration, memory: &mut Vec<u8>) -> u32 {
    let started = *now;
    let mut snapshot = Snapshot::example("guest.glm.1302");
    snapshot.max_attempts = 20;
    while *now < started + trouble || snapshot.attempt == 1 {
        snapshot.now = *now;
        snapshot.failure.at = *now;
        snapshot.memory_bytes.clone_from(memory);
        let verdict = Learning::decide(&snapshot).unwrap();
        *memory = verdict.memory.unwrap();
        let Decision::Again(wait) = verdict.decision else {
            break;
        };
        snapshot.history.push(PastAttempt {
            number: snapshot.attempt,
            failure: snapshot.failure.clone(),
            delay_before: snapshot.delay_before,
        });
        snapshot.attempt += 1;
        snapshot.delay_before = wait;
        *now += wait;
    }
    snapshot.attempt
}

#[test]
fn it_finds_the_wait_that_works_and_stays_with_it() {
    let mut memory = Vec::new();
    let learnt = attempts(std::iter::repeat_n(3_900, 12), &mut memory);
    assert_eq!(
        learnt[0], 6,
        "250, 500, 1000 and 2000 ms are too short even together"
    );
    assert!(learnt[6..].iter().all(|attempts| *attempts == 2), "{learnt:?}");
}

#[test]
fn it_forgets_when_the_service_is_quicker() {
    let mut memory = Vec::new();
    attempts(std::iter::repeat_n(3_900, 12), &mut memory);
    let wait = |now_ms| {
        let mut snapshot = Snapshot::example("guest.glm.1302");
        snapshot.memory_bytes.clone_from(&memory);
        snapshot.now = MS(now_ms);
        Learning::decide(&snapshot).unwrap().decision
    };
    assert_eq!(wait(60_000), Decision::Again(MS(4_000)));
    assert_eq!(wait(10_000_000), Decision::Again(MS(250)));
}

#[test]
fn codes_are_learned_apart_and_refusals_are_not_learned() {
    let mut memory = Vec::new();
    attempts(std::iter::repeat_n(3_900, 12), &mut memory);
    let mut snapshot = Snapshot::example("net.reset");
    snapshot.memory_bytes.clone_from(&memory);
    let verdict = Learning::decide(&snapshot).unwrap();
    assert_eq!(verdict.decision, Decision::Again(MS(250)));
    snapshot.failure.retryable = Some(false);
    let verdict = Learning::decide(&snapshot).unwrap();
    assert_eq!(verdict.decision, Decision::GiveUp("non-retryable".into()));
    assert_eq!(verdict.memory, Some(memory));
}

#[test]
fn the_last_failure_teaches_too() {
    let mut snapshot = Snapshot::example("net.reset");
    snapshot.max_attempts = 2;
    let first = Learning::decide(&snapshot).unwrap();
    snapshot.memory_bytes = first.memory.unwrap();
    snapshot.history.push(PastAttempt {
        number: 1,
        failure: Failure::example("net.reset"),
        delay_before: Duration::ZERO,
    });
    (snapshot.attempt, snapshot.failure.at) = (2, MS(300));
    let second = Learning::decide(&snapshot).unwrap();
    assert_eq!(second.decision, Decision::GiveUp("attempts".into()));
    snapshot.memory_bytes = second.memory.unwrap();
    (snapshot.attempt, snapshot.history) = (1, Vec::new());
    let third = Learning::decide(&snapshot).unwrap();
    assert_eq!(third.decision, Decision::Again(MS(500)));
}

#[test]
fn the_spread_is_a_quarter_and_within_the_longest() {
    let wait = |settings: &str| {
        let mut snapshot = Snapshot::example("x");
        (snapshot.seed, snapshot.settings_json) = (u64::MAX, settings.into());
        Learning::decide(&snapshot).unwrap().decision
    };
    assert_eq!(wait("{}"), Decision::Again(Duration::from_micros(312_500)));
    assert_eq!(wait(r#"{"max_ms": 260}"#), Decision::Again(MS(260)));
    let most = format!(r#"{{"base_ms": {0}, "max_ms": {0}}}"#, u64::MAX);
    assert_eq!(wait(&most), Decision::Again(MS(30 * 86_400_000)));
}

/// Bytes as they come from a damaged file: parts of a true memory, changed.
#[test]
fn any_memory_is_borne_and_equal_input_gives_equal_output() {
    let mut memory = Vec::new();
    attempts([500, 9_000, 100].into_iter(), &mut memory);
    let mut snapshot = Snapshot::example("guest.glm.1302");
    snapshot.attempt = 2;
    snapshot.history.push(PastAttempt {
        number: 1,
        failure: Failure::example("guest.glm.1302"),
        delay_before: Duration::ZERO,
    });
    for place in 0..memory.len() {
        for byte in *b"0-9]}\"\xFF" {
            snapshot.memory_bytes.clone_from(&memory);
            snapshot.memory_bytes[place] = byte;
            snapshot.failure.at = MS(place as u64 * 100);
            assert_eq!(Learning::decide(&snapshot), Learning::decide(&snapshot));
        }
    }
}
