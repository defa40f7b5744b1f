//! Laying one layer over another: the closest wins, key by key.

use serde_json::{Map, Value};

use super::schema::{Layer, LimitsEntry, RetryEntry};

macro_rules! over {
    ($top:expr, $base:expr, $kind:ident { $($field:ident),* $(,)? }) => {
        $kind { $($field: $top.$field.or($base.$field)),* }
    };
}

impl Layer {
    /// This layer's limits and retry rules with another's laid over them.
    pub(super) fn under(&self, limits: &LimitsEntry, retry: &RetryEntry) -> Layer {
        Layer {
            limits: over!(
                limits,
                self.limits,
                LimitsEntry {
                    fuel,
                    cpu,
                    deadline,
                    memory,
                    table_elements,
                    handles,
                    host_calls,
                    host_bytes,
                    input,
                    output,
                    log,
                }
            ),
            retry: over!(
                retry,
                self.retry,
                RetryEntry {
                    max_attempts,
                    base,
                    max_delay
                }
            ),
        }
    }
}

/// Settings with others laid over them, key by key at the top level: a nested
/// value is replaced as a whole, because only the plugin knows what it means.
pub(crate) fn settings_under(base: &Map<String, Value>, top: &Map<String, Value>) -> Map<String, Value> {
    let mut merged = base.clone();
    merged.extend(top.iter().map(|(key, value)| (key.clone(), value.clone())));
    merged
}
