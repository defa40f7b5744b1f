//! Who decides: the built-in policies, or somebody's component.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What stands for the host's own policy.
const BUILT_IN: &str = "built-in";

/// Who decides, where the host asks a policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PolicyRules {
    /// Who decides about retries: `built-in`, or the path of a component, such
    /// as `./fibonacci.wasm`. The built-in one needs no file and cannot fail.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub retry: String,
    /// What the retry policy's component is told; it alone knows what may
    /// stand here.
    pub retry_settings: Map<String, Value>,
    /// Who judges a breaker, of an agent or an upstream: `built-in`, or the path
    /// of a component. An instance has no breaker of its own.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub breaker: String,
    /// What the breaker policy's component is told.
    pub breaker_settings: Map<String, Value>,
    /// Who judges whether an instance leaves its pool: `built-in`, or the path
    /// of a component. It judges the whole pool of an agent.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub isolation: String,
    /// What the isolation policy's component is told.
    pub isolation_settings: Map<String, Value>,
    /// Who says what a task comes to when its retries have ended without a
    /// result: `built-in`, or the path of a component. It chooses among what
    /// `degradation` allows, for all instances of an agent.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub degradation: String,
    /// What the degradation policy's component is told.
    pub degradation_settings: Map<String, Value>,
}

impl Default for PolicyRules {
    fn default() -> Self {
        Self {
            retry: BUILT_IN.into(),
            retry_settings: Map::new(),
            breaker: BUILT_IN.into(),
            breaker_settings: Map::new(),
            isolation: BUILT_IN.into(),
            isolation_settings: Map::new(),
            degradation: BUILT_IN.into(),
            degradation_settings: Map::new(),
        }
    }
}

/// A component's path, if one decides, and what it is told.
pub type PolicyChoice<'a> = (Option<PathBuf>, &'a Map<String, Value>);

impl PolicyRules {
    /// The kinds of policies: each has its key, and `<key>_settings`.
    pub const KINDS: [&'static str; 4] = ["retry", "breaker", "isolation", "degradation"];

    /// Who decides about retries.
    pub fn retry(&self) -> PolicyChoice<'_> {
        (component(&self.retry), &self.retry_settings)
    }

    /// Who judges a breaker.
    pub fn breaker(&self) -> PolicyChoice<'_> {
        (component(&self.breaker), &self.breaker_settings)
    }

    /// Who judges whether an instance leaves its pool.
    pub fn isolation(&self) -> PolicyChoice<'_> {
        (component(&self.isolation), &self.isolation_settings)
    }

    /// Who says what a task without a result comes to.
    pub fn degradation(&self) -> PolicyChoice<'_> {
        (component(&self.degradation), &self.degradation_settings)
    }

    /// The files of all components.
    pub fn components(&self) -> impl Iterator<Item = PathBuf> {
        [&self.retry, &self.breaker, &self.isolation, &self.degradation]
            .into_iter()
            .filter_map(|file| component(file))
    }

    /// The same with paths that start at folders, which are asked for by key.
    pub fn based(mut self, base: impl Fn(&str) -> PathBuf) -> Self {
        for (key, file) in [
            ("retry", &mut self.retry),
            ("breaker", &mut self.breaker),
            ("isolation", &mut self.isolation),
            ("degradation", &mut self.degradation),
        ] {
            if let Some(path) = component(file) {
                *file = base(key).join(path).display().to_string();
            }
        }
        self
    }
}

/// A component's path; none if the built-in policy decides.
fn component(file: &str) -> Option<PathBuf> {
    (file != BUILT_IN).then(|| Path::new(file).to_owned())
}
