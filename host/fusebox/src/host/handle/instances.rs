//! What can be seen of the instances of a session, and ordered of them.

use std::sync::Arc;
use std::time::Duration;

use super::Handle;
use crate::report::PatternEntry;
use crate::session::{InstanceError, Instances};
use fusebox_events::{InstanceView, QuarantineView};
use fusebox_runtime::sandbox::SessionContext;

impl Handle {
    /// The session's instances, each with how it is doing.
    pub fn instances(&self) -> &Instances {
        &self.instances
    }

    /// The instances that are out of their pools.
    pub fn quarantined(&self) -> Vec<QuarantineView> {
        self.instances.quarantined()
    }

    /// Asks an instance whether it is well, beside its work, and says how it is
    /// doing after that. Blocks for at most `health_timeout`, so it must not be
    /// called from asynchronous code.
    ///
    /// # Errors
    /// If there is no such agent or instance, or the session is over.
    pub fn check_health(&self, agent: &str, instance: &str) -> Result<InstanceView, InstanceError> {
        let found = self.instances.find(agent, instance)?;
        // The threads of guests may be gone once the session is over.
        let _session = self.events.upgrade().ok_or(InstanceError::Over)?;
        if let Some(check) = found.pool.check(found.id) {
            let outside = Arc::new(SessionContext::unheard(self.cancellation.session().child_token()));
            let made = found.pool.make(check, &found.agent, &outside, drawn());
            self.tell(self.guests.block_on(made));
        }
        self.instances.show(agent, instance)
    }

    /// Takes an instance out of its pool, for a time or for as long as the rules
    /// say, and says how it is after that. What it has begun goes on; nothing is
    /// begun on it. The session's readers are told; blocks while they are behind.
    ///
    /// # Errors
    /// If there is no such agent or instance, or its pool needs it.
    pub fn quarantine(
        &self,
        agent: &str,
        instance: &str,
        time: Option<Duration>,
        why: &str,
    ) -> Result<InstanceView, InstanceError> {
        let of = (agent, instance);
        self.tell(self.instances.quarantine(of, (time, why), drawn())?);
        self.instances.show(agent, instance)
    }

    /// Brings an instance back into its pool and forgets its quarantines; nothing
    /// happens to one that is in it. The session's readers are told; blocks while
    /// they are behind.
    ///
    /// # Errors
    /// If there is no such agent or instance.
    pub fn release(&self, agent: &str, instance: &str) -> Result<InstanceView, InstanceError> {
        self.tell(self.instances.release(agent, instance)?);
        self.instances.show(agent, instance)
    }

    /// Patterns among the failures so far, as of the last events that were taken.
    pub fn patterns(&self) -> Vec<PatternEntry> {
        self.lock().patterns()
    }

    /// Makes the pools those of the agents as they are now.
    pub(in crate::host) fn reload_instances(&self) {
        self.tell(self.instances.reload());
    }
}

/// For jitter. An order is not part of what a session's seed repeats.
fn drawn() -> u64 {
    getrandom::u64().unwrap_or(0)
}
