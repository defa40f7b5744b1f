//! Policies from the outside: tried without a session.

use std::path::Path;

use serde_json::{Map, Value};

use super::Host;
use crate::agents::LoadError;
use crate::simulation::{self, DegradationScenario, DegradationStep, Invariant, Scenario, Step};
use fusebox_runtime::plugin::{AnyPolicy, OfKind, PolicyUse};

impl Host {
    /// Makes a policy ready.
    ///
    /// # Errors
    /// If the file cannot be read or is no policy that this host runs.
    pub fn load_policy(&self, path: &Path) -> Result<AnyPolicy, LoadError> {
        AnyPolicy::load(&self.engine, path).map_err(|error| LoadError::of_plugin("", error))
    }

    /// What a retry policy, or the built-in one, would decide about a row of
    /// failures. None if the policy decides about something else.
    pub fn simulate(
        &self,
        policy: Option<&AnyPolicy>,
        settings: &Map<String, Value>,
        scenario: &Scenario,
    ) -> Option<Vec<Step>> {
        let policy = match policy.map(|policy| &policy.0) {
            None => None,
            Some(OfKind::Retry(policy)) => Some(PolicyUse::new(policy.clone(), settings)),
            Some(OfKind::Breaker(_) | OfKind::Isolation(_) | OfKind::Degradation(_)) => return None,
        };
        Some(self.guests.block_on(simulation::simulate(policy, scenario)))
    }

    /// What a degradation policy, or the built-in order, would try in the place of
    /// tasks that fail one after the other. None if the policy decides about
    /// something else.
    pub fn simulate_degradation(
        &self,
        policy: Option<&AnyPolicy>,
        settings: &Map<String, Value>,
        scenario: &DegradationScenario,
    ) -> Option<Vec<DegradationStep>> {
        let policy = match policy.map(|policy| &policy.0) {
            None => None,
            Some(OfKind::Degradation(policy)) => Some(PolicyUse::new(policy.clone(), settings)),
            Some(OfKind::Retry(_) | OfKind::Breaker(_) | OfKind::Isolation(_)) => return None,
        };
        Some(self.guests.block_on(simulation::degrade(policy, scenario)))
    }

    /// Whether a policy keeps the rules, whatever it is told.
    pub fn check_policy(&self, policy: &AnyPolicy, settings: &Map<String, Value>) -> Vec<Invariant> {
        match &policy.0 {
            OfKind::Retry(policy) => {
                let policy = PolicyUse::new(policy.clone(), settings);
                self.guests.block_on(simulation::check_retry(policy))
            }
            OfKind::Breaker(policy) => {
                let policy = PolicyUse::new(policy.clone(), settings);
                self.guests.block_on(simulation::check_breaker(policy))
            }
            OfKind::Isolation(policy) => {
                let policy = PolicyUse::new(policy.clone(), settings);
                self.guests.block_on(simulation::check_isolation(policy))
            }
            OfKind::Degradation(policy) => {
                let policy = PolicyUse::new(policy.clone(), settings);
                self.guests.block_on(simulation::check_degradation(policy))
            }
        }
    }
}
