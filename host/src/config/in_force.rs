//! What is read and checked, and does nothing yet: said, so that nobody relies
//! on it.

use super::fault::Fault;
use super::key::KeyPath;
use super::vocabulary::Vocabulary;
use super::written::Written;

/// Sections and keys of a layer that nothing acts on yet, and what that means.
const NOT_YET: &[(&[&str], &str)] = &[(&["grants", "files"], "no plugin reaches a file")];

/// A warning for each key that says something other than the default and that
/// nothing acts on in this version.
pub(super) fn warnings(written: &Written) -> Vec<Fault> {
    let mut found = Vec::new();
    for layer in layers(written) {
        for (keys, meaning) in NOT_YET {
            let path = keys.iter().fold(layer.clone(), |path, key| path.key(*key));
            if says_something(written, &path) {
                found.push(warning(written, path, meaning));
            }
        }
    }
    found
}

fn warning(written: &Written, path: KeyPath, meaning: &str) -> Fault {
    Fault {
        origin: written.origin_of_key(&path),
        key: Some(path),
        message: format!("is checked and not in force in this version: {meaning}"),
    }
}

/// The defaults, every agent, every instance.
fn layers(written: &Written) -> Vec<KeyPath> {
    let below = |path: &KeyPath| {
        let map = path.get(&written.value).and_then(serde_json::Value::as_object);
        let path = path.clone();
        map.into_iter()
            .flat_map(|map| map.keys())
            .map(move |key| path.key(key))
            .collect::<Vec<_>>()
    };
    let agents = below(&KeyPath::of(["agents"]));
    let instances: Vec<_> = agents
        .iter()
        .flat_map(|agent| below(&agent.key("instances")))
        .collect();
    [vec![KeyPath::of(["defaults"])], agents, instances].concat()
}

/// Whether anything at or below a path is other than its default.
fn says_something(written: &Written, path: &KeyPath) -> bool {
    let Some(value) = path.get(&written.value) else {
        return false;
    };
    match value {
        serde_json::Value::Object(map) => map.keys().any(|key| says_something(written, &path.key(key))),
        serde_json::Value::Array(items) => !items.is_empty(),
        value => {
            let default = Vocabulary::get().word(path).and_then(|word| word.default());
            default != Some(value) && !is_as_much(path, value, default)
        }
    }
}

/// Whether two texts come to the same quantity: `60s` and `1m`.
fn is_as_much(path: &KeyPath, value: &serde_json::Value, default: Option<&serde_json::Value>) -> bool {
    let Some((unit, ..)) = Vocabulary::get().word(path).and_then(|word| word.range()) else {
        return false;
    };
    let amount = |value: &serde_json::Value| unit.read(value.as_str()?);
    amount(value).is_some() && amount(value) == default.and_then(amount)
}
