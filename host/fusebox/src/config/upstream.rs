//! An outside service that agents call: what is said of it, when its breaker
//! opens, and who judges that.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::PolicyRules;
use fusebox_resilience::breaker::BreakerRules;
use fusebox_secrets::SecretRef;
use fusebox_upstream::rules::UpstreamRules;

/// An outside service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// Where it is, what may be asked of it, how much and how fast.
    #[serde(flatten)]
    pub rules: UpstreamRules,
    /// When its breaker opens and closes.
    #[serde(default)]
    pub breaker: BreakerRules,
    /// Who judges its breaker: `policy.breaker`.
    #[serde(default)]
    pub policy: PolicyRules,
}

impl Upstream {
    /// The same with paths that start at folders, which are asked for by the keys
    /// below this section.
    pub fn based(mut self, base: impl Fn(&[&str]) -> PathBuf) -> Self {
        if let Some(file) = &mut self.rules.ca_file {
            *file = base(&["ca_file"]).join(&file);
        }
        for (name, rule) in &mut self.rules.headers {
            if let Some(SecretRef::File(file)) = &mut rule.secret {
                *file = base(&["headers", name, "secret"]).join(&file);
            }
        }
        self.policy = self.policy.based(|key| base(&["policy", key]));
        self
    }
}

#[cfg(test)]
mod tests;
