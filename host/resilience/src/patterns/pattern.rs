//! What is said of the failures of one code.

use std::fmt;
use std::time::Duration;

use super::advice::recommendation;
use super::classify::{Kind, Series, Statistic, classify};
use super::evidence::{Evidence, Others};
use super::log::{ELSEWHERE, FailureLog, Watched};
use super::occurrences::Occurrences;
use fusebox_types::InstanceId;
use fusebox_types::failure::{Category, Code};

/// After so many ordinary gaps without a failure it is over. Random failures
/// leave such a gap once in a hundred and fifty.
const QUIET: u32 = 5;

/// An instance of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The agent's name.
    pub agent: Box<str>,
    /// The instance.
    pub instance: InstanceId,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.agent, self.instance)
    }
}

/// An instance that failed in this way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Affected {
    /// Which.
    pub place: Place,
    /// How often.
    pub count: u64,
    /// Its own pattern; none if there are too few to say.
    pub kind: Option<Kind>,
}

/// What is said of the failures of one code.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    /// The same for the same pattern: the code and the kind.
    pub id: String,
    /// The code.
    pub code: Code,
    /// The class, as the last failure says.
    pub category: Category,
    /// How they are spread; none if there are too few to say.
    pub kind: Option<Kind>,
    /// How many there were.
    pub count: u64,
    /// When the first one was.
    pub first: Duration,
    /// When the last one was.
    pub last: Duration,
    /// The instances that failed so, the most frequent first.
    pub places: Vec<Affected>,
    /// Whether there is more than one and the same attempt that always ends so:
    /// something outside was to blame, several instances had it, or a task that
    /// failed so succeeded later. Without that, the times are only those at which
    /// somebody tried.
    pub has_times_of_its_own: bool,
    /// Whether it can heal by itself: trying again can help, as far as anybody
    /// knows, and the failures ended before the time that was watched.
    pub auto_recovery: bool,
    /// What to do.
    pub recommendation: String,
    /// What the kind rests on.
    pub statistic: Statistic,
}

/// The pattern of one code.
pub(super) fn pattern(code: &Code, of: &Occurrences, log: &FailureLog, watched: Watched) -> Pattern {
    let (kind, statistic) = classify(of.series(&of.times(None), watched));
    let places = affected(of, log, watched);
    let auto_recovery = of.retryable != Some(false) && is_over(of, watched);
    let evidence = evidence(of, log, auto_recovery);
    Pattern {
        id: format!("{code}:{}", kind.map_or("few", Kind::name)),
        code: code.clone(),
        category: of.category,
        kind,
        count: of.count,
        first: of.first,
        last: of.last,
        recommendation: recommendation(
            (code, of.category),
            kind.map(|kind| (kind, statistic)),
            &places,
            &evidence,
        ),
        has_times_of_its_own: of.blamed.outside() || of.places.len() > 1 || of.mended > 0,
        places,
        auto_recovery,
        statistic,
    }
}

/// Whether it has been quiet for much longer than between failures.
fn is_over(of: &Occurrences, watched: Watched) -> bool {
    let gaps = u32::try_from(of.count.saturating_sub(1)).unwrap_or(u32::MAX);
    let ordinary = of.last.saturating_sub(of.first).checked_div(gaps);
    let quiet = watched.to.saturating_sub(of.last);
    !quiet.is_zero() && quiet >= ordinary.unwrap_or_default().saturating_mul(QUIET)
}

/// What advice may rest on.
fn evidence(of: &Occurrences, log: &FailureLog, auto_recovery: bool) -> Evidence {
    let succeeded_after = |(number, _): &(u16, u64)| {
        let last = log.attempts_of(*number).last_success;
        last.is_some_and(|last| last > of.last)
    };
    let most = of.most();
    Evidence {
        blamed: of.blamed,
        healed: auto_recovery && (of.mended > 0 || of.places.iter().any(succeeded_after)),
        made_there: most.map_or(0, |most| log.attempts_of(most).made),
        others: most.map_or_else(Others::default, |most| log.others_of(most, |other| of.at(other))),
    }
}

fn affected(of: &Occurrences, log: &FailureLog, watched: Watched) -> Vec<Affected> {
    let told = of.places.iter().filter(|(number, _)| *number != ELSEWHERE);
    let mut affected: Vec<_> = told
        .filter_map(|(number, count)| {
            let times = of.times(Some(*number));
            let (kind, _) = classify(Series::of_place(&times, *count, watched));
            Some(Affected {
                place: log.place_of(*number)?.clone(),
                count: *count,
                kind,
            })
        })
        .collect();
    affected.sort_by_key(|affected| std::cmp::Reverse(affected.count));
    affected
}
