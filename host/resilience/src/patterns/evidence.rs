//! What is known beside the failures of a code: without it, nothing is advised
//! that rests on it.

use std::time::Duration;

use fusebox_types::failure::{Blame, Failure};

/// What the attempts of an instance came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Attempts {
    /// How many it made.
    pub(super) made: u64,
    /// When the last one that succeeded ended.
    pub(super) last_success: Option<Duration>,
}

impl Attempts {
    /// Takes note of one that failed.
    pub(super) fn failed(&mut self) {
        self.made = self.made.saturating_add(1);
    }

    /// Takes note of one that succeeded.
    pub(super) fn succeeded(&mut self, at: Duration) {
        self.made = self.made.saturating_add(1);
        self.last_success = self.last_success.max(Some(at));
    }
}

/// Whose fault the failures of a code were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Blamed {
    guest: bool,
    outside: bool,
    other: bool,
}

impl Blamed {
    /// Takes note of a failure.
    pub(super) fn add(&mut self, failure: &Failure) {
        match failure.blame {
            Blame::Guest => self.guest = true,
            Blame::Upstream | Blame::Host => self.outside = true,
            Blame::Input | Blame::Operator => self.other = true,
        }
    }

    /// Whether the guest was to blame each time.
    pub(super) const fn only_guest(self) -> bool {
        self.guest && !self.outside && !self.other
    }

    /// Whether something outside the attempts was to blame, which has times of its
    /// own.
    pub(super) const fn outside(self) -> bool {
        self.outside
    }
}

/// The others of the pool that the most frequent place is in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Others {
    /// How many attempts they made.
    pub(super) made: u64,
    /// How many of these failed so.
    pub(super) failed: u64,
}

/// What advice about the failures of a code may rest on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Evidence {
    /// Whose fault they were.
    pub(super) blamed: Blamed,
    /// Whether they ended, trying again can help, and an attempt succeeded after
    /// that.
    pub(super) healed: bool,
    /// How many attempts the most frequent place made.
    pub(super) made_there: u64,
    /// The others of its pool.
    pub(super) others: Others,
}

impl Evidence {
    /// Whether so many failures of the most frequent place are its own doing: the
    /// guest is to blame, and the others of its pool did better by far.
    pub(super) fn is_of_the_instance(&self, there: u64) -> bool {
        let Others { made, failed } = self.others;
        let rate_is_higher =
            there.saturating_mul(made) >= failed.saturating_mul(4).saturating_mul(self.made_there);
        self.blamed.only_guest() && made > 0 && rate_is_higher
    }
}
