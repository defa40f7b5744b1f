//! Clocks that are set, machines that are started again, many processes.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use fusebox_upstream::limits::{Ledger, Party};
use fusebox_upstream::rules::{QuotaRule, UpstreamLimits};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A machine with a clock on its wall, and the state on its disk.
struct Machine {
    /// What has really passed.
    real: i64,
    /// How far the clock on the wall is ahead of that.
    ahead: i64,
    boot: u32,
    started: i64,
    kept: Option<Start>,
}

impl Machine {
    fn new() -> Self {
        Self {
            real: 0,
            ahead: 1_800_000_000_000,
            boot: 0,
            started: 0,
            kept: None,
        }
    }

    fn reboot(&mut self) {
        (self.boot, self.started) = (self.boot + 1, self.real);
    }

    fn steady(&self) -> i64 {
        self.real - self.started
    }

    /// A process that begins now.
    fn process(&mut self) -> Timeline {
        let by_the_wall = self.real + self.ahead - self.steady();
        let start = Start::of(self.kept.take(), &self.boot.to_string(), by_the_wall);
        self.kept = Some(start.clone());
        Timeline::new(start.at_ms, by_the_wall)
    }

    /// The state's time, as a process that begins now has it.
    fn now(&mut self) -> i64 {
        let timeline = self.process();
        timeline.at(self.steady()) as i64
    }
}

/// What happens next.
#[derive(Debug, Clone, Copy)]
enum Step {
    Wait(i64),
    Jump(i64),
    Reboot,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..10 * HOUR).prop_map(Step::Wait),
        2 => (-3 * DAY..3 * DAY).prop_map(Step::Jump),
        1 => Just(Step::Reboot),
    ];
    prop::collection::vec(step, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    /// Between any two moments the state's time is right within one start of the
    /// machine, and else wrong by no more than the clock was moved since the
    /// earlier of the two starts was written down.
    #[test]
    fn a_jump_counts_only_over_a_start_of_the_machine(script in steps()) {
        let (mut machine, mut moved) = (Machine::new(), 0);
        // Each moment, its start, what time it really was, and how far the clock
        // had been moved when that start was written down.
        let mut seen = vec![(machine.now(), 0, 0, 0)];
        for step in script {
            match step {
                Step::Wait(ms) => machine.real += ms,
                Step::Jump(ms) => {
                    machine.ahead += ms;
                    moved += ms.abs();
                }
                Step::Reboot => machine.reboot(),
            }
            let now = machine.now();
            let last = seen[seen.len() - 1];
            let since = if last.1 == machine.boot { last.3 } else { moved };
            seen.push((now, machine.boot, machine.real, since));
            for (then, boot, real, moved_then) in &seen {
                let wrong = ((now - then) - (machine.real - real)).abs();
                let excused = if *boot == machine.boot { 0 } else { since - moved_then };
                prop_assert!(wrong <= excused, "{wrong} ms, {excused} are excused");
            }
        }
    }

    /// People are shown the present by the clock as it is, and anything else as
    /// far from it as it is.
    #[test]
    fn what_is_shown_is_by_the_clock_on_the_wall(jump in -3 * DAY..3 * DAY, ago in 0..DAY) {
        let mut machine = Machine::new();
        machine.process();
        (machine.real, machine.ahead) = (HOUR, machine.ahead + jump);
        let timeline = machine.process();
        let then = timeline.shown((timeline.at(machine.steady()) as i64 - ago) as u64);
        let wrong = then.as_millisecond() - (machine.real + machine.ahead - ago);
        prop_assert!(wrong.unsigned_abs() < UNSEEN_MS, "{wrong} ms");
    }
}

/// Forty requests are allowed in five hours. The clock goes two days back and
/// forward again, and each time another process asks as often as it may.
#[test]
fn a_clock_that_goes_back_and_forward_again_gives_no_quota_back() {
    let limits = UpstreamLimits {
        quotas: vec![QuotaRule {
            requests: 40,
            window: Duration::from_secs(5 * 3600),
        }],
        ..UpstreamLimits::default()
    };
    let all: BTreeSet<String> = ["agent".to_owned()].into();
    let (mut machine, mut ledger) = (Machine::new(), Ledger::default());
    let mut taken = Vec::new();
    for (wait, jump) in [
        (0, 0),
        (HOUR, -2 * DAY),
        (HOUR, 2 * DAY),
        (HOUR, 2 * DAY),
        (3 * HOUR, 0),
    ] {
        (machine.real, machine.ahead) = (machine.real + wait, machine.ahead + jump);
        let most = if machine.real == 0 { 29 } else { 100 };
        let now = machine.now() as u64;
        let party = || Party {
            who: "agent",
            all: &all,
        };
        let granted = (0..most).take_while(|_| ledger.take(&limits, now, party()).is_ok());
        taken.push(granted.count());
    }
    assert_eq!(taken, [29, 11, 0, 0, 29]);
}

fn state() -> (tempfile::TempDir, State) {
    let base = tempfile::tempdir().unwrap();
    let state = State::open(&base.path().join("state")).unwrap();
    (base, state)
}

/// The state as a process left it that saw the clock set otherwise.
fn left_by(state: &State, boot: &str, ahead: i64) -> State {
    let start = Start {
        boot: boot.to_owned(),
        at_ms: wall_clock::origin_ms() + ahead,
    };
    state.update(&STARTS, KEY, |_| (Some(start), ())).unwrap();
    State::open(&state.dir).unwrap()
}

fn wall_ms() -> u64 {
    wall_clock::now().as_millisecond() as u64
}

#[test]
fn a_later_process_goes_on_by_the_time_of_the_first() {
    let Some(boot) = &*BOOT else { return };
    let (_base, state) = state();
    assert!(state.time().now().abs_diff(wall_ms()) < 5_000);
    for ahead in [2 * DAY, -2 * DAY] {
        let state = left_by(&state, boot, ahead);
        let expected = wall_ms().saturating_add_signed(ahead);
        assert!(state.time().now().abs_diff(expected) < 5_000, "{ahead}");
        let shown = state.time().shown(expected).as_millisecond() as u64;
        assert!(shown.abs_diff(wall_ms()) < 5_000, "{ahead}");
    }
}

#[test]
fn another_start_of_the_machine_begins_by_the_wall() {
    let (_base, state) = state();
    let state = left_by(&state, "another", 2 * DAY);
    assert!(state.time().now().abs_diff(wall_ms()) < 5_000);
    assert_eq!(state.time().shown(5_000).as_millisecond(), 5_000);
}
