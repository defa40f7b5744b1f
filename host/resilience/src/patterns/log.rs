//! The failures of a session, as far as patterns need them.

use std::collections::HashMap;
use std::time::Duration;

use super::evidence::{Attempts, Others};
use super::occurrences::Occurrences;
use super::pattern::{Pattern, Place, pattern};
use fusebox_types::InstanceId;
use fusebox_types::failure::{Code, Failure};

/// How many failures of a code are kept with their times.
pub const KEPT: usize = 1024;
/// How many codes are told apart. Guests can make up any number.
const CODES: usize = 256;
/// How many places are told apart.
const PLACES: usize = 4096;
/// The place of those that are not told apart.
pub(super) const ELSEWHERE: u16 = u16::MAX;

/// The time in which failures would have been seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watched {
    /// Since when.
    pub from: Duration,
    /// Until when.
    pub to: Duration,
}

/// The failures of a session. Its size is bounded, whatever happens: about
/// 16 KiB for each of at most 256 codes.
#[derive(Debug, Default)]
pub struct FailureLog {
    codes: HashMap<Code, Occurrences>,
    places: Vec<Place>,
    /// What the attempts of each place came to.
    attempts: Vec<Attempts>,
    /// Failures of further codes.
    untold: u64,
}

impl FailureLog {
    /// Takes note of a failure. `at` is the time since a start that all share.
    pub fn record(&mut self, failure: &Failure, agent: &str, instance: InstanceId, at: Duration) {
        let place = self.place(agent, instance);
        if let Some(attempts) = self.attempts.get_mut(usize::from(place)) {
            attempts.failed();
        }
        if let Some(known) = self.codes.get_mut(&failure.code) {
            known.add(failure, place, at);
        } else if self.codes.len() < CODES {
            let mut occurrences = Occurrences::new(failure, at);
            occurrences.add(failure, place, at);
            self.codes.insert(failure.code.clone(), occurrences);
        } else {
            self.untold = self.untold.saturating_add(1);
        }
    }

    /// Takes note of an attempt that succeeded, and of the codes that attempts of
    /// the same task had failed with before.
    pub fn succeeded<'c>(
        &mut self,
        (agent, instance): (&str, InstanceId),
        at: Duration,
        after: impl IntoIterator<Item = &'c Code>,
    ) {
        let place = self.place(agent, instance);
        if let Some(attempts) = self.attempts.get_mut(usize::from(place)) {
            attempts.succeeded(at);
        }
        for code in after {
            if let Some(known) = self.codes.get_mut(code) {
                known.mended = known.mended.saturating_add(1);
            }
        }
    }

    /// The pattern of each code, the most frequent first.
    pub fn analyse(&self, watched: Watched) -> Vec<Pattern> {
        let codes = self.codes.iter();
        let mut patterns: Vec<_> = codes
            .map(|(code, occurrences)| pattern(code, occurrences, self, watched))
            .collect();
        patterns.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.id.cmp(&other.id)));
        patterns
    }

    /// How many failures had a code that was one too many to be told apart.
    pub const fn untold(&self) -> u64 {
        self.untold
    }

    /// The place that has this number.
    pub(super) fn place_of(&self, number: u16) -> Option<&Place> {
        self.places.get(usize::from(number))
    }

    /// What the attempts of a place came to.
    pub(super) fn attempts_of(&self, number: u16) -> Attempts {
        let known = self.attempts.get(usize::from(number)).copied();
        known.unwrap_or_default()
    }

    /// The other instances of the agent of a place, of which so many attempts
    /// failed in some way.
    pub(super) fn others_of(&self, number: u16, failed: impl Fn(u16) -> u64) -> Others {
        let agent = self.place_of(number).map(|place| &place.agent);
        let places = (0..).zip(&self.places);
        let others = places.filter(|(other, place)| *other != number && Some(&place.agent) == agent);
        others.fold(Others::default(), |sum, (other, _)| Others {
            made: sum.made.saturating_add(self.attempts_of(other).made),
            failed: sum.failed.saturating_add(failed(other)),
        })
    }

    /// The number of a place.
    fn place(&mut self, agent: &str, instance: InstanceId) -> u16 {
        let known = |place: &Place| place.instance == instance && *place.agent == *agent;
        let number = self.places.iter().position(known).unwrap_or_else(|| {
            if self.places.len() < PLACES {
                let agent = agent.into();
                self.places.push(Place { agent, instance });
                self.attempts.push(Attempts::default());
            }
            self.places.len().saturating_sub(1)
        });
        let told = self.places.get(number).is_some_and(known);
        u16::try_from(number).ok().filter(|_| told).unwrap_or(ELSEWHERE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patterns::Kind;

    fn failure(code: &str) -> Failure {
        Failure::new(Code::Guest(code.into()), "")
    }

    fn until(seconds: u64) -> Watched {
        Watched {
            from: Duration::ZERO,
            to: Duration::from_secs(seconds),
        }
    }

    #[test]
    fn millions_of_failures_take_no_more_room_and_are_all_counted() {
        let (mut log, id) = (FailureLog::default(), InstanceId::new("one"));
        for at in 0..1_000_000 {
            log.record(&failure("x"), "agent", id, Duration::from_millis(100 * at));
        }
        let patterns = log.analyse(until(100_000));
        let [pattern] = patterns.as_slice() else {
            panic!("{patterns:?}");
        };
        assert_eq!((pattern.count, pattern.statistic.judged), (1_000_000, KEPT));
        assert_eq!(
            (pattern.first, pattern.last),
            (Duration::ZERO, Duration::from_millis(99_999_900))
        );
        assert_eq!(pattern.kind, Some(Kind::Periodic));
        assert_eq!(pattern.statistic.period, Some(Duration::from_millis(100)));
    }

    #[test]
    fn codes_and_places_beyond_what_is_told_apart_are_counted() {
        let mut log = FailureLog::default();
        for n in 0..2 * CODES {
            let agent = format!("agent-{}", n % 3);
            log.record(
                &failure(&n.to_string()),
                &agent,
                InstanceId::new("one"),
                Duration::ZERO,
            );
        }
        assert_eq!((log.codes.len(), log.untold()), (CODES, CODES as u64));
        for n in 0..2 * PLACES {
            log.record(
                &failure("0"),
                &n.to_string(),
                InstanceId::new("one"),
                Duration::ZERO,
            );
        }
        let patterns = log.analyse(until(1));
        let most = patterns.first().unwrap();
        assert_eq!(most.count, 1 + 2 * PLACES as u64);
        assert_eq!(
            most.places.len(),
            PLACES - 2,
            "the other two agents have none of it"
        );
    }
}
