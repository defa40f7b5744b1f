//! Whether gaps are beats of one period.

use std::f64::consts::TAU;

/// Where the period is sought, as a share of the median gap: that is one beat,
/// as long as less than half of the beats are missing.
const FROM: f64 = 0.7;
const TO: f64 = 1.4;
/// The ratio of two periods that are tried one after the other: a gap of four
/// beats is then off by less than a twentieth of a beat.
const STEP: f64 = 1.02;

/// A period and how well the gaps fit it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rhythm {
    /// In the unit of the gaps.
    pub(super) period: f64,
    /// From -1 to 1, the more the better; see the module's page.
    pub(super) fit: f64,
    /// The share of gaps that are no beat, for they are less than half a period.
    pub(super) strays: f64,
}

/// The period that the gaps fit best; none if there are none, or half of them
/// are nothing.
pub(super) fn best(gaps: &[f64]) -> Option<Rhythm> {
    let median = median(gaps)?;
    let periods = std::iter::successors(Some(median * FROM), |period| Some(period * STEP));
    let tried = periods.take_while(|period| *period <= median * TO);
    let best = tried.map(|period| rhythm(gaps, period)).reduce(better)?;
    let refined = refined(gaps, best.period).map(|period| rhythm(gaps, period));
    Some(refined.map_or(best, |refined| better(best, refined)))
}

fn better(one: Rhythm, other: Rhythm) -> Rhythm {
    if other.fit > one.fit { other } else { one }
}

fn rhythm(gaps: &[f64], period: f64) -> Rhythm {
    let (mut fits, mut strays) = (0.0, 0.0);
    for gap in gaps {
        if *gap < period / 2.0 {
            (fits, strays) = (fits - 1.0, strays + 1.0);
        } else {
            fits += (TAU * gap / period).cos();
        }
    }
    let n = gaps.len() as f64;
    Rhythm {
        period,
        fit: fits / n,
        strays: strays / n,
    }
}

/// The period by all beats together: the whole time over the number of beats.
fn refined(gaps: &[f64], period: f64) -> Option<f64> {
    let beats: f64 = gaps.iter().map(|gap| (gap / period).round()).sum();
    let time: f64 = gaps.iter().sum();
    (beats > 0.0).then(|| time / beats)
}

fn median(gaps: &[f64]) -> Option<f64> {
    let mut gaps = gaps.to_vec();
    let middle = gaps.len() / 2;
    gaps.sort_unstable_by(f64::total_cmp);
    gaps.get(middle).copied().filter(|median| *median > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_with_missing_beats_is_found() {
        let rhythm = best(&[10.0, 10.0, 20.0, 10.0, 30.0, 10.0, 10.0]).unwrap();
        assert!((rhythm.period - 10.0).abs() < 0.01, "{rhythm:?}");
        assert!(rhythm.fit > 0.999 && rhythm.strays == 0.0, "{rhythm:?}");
    }

    #[test]
    fn a_beat_that_is_split_counts_against_it() {
        let rhythm = best(&[10.0, 3.0, 7.0, 10.0, 2.0, 8.0]).unwrap();
        assert!(rhythm.fit < 0.4 && rhythm.strays > 0.3, "{rhythm:?}");
    }

    #[test]
    fn no_gaps_have_no_period() {
        assert_eq!(best(&[]), None);
        assert_eq!(best(&[0.0, 0.0, 0.0]), None);
    }
}
