//! How many files guests may have open: all together half of what the system lets
//! this process have, and each attempt a share of that. The other half is the
//! host's own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use rustix::process::{Resource, getrlimit};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::sandbox::stop::Stop;

/// As many as are of use to anybody; some systems set no bound.
const MOST: usize = 1 << 15;
/// The shares that there are, so that as many attempts as usually run at once
/// never wait for each other.
const SHARES: usize = 64;
/// The least and the most that one attempt may have open. Each file is open, and
/// each stream of one may keep a thread waiting for a disk.
const SHARE: (usize, usize) = (8, 128);

static ALL: LazyLock<usize> = LazyLock::new(|| {
    let limit = getrlimit(Resource::Nofile).current;
    let limit = limit.and_then(|limit| usize::try_from(limit / 2).ok());
    limit.unwrap_or(MOST).clamp(1, MOST)
});
static SLOTS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(*ALL)));

/// What an attempt has open.
#[derive(Debug, Clone, Default)]
pub(super) struct Slots {
    taken: Arc<AtomicUsize>,
}

/// A file, or a stream of one, that a guest has open. Dropped when it is closed.
#[derive(Debug)]
pub(super) struct Slot {
    taken: Arc<AtomicUsize>,
    /// One of those that there are for all. A stream has none: it shares its file's.
    _permit: Option<OwnedSemaphorePermit>,
}

impl Slots {
    /// Waits until one more file may be open.
    ///
    /// # Errors
    /// If the attempt has as many as it may.
    pub(super) async fn file(&self) -> Result<Slot, Stop> {
        let mut slot = self.stream()?;
        // None only if it were closed, which nobody does.
        slot._permit = SLOTS.clone().acquire_owned().await.ok();
        Ok(slot)
    }

    /// One more stream of a file that is open.
    ///
    /// # Errors
    /// As for a file.
    pub(super) fn stream(&self) -> Result<Slot, Stop> {
        let slot = Slot {
            taken: self.taken.clone(),
            _permit: None,
        };
        let share = (*ALL / SHARES).clamp(SHARE.0, SHARE.1);
        match self.taken.fetch_add(1, Ordering::Relaxed) < share {
            true => Ok(slot),
            false => Err(Stop::OpenFiles { limit: share as u64 }),
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_closed_can_be_opened_again_and_no_more_than_the_share() {
        let slots = Slots::default();
        let mut held = vec![Arc::new(slots.file().await.unwrap())];
        while let Ok(slot) = slots.stream() {
            held.push(Arc::new(slot));
        }
        assert!(held.len() >= SHARE.0 && held.len() <= SHARE.1);
        assert!(slots.file().await.is_err());
        held.pop();
        slots.file().await.unwrap();
    }
}
