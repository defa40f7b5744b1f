//! The failures of one code.

use std::collections::VecDeque;
use std::time::Duration;

use super::classify::Series;
use super::evidence::Blamed;
use super::log::{ELSEWHERE, KEPT, Watched};
use fusebox_types::failure::{Category, Failure};

/// The failures of one code.
#[derive(Debug)]
pub(super) struct Occurrences {
    pub(super) category: Category,
    /// Whether trying again can help, as the last one says.
    pub(super) retryable: Option<bool>,
    /// Whose fault they were.
    pub(super) blamed: Blamed,
    /// How many tasks succeeded that had failed so before.
    pub(super) mended: u64,
    pub(super) count: u64,
    pub(super) first: Duration,
    pub(super) last: Duration,
    /// How many at each place, by the place's number.
    pub(super) places: Vec<(u16, u64)>,
    /// The last ones: when, in microseconds, and at which place.
    recent: VecDeque<(u64, u16)>,
}

impl Occurrences {
    pub(super) fn new(failure: &Failure, at: Duration) -> Self {
        Self {
            category: failure.category,
            retryable: failure.retryable,
            blamed: Blamed::default(),
            mended: 0,
            count: 0,
            first: at,
            last: at,
            places: Vec::new(),
            recent: VecDeque::new(),
        }
    }

    pub(super) fn add(&mut self, failure: &Failure, place: u16, at: Duration) {
        (self.category, self.retryable) = (failure.category, failure.retryable);
        self.blamed.add(failure);
        self.count = self.count.saturating_add(1);
        (self.first, self.last) = (self.first.min(at), self.last.max(at));
        match self.places.iter_mut().find(|(known, _)| *known == place) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => self.places.push((place, 1)),
        }
        if self.recent.len() >= KEPT {
            self.recent.pop_front();
        }
        self.recent.push_back((micros(at), place));
    }

    /// How many there were at a place.
    pub(super) fn at(&self, place: u16) -> u64 {
        let known = self.places.iter().find(|(known, _)| *known == place);
        known.map_or(0, |(_, count)| *count)
    }

    /// The place that has most of them.
    pub(super) fn most(&self) -> Option<u16> {
        let told = self.places.iter().filter(|(number, _)| *number != ELSEWHERE);
        told.rev()
            .max_by_key(|(_, count)| *count)
            .map(|(number, _)| *number)
    }

    /// The times of the last ones in order, of one place or of all. Threads may
    /// have told of them out of order.
    pub(super) fn times(&self, of: Option<u16>) -> Vec<u64> {
        let here = |(_, place): &&(u64, u16)| of.is_none_or(|of| of == *place);
        let mut times: Vec<u64> = self.recent.iter().filter(here).map(|(at, _)| *at).collect();
        times.sort_unstable();
        times
    }

    /// All of them, to be judged.
    pub(super) fn series<'a>(&self, times: &'a [u64], watched: Watched) -> Series<'a> {
        Series {
            times,
            count: self.count,
            extent: micros(self.last.saturating_sub(self.first)),
            watched: watched.micros(),
        }
    }
}

impl<'a> Series<'a> {
    /// Those of one place. If some of their times are not kept, nobody knows
    /// when the first of them was, nor whether they came all at once.
    pub(super) fn of_place(times: &'a [u64], count: u64, watched: Watched) -> Self {
        let first_and_last = times.first().zip(times.last());
        let extent = first_and_last.map_or(0, |(first, last)| last.saturating_sub(*first));
        let all = u64::try_from(times.len()).is_ok_and(|kept| kept == count);
        let watched = if all { watched.micros() } else { extent };
        Self {
            times,
            count,
            extent,
            watched,
        }
    }
}

impl Watched {
    fn micros(self) -> u64 {
        micros(self.to.saturating_sub(self.from))
    }
}

/// A time in whole microseconds.
fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
