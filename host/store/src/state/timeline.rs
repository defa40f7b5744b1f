//! The time that state goes by: the same for all processes, whatever the clock on
//! the wall is set to.
//!
//! The first process after a start of the machine writes down when that was, by
//! the clock on its wall. It and all that come later count on from there by the
//! machine's own time, which no setting moves. So within one start of the machine
//! times in the state are right to the millisecond, and from one start to the
//! next they are wrong by no more than the clock was moved meanwhile. People are
//! shown times by the clock on the wall as it is now.

#[cfg(test)]
mod tests;

use std::fs;
use std::sync::LazyLock;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::State;
use super::error::StateError;
use super::table::Table;
use fusebox_system::wall_clock;

/// When the machine was started, under [`KEY`].
const STARTS: Table<Start> = Table::new("clock");
const KEY: &str = "start";
/// The clock on the wall is moved by less all the time, by whoever keeps it
/// right. So much is not worth showing.
const UNSEEN_MS: u64 = 1000;

/// Linux's name for this start of the machine.
#[expect(clippy::disallowed_methods, reason = "a file of the kernel")]
static BOOT: LazyLock<Option<String>> = LazyLock::new(|| {
    let name = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
});

/// A start of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Start {
    /// Which.
    boot: String,
    /// When, in Unix milliseconds, as the clock on the wall was set when this was
    /// first asked.
    at_ms: i64,
}

impl Start {
    /// This start: as it is known already, or by the clock on the wall.
    fn of(known: Option<Self>, boot: &str, by_the_wall: i64) -> Self {
        known.filter(|start| start.boot == boot).unwrap_or_else(|| Self {
            boot: boot.to_owned(),
            at_ms: by_the_wall,
        })
    }
}

/// The time that a state goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeline {
    /// When the steady clock was at zero, in Unix milliseconds.
    origin: i64,
    /// How far the clock on the wall is ahead of this time by now, in
    /// milliseconds.
    shown_ahead: i64,
}

impl Timeline {
    /// One that a process has for itself, by the clock on the wall.
    pub fn own() -> Self {
        let origin = wall_clock::origin_ms();
        Self::new(origin, origin)
    }

    fn new(origin: i64, by_the_wall: i64) -> Self {
        let ahead = by_the_wall.saturating_sub(origin);
        let shown_ahead = if ahead.unsigned_abs() < UNSEEN_MS {
            0
        } else {
            ahead
        };
        Self { origin, shown_ahead }
    }

    /// Now, in Unix milliseconds.
    pub fn now(self) -> u64 {
        let steady = i64::try_from(wall_clock::steady().as_millis()).unwrap_or(i64::MAX);
        self.at(steady)
    }

    /// The time when the steady clock is there.
    fn at(self, steady: i64) -> u64 {
        u64::try_from(self.origin.saturating_add(steady)).unwrap_or(0)
    }

    /// One of its times, for people.
    pub fn shown(self, unix: u64) -> Timestamp {
        let unix = i64::try_from(unix).unwrap_or(i64::MAX);
        let shown = unix.saturating_add(self.shown_ahead);
        Timestamp::from_millisecond(shown).unwrap_or(Timestamp::MAX)
    }
}

impl State {
    /// The time that it goes by, which is written down if it is not yet. If it
    /// cannot be, this process goes by a time of its own: what is asked of the
    /// state next says what is wrong with it.
    pub(super) fn timeline(&self) -> Timeline {
        let Some(boot) = &*BOOT else {
            return Timeline::own();
        };
        let by_the_wall = wall_clock::origin_ms();
        match self.start(boot, by_the_wall) {
            Ok(start) => Timeline::new(start.at_ms, by_the_wall),
            Err(error) => {
                let why = fusebox_types::failure::causes(&error);
                tracing::warn!("the state goes by the clock of this process alone: {why}");
                Timeline::own()
            }
        }
    }

    fn start(&self, boot: &str, by_the_wall: i64) -> Result<Start, StateError> {
        match self.get(&STARTS, KEY)? {
            Some(known) if known.boot == boot => Ok(known),
            _ => self.update(&STARTS, KEY, |known| {
                let start = Start::of(known, boot, by_the_wall);
                (Some(start.clone()), start)
            }),
        }
    }
}
