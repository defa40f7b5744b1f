//! Health checks beside the work of a session, each when it is due.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::instances::Instances;
use fusebox_events::{Event, Outbox};
use fusebox_runtime::sandbox::SessionContext;

/// The longest time between two looks at what is due: so soon a reload that asks
/// more often is heard.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The shortest: checks never cost more than a small part of a core.
const LOOK_AT_MOST_EVERY: Duration = Duration::from_millis(10);

/// Makes health checks until it is dropped.
pub(super) struct Checks {
    instances: Instances,
    /// Of the checks: nobody hears what a guest says in one.
    outside: Arc<SessionContext>,
    outbox: Outbox,
    seed: u64,
    made: u32,
}

impl Checks {
    pub(super) fn new(instances: Instances, session: &SessionContext, seed: u64) -> Self {
        let cancel = session.cancel.session().child_token();
        Self {
            instances,
            outside: Arc::new(SessionContext::unheard(cancel)),
            outbox: Outbox::new(session.events.clone()),
            seed,
            made: 0,
        }
    }

    pub(super) async fn run(mut self) -> Infallible {
        // Dropped with this, and what they hold with them.
        let mut under_way = JoinSet::new();
        loop {
            let every = self.instances.shortest_interval().unwrap_or(LOOK_EVERY);
            tokio::select! {
                () = tokio::time::sleep(every.clamp(LOOK_AT_MOST_EVERY, LOOK_EVERY)) => {
                    self.begin(&mut under_way);
                }
                Some(ended) = under_way.join_next() => {
                    ended.unwrap_or_default().into_iter().for_each(|event| self.outbox.say(event));
                    self.outbox.flush().await;
                }
            }
        }
    }

    /// Begins what is due. A check that hangs is ended by its time, before the
    /// next one of its instance is due.
    fn begin(&mut self, under_way: &mut JoinSet<Vec<Event>>) {
        for (pool, agent, check) in self.instances.due() {
            self.made = self.made.wrapping_add(1);
            let random = fusebox_resilience::random(self.seed, u32::MAX, self.made);
            let outside = self.outside.clone();
            under_way.spawn(async move { pool.make(check, &agent, &outside, random).await });
        }
    }
}
