//! The limit beside played services: it finds what they take.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::*;
use crate::random;

/// A service of which all that may be asked is asked all the time.
struct Load {
    limit: AdaptiveLimit,
    most: u32,
    now: u64,
    /// The requests that are under way: when each ends, and which it is.
    ends: BinaryHeap<Reverse<(u64, u32)>>,
    under_way: std::collections::BTreeMap<u32, (Sent, Outcome)>,
    sent: u32,
}

/// What came of some requests.
#[derive(Debug, Default)]
struct Seen {
    refused: u32,
    answered: u32,
    /// The limit at each end, added up.
    limits: u32,
}

impl Seen {
    fn refused_share(&self) -> f64 {
        f64::from(self.refused) / f64::from(self.refused + self.answered)
    }

    fn mean_limit(&self) -> f64 {
        f64::from(self.limits) / f64::from(self.refused + self.answered)
    }
}

impl Load {
    fn new(most: u32) -> Self {
        Self {
            limit: AdaptiveLimit::default(),
            most,
            now: 0,
            ends: BinaryHeap::new(),
            under_way: Default::default(),
            sent: 0,
        }
    }

    /// So many requests end, of a service that says of each, by how many are under way
    /// with it, how it ends and after how many milliseconds.
    fn run(&mut self, ends: u32, wanted: u32, service: impl Fn(u32, u64) -> (Outcome, u64)) -> Seen {
        let mut seen = Seen::default();
        for _ in 0..ends {
            while (self.ends.len() as u32) < self.limit.current(self.most).min(wanted) {
                let in_use = self.ends.len() as u32 + 1;
                let (outcome, ms) = service(in_use, random(9, self.sent, 1));
                let sent = self.limit.sent(in_use, self.most);
                self.ends.push(Reverse((self.now + ms, self.sent)));
                self.under_way.insert(self.sent, (sent, outcome));
                self.sent += 1;
            }
            let Reverse((at, which)) = self.ends.pop().unwrap();
            self.now = at;
            let (sent, outcome) = self.under_way.remove(&which).unwrap();
            self.limit.ended(sent, outcome, self.most);
            seen.limits += self.limit.current(self.most);
            match outcome {
                Outcome::Refused => seen.refused += 1,
                _ => seen.answered += 1,
            }
        }
        seen
    }
}

/// Answers so many at once and refuses more at once.
fn takes(capacity: u32) -> impl Fn(u32, u64) -> (Outcome, u64) {
    move |in_use, random| match in_use <= capacity {
        true => {
            let ms = 500 + random % 1_000;
            let latency = Duration::from_millis(ms);
            (Outcome::Success { latency }, ms)
        }
        false => (Outcome::Refused, 20),
    }
}

/// Works on so many at once; more wait, and none is refused.
fn works_on(capacity: u32) -> impl Fn(u32, u64) -> (Outcome, u64) {
    move |in_use, random| {
        let ms = (900 + random % 200) * u64::from(in_use.max(capacity)) / u64::from(capacity);
        let latency = Duration::from_millis(ms);
        (Outcome::Success { latency }, ms)
    }
}

#[test]
fn a_service_that_refuses_what_is_too_much_is_asked_for_what_it_takes() {
    for (most, capacity) in [(4, 1), (4, 2), (4, 3), (16, 5), (40, 25)] {
        let mut load = Load::new(most);
        load.run(500, most, takes(capacity));
        let seen = load.run(5_000, most, takes(capacity));
        assert!(seen.refused_share() < 0.05, "{capacity} of {most}: {seen:?}");
        let mean = seen.mean_limit();
        let least = f64::from(capacity) * 0.75;
        assert!(
            mean > least && mean < f64::from(capacity) + 0.5,
            "{capacity} of {most}: {mean}"
        );
    }
}

#[test]
fn a_service_that_takes_more_again_has_all_again() {
    let mut load = Load::new(4);
    load.run(3_000, 4, takes(1));
    load.run(200, 4, takes(4));
    assert_eq!(load.limit.current(4), 4);
    assert_eq!(load.run(1_000, 4, takes(4)).mean_limit(), 4.0);
}

/// It is known how long it takes when it is asked little. What comes then waits there
/// about twice as long, and not four times.
#[test]
fn a_service_whose_latency_grows_with_its_queue_is_asked_for_less() {
    for (most, capacity) in [(4, 1), (8, 2), (16, 4)] {
        let mut load = Load::new(most);
        load.run(200, capacity, works_on(capacity));
        load.run(150, most, works_on(capacity));
        let seen = load.run(200, most, works_on(capacity));
        let mean = seen.mean_limit();
        assert!(mean < f64::from(3 * capacity), "{capacity} of {most}: {mean}");
        assert!(mean >= f64::from(capacity), "{capacity} of {most}: {mean}");
    }
}

/// What it always was is no reason to ask for less.
#[test]
fn a_service_that_is_slow_and_steady_is_asked_for_all() {
    let mut load = Load::new(4);
    assert_eq!(load.run(5_000, 4, works_on(1)).mean_limit(), 4.0);
}
