//! Synthetic failure logs, many of each pattern, and what they are called.

use std::time::Duration;

use super::*;
use crate::rng::random;
use fusebox_types::InstanceId;
use fusebox_types::failure::{Code, Failure};

/// Logs of each sort.
const LOGS: u64 = 400;

/// Chance from a seed.
struct Dice {
    seed: u64,
    thrown: u32,
}

impl Dice {
    /// Evenly from 0 up to 1.
    fn share(&mut self) -> f64 {
        self.thrown += 1;
        (random(self.seed, self.thrown, 1) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, least: f64, most: f64) -> f64 {
        least + self.share() * (most - least)
    }

    /// The gap of a Poisson process.
    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.share()).ln()
    }

    /// By the polar form of Box and Muller.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.share()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.share()).cos()
    }

    fn number(&mut self, least: usize, most: usize) -> usize {
        self.between(least as f64, most as f64 + 1.0) as usize
    }
}

/// The times of failures in seconds, and how long was watched.
struct Log(Vec<f64>, f64);

fn poisson_times(dice: &mut Dice, mean: f64, until: f64) -> Vec<f64> {
    let steps = std::iter::repeat_with(|| dice.exponential(mean));
    let times = steps.scan(0.0, |at, gap| {
        *at += gap;
        Some(*at)
    });
    times.take_while(|at| *at < until).collect()
}

fn poisson(dice: &mut Dice) -> Log {
    let until = dice.between(12.0, 400.0);
    Log(poisson_times(dice, 1.0, until), until)
}

/// Clusters at random, of three to twelve failures each; the gaps within are a
/// twentieth to a five-hundredth of those between.
fn clusters(dice: &mut Dice) -> Log {
    let until = dice.between(8.0, 40.0);
    let (starts, mean) = (poisson_times(dice, 1.0, until), dice.between(0.002, 0.05));
    let mut times = vec![];
    for start in starts {
        let size = dice.number(3, 12);
        let mut at = start;
        for _ in 0..size {
            times.push(at);
            at += dice.exponential(mean);
        }
    }
    Log(times, until)
}

/// Five to two hundred failures at random within a small part of the time.
fn one_burst(dice: &mut Dice) -> Log {
    let (count, extent) = (dice.number(5, 200), dice.between(0.001, 0.09));
    let start = dice.between(0.0, 1.0 - extent);
    let times = (0..count).map(|_| start + extent * dice.share()).collect();
    Log(times, 1.0)
}

/// A beat of one second: jitter of up to 15 %, up to a quarter of the beats
/// missing. On the beats of a clock, or each counted from the last.
fn periodic(dice: &mut Dice, drifts: bool) -> Log {
    let (beats, missing, jitter) = (
        dice.number(12, 300),
        dice.between(0.0, 0.25),
        dice.between(0.0, 0.15),
    );
    let (mut clock, mut times) = (dice.share(), vec![]);
    for _ in 0..beats {
        let shift = dice.between(-jitter, jitter);
        clock += if drifts { 1.0 + shift } else { 1.0 };
        if dice.share() >= missing {
            times.push(if drifts { clock } else { clock + shift });
        }
    }
    Log(times, clock + 1.0)
}

fn clock(dice: &mut Dice) -> Log {
    periodic(dice, false)
}

fn drifting(dice: &mut Dice) -> Log {
    periodic(dice, true)
}

/// The beats of a clock with jitter by the bell curve, of up to a tenth of the
/// beat as its deviation; up to a fifth of the beats missing.
fn bell(dice: &mut Dice) -> Log {
    let (beats, missing) = (dice.number(20, 300), dice.between(0.0, 0.2));
    let (deviation, mut times) = (dice.between(0.02, 0.1), vec![]);
    for beat in 1..=beats {
        let at = beat as f64 + deviation * dice.normal();
        if dice.share() >= missing {
            times.push(at);
        }
    }
    Log(times, beats as f64 + 1.0)
}

/// A rhythm, and chance in a fifth to twice its amount.
fn rhythm_and_chance(dice: &mut Dice) -> Log {
    let Log(mut times, until) = clock(dice);
    let mean = 1.0 / dice.between(0.2, 2.0);
    times.extend(poisson_times(dice, mean, until));
    Log(times, until)
}

/// Two rhythms, one 1.2 to 8 times as fast as the other.
fn two_rhythms(dice: &mut Dice) -> Log {
    let Log(mut times, until) = clock(dice);
    let (ratio, Log(other, _)) = (dice.between(1.2, 8.0), drifting(dice));
    times.extend(other.iter().map(|at| at * ratio).filter(|at| *at < until));
    let slow = other.iter().filter(|at| *at * ratio < until).count();
    // The second must be there for most of the time.
    if slow as f64 * ratio < until / 2.0 {
        return two_rhythms(dice);
    }
    Log(times, until)
}

/// A burst of three to eight failures at each beat.
fn bursts_in_a_rhythm(dice: &mut Dice) -> Log {
    let Log(beats, until) = clock(dice);
    let mut times = vec![];
    for beat in beats {
        let size = dice.number(3, 8);
        times.extend((0..size).map(|_| beat + 0.05 * dice.share()));
    }
    Log(times, until)
}

fn kind_of(Log(mut times, until): Log) -> Option<Kind> {
    times.sort_by(f64::total_cmp);
    let mut log = FailureLog::default();
    let failure = Failure::new(Code::TrapPanic, "");
    for at in times {
        log.record(
            &failure,
            "agent",
            InstanceId::new("one"),
            Duration::from_secs_f64(60.0 + at.max(0.0)),
        );
    }
    let watched = Watched {
        from: Duration::from_secs(60),
        to: Duration::from_secs_f64(60.0 + until),
    };
    log.analyse(watched).first().and_then(|pattern| pattern.kind)
}

/// How many logs are called burst, periodic, random, and nothing.
fn called(make: fn(&mut Dice) -> Log) -> [u64; 4] {
    let mut called = [0; 4];
    for seed in 0..LOGS {
        let kind = kind_of(make(&mut Dice { seed, thrown: 0 }));
        let column = match kind {
            Some(Kind::Burst) => 0,
            Some(Kind::Periodic) => 1,
            Some(Kind::Random) => 2,
            None => 3,
        };
        called[column] += 1;
    }
    called
}

#[test]
fn each_pattern_is_called_by_its_name_and_no_mixture_is_called_periodic() {
    type Sort = (&'static str, fn(&mut Dice) -> Log, Option<usize>);
    let sorts: [Sort; 9] = [
        ("chance", poisson, Some(2)),
        ("clusters", clusters, Some(0)),
        ("one burst", one_burst, Some(0)),
        ("clock, jitter, missing beats", clock, Some(1)),
        ("drifting beat, missing beats", drifting, Some(1)),
        ("bell-shaped jitter", bell, Some(1)),
        ("rhythm and chance", rhythm_and_chance, None),
        ("two rhythms", two_rhythms, None),
        ("bursts in a rhythm", bursts_in_a_rhythm, None),
    ];
    let rows = sorts.map(|(name, make, right)| (name, called(make), right));
    println!("{:<30} burst periodic random few", format!("of {LOGS} logs"));
    for (name, called, _) in &rows {
        println!(
            "{name:<30} {:>5} {:>8} {:>6} {:>3}",
            called[0], called[1], called[2], called[3]
        );
    }
    for (name, called, right) in rows {
        match right {
            Some(right) => assert!(called[right] * 100 >= LOGS * 95, "{name}: {called:?}"),
            None => assert!(called[1] * 100 <= LOGS * 5, "{name}: {called:?}"),
        }
    }
}
