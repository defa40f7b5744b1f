//! Policies from the outside: tried without a session.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::Host;
use crate::plugin::{LoadError, Policy, PolicyUse};
use crate::rehearsal::{self, Invariant, Scenario, Step};

impl Host {
    /// Makes a policy ready.
    ///
    /// # Errors
    /// If the file cannot be read or is no policy that this host runs.
    pub fn load_policy(&self, path: &Path) -> Result<Arc<Policy>, LoadError> {
        Policy::load(&self.engine, path).map(Arc::new)
    }

    /// What a policy, or the built-in one, would decide about a row of failures.
    pub fn simulate(
        &self,
        policy: Option<&Arc<Policy>>,
        settings: &Map<String, Value>,
        scenario: &Scenario,
    ) -> Vec<Step> {
        let policy = policy.map(|policy| PolicyUse::new(policy.clone(), settings));
        self.guests.block_on(rehearsal::simulate(policy, scenario))
    }

    /// Whether a policy keeps the rules, whatever it is told.
    pub fn check_policy(&self, policy: &Arc<Policy>, settings: &Map<String, Value>) -> Vec<Invariant> {
        let policy = PolicyUse::new(policy.clone(), settings);
        self.guests.block_on(rehearsal::check(policy))
    }
}
