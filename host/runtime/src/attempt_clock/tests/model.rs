//! The clock against a plain model of it: a list of moments, each charged or not.

use proptest::prelude::*;

use super::super::stoppable::{Change, StoppableClock};
use super::*;

/// What happens, and for how many milliseconds nothing does after it.
type Step = (Change, u64);

fn change() -> impl Strategy<Value = Change> {
    prop::sample::select(vec![
        Change::Queued,
        Change::LeftQueue,
        Change::Held,
        Change::Released,
        Change::Suspended,
        Change::Resumed,
    ])
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((change(), 0..50_u64), 0..60)
}

/// Which moments are charged, a millisecond each.
#[derive(Default)]
struct Model {
    queued: u32,
    held: u32,
    is_suspended: bool,
    charged: Vec<bool>,
}

impl Model {
    fn step(&mut self, (change, then): Step, limit: usize) {
        match change {
            Change::Queued => self.queued += 1,
            Change::LeftQueue => self.queued = self.queued.saturating_sub(1),
            Change::Held => self.held += 1,
            Change::Released => self.held = self.held.saturating_sub(1),
            Change::Suspended => self.is_suspended = true,
            Change::Resumed => self.is_suspended = false,
        }
        let free = self.queued > 0 && self.held == 0 && self.is_suspended;
        for _ in 0..then {
            let is_over = self.spent() >= limit;
            self.charged.push(!free || is_over);
        }
    }

    fn spent(&self) -> usize {
        self.charged.iter().filter(|charged| **charged).count()
    }
}

const fn millis(count: usize) -> Duration {
    Duration::from_millis(count as u64)
}

proptest! {
    #[test]
    fn the_clock_charges_what_the_model_charges(steps in steps(), limit in 0..400_usize) {
        let began = Instant::now();
        let (mut clock, mut model) = (StoppableClock::new(millis(limit), began), Model::default());
        let mut now = began;
        let mut stood = false;
        for step in steps {
            let goes_on = clock.change(step.0, now);
            prop_assert_eq!(goes_on, stood && clock.ends().is_some());
            stood = clock.ends().is_none();
            now += Duration::from_millis(step.1);
            model.step(step, limit);
            prop_assert_eq!(clock.wall(now), millis(model.charged.len()));
            prop_assert_eq!(clock.charged(now), millis(model.spent()));
            prop_assert_eq!(clock.stopped(now), clock.wall(now) - clock.charged(now));
            prop_assert_eq!(clock.left(now), millis(limit.saturating_sub(model.spent())));
            // It ends when what is left is over, and never while it stands.
            if let Some(ends) = clock.ends() {
                prop_assert_eq!(ends.saturating_duration_since(now), clock.left(now));
                prop_assert_eq!(clock.left(now).is_zero(), ends <= now);
            } else {
                prop_assert!(!clock.left(now).is_zero());
            }
        }
    }
}
