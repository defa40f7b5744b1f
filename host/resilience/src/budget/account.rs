//! What one budget holds: what was earned and what was taken, in slices of time.

use std::time::Duration;

use fusebox_types::units::Rate;

/// How long a slice of time is.
const SLICE: Duration = Duration::from_secs(5);
/// Slices that are remembered: any minute lies within so many.
const SLICES: usize = 13;
/// One retry, in the parts that a share is counted in.
const RETRY: u64 = Rate::WHOLE.0 as u64;

/// What came to pass in one slice of time.
#[derive(Debug, Clone, Copy, Default)]
struct Slice {
    /// What was earned in it and is not taken, in parts of a retry.
    earned: u64,
    /// Retries that were taken in it.
    taken: u32,
    /// How many of them from the reserve.
    reserved: u32,
}

/// What was earned and what was taken, over a minute and the slice of time that
/// is under way.
///
/// What is earned is gone after a minute and up to a slice more. What is taken
/// from the reserve is back after as long: so no minute, wherever it begins, has
/// more of it than the reserve.
#[derive(Debug)]
pub(super) struct Account {
    /// The most retries that are saved up, besides what retries may need.
    most: u32,
    /// The newest first.
    slices: [Slice; SLICES],
    /// The number of the newest one, counted from the beginning of time.
    newest: u64,
}

/// Where a retry was taken from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    /// The number of the slice that it was taken from. Of several, the one that is
    /// forgotten first.
    slice: u64,
    /// The number of the slice that it was taken in.
    at: u64,
    from_reserve: bool,
}

impl Account {
    /// With nothing earned and nothing taken.
    pub(super) fn new(most: u32) -> Self {
        Self {
            most,
            slices: [Slice::default(); SLICES],
            newest: 0,
        }
    }

    /// Adds a share of a retry. Of more than may be saved up the oldest goes: the
    /// newest is good for the longest.
    ///
    /// What the retries of the last minute may need is no surplus: tasks that are
    /// tried again after all others have begun find what these have earned.
    pub(super) fn earn(&mut self, share: Rate, now: Duration) {
        self.advance(now);
        let [newest, ..] = &mut self.slices;
        newest.earned = newest.earned.saturating_add(u64::from(share.0));
        let needed = u64::from(share.0).saturating_mul(self.taken());
        let most = u64::from(self.most).saturating_mul(RETRY).saturating_add(needed);
        self.spend(self.earned().saturating_sub(most));
    }

    /// Takes one retry, of what is forgotten first: of what was earned the
    /// oldest, then of the reserve. None if there is none left.
    pub(super) fn take(&mut self, reserve: u32, now: Duration) -> Option<Taken> {
        self.advance(now);
        let taken = if self.earned() >= RETRY {
            let slice = self.oldest_earned();
            self.spend(RETRY);
            Taken {
                slice,
                at: self.newest,
                from_reserve: false,
            }
        } else if self.reserved() < u64::from(reserve) {
            Taken {
                slice: self.newest,
                at: self.newest,
                from_reserve: true,
            }
        } else {
            return None;
        };
        let [newest, ..] = &mut self.slices;
        newest.taken = newest.taken.saturating_add(1);
        newest.reserved = newest.reserved.saturating_add(u32::from(taken.from_reserve));
        Some(taken)
    }

    /// Puts a retry back where it was taken from; it is lost if that is forgotten
    /// by now.
    pub(super) fn give_back(&mut self, taken: Taken) {
        if let Some(slice) = self.slice(taken.at) {
            slice.taken = slice.taken.saturating_sub(1);
        }
        let Some(slice) = self.slice(taken.slice) else {
            return;
        };
        if taken.from_reserve {
            slice.reserved = slice.reserved.saturating_sub(1);
        } else {
            slice.earned = slice.earned.saturating_add(RETRY);
        }
    }

    /// The slice of this number, if it is not forgotten.
    fn slice(&mut self, number: u64) -> Option<&mut Slice> {
        let age = self.newest.saturating_sub(number);
        self.slices.get_mut(usize::try_from(age).ok()?)
    }

    /// Whole retries that can be taken now.
    pub(super) fn left(&mut self, reserve: u32, now: Duration) -> u64 {
        self.advance(now);
        let reserve = u64::from(reserve).saturating_sub(self.reserved());
        reserve.saturating_add(self.earned() / RETRY)
    }

    /// Makes the newest slice the one that holds `now`, or leaves it if that is
    /// past.
    fn advance(&mut self, now: Duration) {
        let at = now.as_secs() / SLICE.as_secs();
        let steps = at.saturating_sub(self.newest);
        if steps == 0 {
            return;
        }
        let steps = usize::try_from(steps).unwrap_or(SLICES).min(SLICES);
        self.slices.rotate_right(steps);
        self.slices
            .iter_mut()
            .take(steps)
            .for_each(|slice| *slice = Slice::default());
        self.newest = at;
    }

    /// Takes so much of what was earned, the oldest first.
    fn spend(&mut self, mut parts: u64) {
        for slice in self.slices.iter_mut().rev() {
            let part = slice.earned.min(parts);
            slice.earned -= part;
            parts -= part;
        }
    }

    /// The number of the oldest slice of which something is left.
    fn oldest_earned(&self) -> u64 {
        let age = self.slices.iter().rposition(|slice| slice.earned > 0);
        self.newest.saturating_sub(age.unwrap_or(0) as u64)
    }

    fn earned(&self) -> u64 {
        self.slices
            .iter()
            .map(|slice| slice.earned)
            .fold(0, u64::saturating_add)
    }

    fn taken(&self) -> u64 {
        self.slices.iter().map(|slice| u64::from(slice.taken)).sum()
    }

    fn reserved(&self) -> u64 {
        self.slices.iter().map(|slice| u64::from(slice.reserved)).sum()
    }
}
