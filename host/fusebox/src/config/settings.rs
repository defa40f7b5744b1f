//! Settings of plugins, laid over each other.

use serde_json::{Map, Value};

/// Settings with others laid over them, key by key at the top level: a nested
/// value is replaced as a whole, because only the plugin knows what it means.
pub fn settings_under(base: &Map<String, Value>, top: &Map<String, Value>) -> Map<String, Value> {
    let mut merged = base.clone();
    merged.extend(top.iter().map(|(key, value)| (key.clone(), value.clone())));
    merged
}
