use super::*;
use fusebox_sdk::policy::breaker::{Counts, Decision};
use fusebox_sdk::policy::{Failure, MEMORY_BYTES};

const MS: fn(u64) -> Duration = Duration::from_millis;

/// A breaker as the host keeps it: it asks after every call, obeys, and becomes
/// half-open when the open time is over.
struct Circuit {
    snapshot: Snapshot,
    until: Duration,
    cause: String,
}

impl Circuit {
    fn new() -> Self {
        Self {
            snapshot: Snapshot::example("upstream:glm"),
            until: Duration::ZERO,
            cause: String::new(),
        }
    }

    fn enter(&mut self, state: State) {
        self.snapshot.state = state;
        self.snapshot.since = self.snapshot.now;
        self.snapshot.counts = Counts::default();
    }

    /// One call; false if it was refused.
    fn call(&mut self, now: Duration, failed: bool) -> bool {
        self.snapshot.now = now;
        if self.snapshot.state == State::Open {
            if now < self.until {
                return false;
            }
            self.enter(State::HalfOpen);
        }
        self.snapshot.failure = failed.then(|| Failure::example("http.reset"));
        let good = &mut self.snapshot.counts.consecutive_successes;
        *good = if failed { 0 } else { *good + 1 };
        let verdict = BurnRate::decide(&self.snapshot).unwrap();
        if let Some(memory) = verdict.memory {
            self.snapshot.memory_bytes = memory;
        }
        match verdict.decision {
            Decision::Stay => (),
            Decision::Close => self.enter(State::Closed),
            Decision::Open(wait) => {
                self.enter(State::Open);
                self.snapshot.trips += 1;
                (self.until, self.cause) = (now + wait, verdict.cause);
            }
        }
        true
    }

    /// A call a second from one second to another, until it opens: when.
    fn run(&mut self, mut seconds: std::ops::Range<u64>, failed: impl Fn(u64) -> bool) -> Option<u64> {
        seconds.find(|second| {
            self.call(Duration::from_secs(*second), failed(*second));
            self.snapshot.state == State::Open
        })
    }
}

/// Chance that is the same every time (splitmix64): true once in `one_in`.
fn by_chance(n: u64, one_in: u64) -> bool {
    let mut z = n.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ (z >> 31)).is_multiple_of(one_in)
}

#[test]
fn a_tenth_of_a_percent_of_errors_never_opens_it() {
    assert_eq!(Circuit::new().run(0..7_200, |n| n.is_multiple_of(1_000)), None);
    assert_eq!(Circuit::new().run(0..7_200, |n| by_chance(n, 1_000)), None);
}

#[test]
fn a_total_outage_opens_it_soon() {
    assert_eq!(Circuit::new().run(0..60, |_| true), Some(4), "at the fifth call");
    let mut busy = Circuit::new();
    busy.run(0..3_600, |n| by_chance(n, 1_000));
    let opened = busy.run(3_600..3_700, |_| true).unwrap();
    // 7.2 % of the calls of five minutes.
    assert!((3_620..3_623).contains(&opened), "{opened}");
    assert!(busy.cause.starts_with("fast burn: "), "{}", busy.cause);
}

#[test]
fn a_slow_burn_opens_it_by_the_slow_window() {
    let mut circuit = Circuit::new();
    assert_eq!(circuit.run(0..3_600, |_| false), None);
    let opened = circuit.run(3_600..7_200, |n| n.is_multiple_of(25)).unwrap();
    // 4 % of 45 minutes are 3 % of an hour.
    assert!((6_240..6_300).contains(&opened), "{opened}");
    assert!(circuit.cause.starts_with("slow burn: "), "{}", circuit.cause);
}

#[test]
fn a_blip_does_not_open_it() {
    let mut circuit = Circuit::new();
    assert_eq!(circuit.run(0..3_600, |_| false), None);
    assert_eq!(circuit.run(3_600..7_200, |n| (3_600..3_620).contains(&n)), None);
}

#[test]
fn good_probes_close_it_and_what_was_before_is_forgotten() {
    let mut circuit = Circuit::new();
    circuit.run(0..60, |_| true);
    assert!(!circuit.call(circuit.until - MS(1), false), "refused");
    let at = circuit.until;
    for (n, state) in [State::HalfOpen, State::HalfOpen, State::Closed]
        .into_iter()
        .enumerate()
    {
        circuit.call(at + MS(n as u64), false);
        assert_eq!(circuit.snapshot.state, state);
    }
    for n in 0..4 {
        circuit.call(at + MS(10 + n), true);
        assert_eq!(circuit.snapshot.state, State::Closed, "{n}");
    }
    circuit.call(at + MS(20), true);
    assert_eq!(circuit.snapshot.state, State::Open);
}

#[test]
fn a_bad_probe_opens_it_again_for_longer() {
    let mut circuit = Circuit::new();
    circuit.snapshot.seed = u64::MAX;
    circuit.run(0..60, |_| true);
    let mut waits = vec![circuit.until - circuit.snapshot.since];
    for _ in 0..6 {
        circuit.call(circuit.until, false);
        circuit.call(circuit.until, true);
        assert_eq!(circuit.cause, "a probe failed: http.reset");
        waits.push(circuit.until - circuit.snapshot.since);
    }
    assert_eq!(waits, [30, 60, 120, 240, 480, 600, 600].map(Duration::from_secs));
    circuit.snapshot.seed = 0;
    circuit.call(circuit.until, true);
    assert_eq!(circuit.until - circuit.snapshot.since, Duration::from_secs(540));
}

#[test]
fn equal_input_gives_an_equal_answer_within_what_is_kept() {
    let mut circuit = Circuit::new();
    for n in 0..500 {
        circuit.call(MS(n * 977), by_chance(n, 40));
        assert_eq!(circuit.snapshot.memory_bytes.len(), memory::BYTES);
        assert_eq!(
            BurnRate::decide(&circuit.snapshot),
            BurnRate::decide(&circuit.snapshot)
        );
    }
    const { assert!(memory::BYTES <= MEMORY_BYTES) };
}

#[test]
fn a_slip_in_the_settings_is_left_to_the_built_in_policy() {
    let mut snapshot = Snapshot::example("upstream:glm");
    for (settings, says) in [
        (r#"{"objective": 99}"#, "unknown field `objective`"),
        (r#"{"objective_percent": 100}"#, "objective_percent: 100 is not"),
        (
            r#"{"objective_percent": 80}"#,
            "fast_burn: 14.4 is not above 0 and up to 5",
        ),
    ] {
        snapshot.settings_json = settings.into();
        let undecided = BurnRate::decide(&snapshot).unwrap_err();
        assert!(undecided.reason().contains(says), "{undecided:?}");
    }
}
