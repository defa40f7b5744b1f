//! The workers of a session: as many as tasks may be under way at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::scheduler::Next;
use super::shared::Shared;

/// As many workers as tasks may be under way at once, whatever that is now.
pub(super) struct Workers {
    shared: Arc<Shared>,
    tasks: JoinSet<(usize, Left)>,
    /// The places that have no worker. A worker whose place is not below the
    /// limit leaves after its task.
    free: BTreeSet<usize>,
    places: usize,
}

/// Why a worker has left.
#[derive(PartialEq, Eq)]
enum Left {
    /// All tasks are settled.
    Over,
    /// It was one too many.
    Unwanted,
}

impl Workers {
    /// None yet.
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            tasks: JoinSet::new(),
            free: BTreeSet::new(),
            places: 0,
        }
    }

    /// Has them carry the tasks on until all are settled.
    pub(super) async fn run(mut self) {
        self.fill();
        loop {
            tokio::select! {
                left = self.tasks.join_next() => match left {
                    None => return,
                    Some(Ok((place, Left::Unwanted))) => {
                        self.free.insert(place);
                        // The limit may have been raised again meanwhile.
                        self.fill();
                    }
                    Some(_) => {}
                },
                () = self.shared.executor.live.changed() => {
                    self.shared.executor.outside.gateway.reloaded();
                    self.shared.scheduler.rouse();
                    self.fill();
                }
            }
        }
    }

    /// Puts a worker to every place that is wanted and free.
    fn fill(&mut self) {
        let wanted = self
            .shared
            .executor
            .live
            .max_parallel()
            .min(self.shared.executor.graph.len());
        self.free.extend(self.places..wanted);
        self.places = self.places.max(wanted);
        while let Some(place) = self.free.first().copied().filter(|place| *place < wanted) {
            self.free.remove(&place);
            self.tasks.spawn(work(self.shared.clone(), place));
        }
    }
}

/// Takes one task after the other until all are settled, or this worker is one
/// too many.
async fn work(shared: Arc<Shared>, place: usize) -> (usize, Left) {
    let mut outbox = shared.outbox();
    let wanted = || place < shared.executor.live.max_parallel();
    loop {
        match shared.scheduler.next(wanted).await {
            Next::Task(ready) => shared.carry_on(ready, &mut outbox).await,
            Next::Leave => return (place, Left::Unwanted),
            Next::Over => return (place, Left::Over),
        }
        // A worker whose guests never wait would keep its thread for ever, and
        // the timers of the others with it.
        tokio::task::consume_budget().await;
    }
}
