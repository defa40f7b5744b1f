//! The kind of a pattern, and the statistic that it rests on.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::dispersion::{dispersion, limit};
use super::rhythm;

/// From this fit on few gaps are a rhythm, and many.
const RHYTHM_OF_FEW: f64 = 0.55;
const RHYTHM_OF_MANY: f64 = 0.35;
/// More strays than this share make it a mixture.
const STRAYS: f64 = 0.05;
/// Of fewer failures no gaps are judged.
const FEWEST: usize = 8;
/// Of fewer failures it is not said that they came all at once.
const FEWEST_AT_ONCE: u64 = 5;
/// Failures come all at once if they take no more than this share of the time.
const AT_ONCE: f64 = 0.1;

/// A shorter period, in microseconds, is the pace of the work itself: attempts
/// that fail at once follow each other at a beat.
const SHORTEST_PERIOD: f64 = 100_000.0;

/// How failures are spread over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Many at once, then none.
    Burst,
    /// At the beat of one period.
    Periodic,
    /// Neither.
    Random,
}

/// What the kind rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Statistic {
    /// How many of the last failures were judged.
    pub judged: usize,
    /// The share of the time watched that lies between the first and the last.
    pub extent: f64,
    /// The squared coefficient of variation of the gaps.
    pub dispersion: f64,
    /// How well the gaps fit the best period, from -1 to 1.
    pub rhythm: f64,
    /// The share of gaps that are less than half that period.
    pub strays: f64,
    /// That period, if it is one.
    pub period: Option<Duration>,
}

/// What is judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Series<'a> {
    /// The times of the last failures in microseconds, in order.
    pub(super) times: &'a [u64],
    /// How many there were in all.
    pub(super) count: u64,
    /// From the first of all to the last, in microseconds.
    pub(super) extent: u64,
    /// How long was watched, in microseconds.
    pub(super) watched: u64,
}

/// The kind of a series; none if there are too few to say.
pub(super) fn classify(series: Series<'_>) -> (Option<Kind>, Statistic) {
    let pairs = series.times.iter().zip(series.times.iter().skip(1));
    let gaps: Vec<f64> = pairs
        .map(|(one, next)| next.saturating_sub(*one) as f64)
        .collect();
    let rhythm = rhythm::best(&gaps);
    let mut statistic = Statistic {
        judged: series.times.len(),
        extent: share(series.extent, series.watched),
        dispersion: dispersion(&gaps),
        rhythm: rhythm.map_or(-1.0, |rhythm| rhythm.fit),
        strays: rhythm.map_or(1.0, |rhythm| rhythm.strays),
        period: None,
    };
    let period = rhythm.map_or(0.0, |rhythm| rhythm.period);
    let kind = kind(series, &statistic, gaps.len(), period);
    if kind == Some(Kind::Periodic) {
        statistic.period = rhythm.map(|rhythm| Duration::from_micros(rhythm.period as u64));
    }
    (kind, statistic)
}

fn kind(series: Series<'_>, statistic: &Statistic, gaps: usize, period: f64) -> Option<Kind> {
    let enough = series.times.len() >= FEWEST;
    if series.count >= FEWEST_AT_ONCE && statistic.extent <= AT_ONCE {
        Some(Kind::Burst)
    } else if enough && period >= SHORTEST_PERIOD && is_rhythm(statistic, gaps) {
        Some(Kind::Periodic)
    } else if !enough {
        None
    } else if statistic.dispersion > limit(gaps) {
        Some(Kind::Burst)
    } else {
        Some(Kind::Random)
    }
}

/// Whether the fit is no chance, and there are no more than a few strays. The
/// deviation of the V-test's mean is 1/sqrt(2n); 3/sqrt(n) is four of them, which
/// leaves room for the period that was sought.
fn is_rhythm(statistic: &Statistic, gaps: usize) -> bool {
    let significant = 3.0 / (gaps as f64).sqrt();
    statistic.strays <= STRAYS && statistic.rhythm >= significant.clamp(RHYTHM_OF_MANY, RHYTHM_OF_FEW)
}

/// A part of a whole; all of it if there is no whole.
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}
