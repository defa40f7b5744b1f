//! The files that all guests together may have open: half of what the system lets
//! this process have. The other half is the host's own.

use std::sync::{Arc, LazyLock};

use rustix::process::{Resource, getrlimit};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// As many as are of use to anybody; some systems set no bound.
const MOST: u64 = 1 << 16;

static SLOTS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(MOST).min(MOST);
    Arc::new(Semaphore::new(usize::try_from(limit / 2).unwrap_or(0).max(1)))
});

/// A file that a guest has open. Dropped when it is closed.
#[derive(Debug)]
pub(super) struct Slot {
    _permit: Option<OwnedSemaphorePermit>,
}

/// Waits until one more file may be open.
pub(super) async fn slot() -> Slot {
    Slot {
        // None only if it were closed, which nobody does.
        _permit: SLOTS.clone().acquire_owned().await.ok(),
    }
}
