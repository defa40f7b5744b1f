//! Laying the three layers over each other: the closest wins, key by key.

use serde_json::{Map, Value};

use super::written::lay_over;
use fusebox::config::{PolicyRules, settings_under};
use fusebox_yaml::{KeyPath, Step};

/// What an instance may say otherwise than its agent, and the agent otherwise
/// than the defaults.
const OF_INSTANCES: [&str; 4] = ["limits", "grants", "retry", "policy"];
/// What an agent may say otherwise than the defaults.
const OF_AGENTS: [&str; 3] = ["breaker", "isolation", "degradation"];
/// What an upstream may say otherwise than the defaults.
const OF_UPSTREAMS: [&str; 2] = ["breaker", "policy"];
/// What an instance may say otherwise than its agent: names that only the
/// plugin knows, so a value is replaced as a whole.
const OPAQUE: [&str; 2] = ["settings", "secrets"];

/// The paths at which the value of a key may be said, the closest first.
pub(super) fn chain(path: &KeyPath) -> Vec<KeyPath> {
    let mut chain = vec![path.clone()];
    let steps = path.steps();
    let key = |at: usize| match steps.get(at) {
        Some(Step::Key(key)) => Some(key.as_str()),
        _ => None,
    };
    let with = |above: &[&str], from: usize| {
        let rest = steps.get(from..).unwrap_or_default().iter().cloned();
        KeyPath::of(above.iter().copied())
            .steps()
            .iter()
            .cloned()
            .chain(rest)
            .collect()
    };
    match (key(0), key(1), key(2), key(3), key(4)) {
        (Some("agents"), Some(agent), Some("instances"), Some(_), Some(section)) => {
            if OF_INSTANCES.contains(&section) || OPAQUE.contains(&section) {
                chain.push(with(&["agents", agent], 4));
            }
            if OF_INSTANCES.contains(&section) {
                chain.push(with(&["defaults"], 4));
            }
        }
        (Some("agents"), Some(_), Some(section), ..)
            if OF_INSTANCES.contains(&section) || OF_AGENTS.contains(&section) =>
        {
            chain.push(with(&["defaults"], 2));
        }
        (Some("upstreams"), Some(_), Some(section), ..) if OF_UPSTREAMS.contains(&section) => {
            chain.push(with(&["defaults"], 2));
        }
        _ => {}
    }
    chain
}

/// The same document with all layers laid over each other: every instance,
/// agent and upstream says all that holds for it, and every agent has an
/// instance.
pub(super) fn resolve(written: &Value) -> Value {
    let mut resolved = written.clone();
    let names = |path: &KeyPath| path.get(written).and_then(Value::as_object).map(Map::keys);
    let agents = KeyPath::of(["agents"]);
    for name in names(&agents).into_iter().flatten() {
        let agent = agents.key(name);
        put_sections(&mut resolved, written, &agent, &OF_AGENTS);
        put_sections(&mut resolved, written, &agent, &OF_INSTANCES);
        let instances = agent.key("instances");
        let mut ids: Vec<_> = names(&instances)
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        if ids.is_empty() {
            ids.push("default");
        }
        for id in ids {
            put_sections(&mut resolved, written, &instances.key(id), &OF_INSTANCES);
            put_sections(&mut resolved, written, &instances.key(id), &OPAQUE);
        }
    }
    let upstreams = KeyPath::of(["upstreams"]);
    for name in names(&upstreams).into_iter().flatten() {
        put_sections(&mut resolved, written, &upstreams.key(name), &OF_UPSTREAMS);
    }
    resolved
}

fn put_sections(resolved: &mut Value, written: &Value, owner: &KeyPath, sections: &[&str]) {
    for section in sections {
        let path = owner.key(*section);
        let mut value = Map::new();
        for layer in chain(&path)
            .iter()
            .rev()
            .filter_map(|path| path.get(written)?.as_object())
        {
            if *section == "policy" {
                forget_settings_of_others(&mut value, layer);
            }
            if OPAQUE.contains(section) {
                value = settings_under(&value, layer);
            } else {
                let mut below = Value::Object(value);
                lay_over(&mut below, &Value::Object(layer.clone()));
                value = below.as_object().cloned().unwrap_or_default();
            }
        }
        put(resolved, &path, Value::Object(value));
    }
}

/// Takes out the settings of policies for which a closer layer names others:
/// they would mean nothing to those.
fn forget_settings_of_others(below: &mut Map<String, Value>, layer: &Map<String, Value>) {
    for kind in PolicyRules::KINDS {
        let named = layer.get(kind);
        if named.is_some_and(|policy| below.get(kind) != Some(policy)) {
            below.remove(&format!("{kind}_settings"));
        }
    }
}

/// Puts a value at a path, with the mappings that it takes.
fn put(root: &mut Value, path: &KeyPath, value: Value) {
    let mut at = root;
    for key in path.keys() {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Value::Object(map) = at else { return };
        at = map.entry(key).or_insert(Value::Null);
    }
    *at = value;
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn paths(path: &str) -> Vec<String> {
        chain(&path.parse().unwrap())
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn each_key_has_its_layers() {
        assert_eq!(
            paths("agents.a.instances.b.limits.memory"),
            [
                "agents.a.instances.b.limits.memory",
                "agents.a.limits.memory",
                "defaults.limits.memory"
            ]
        );
        assert_eq!(
            paths("agents.a.instances.b.settings.x"),
            ["agents.a.instances.b.settings.x", "agents.a.settings.x"]
        );
        assert_eq!(
            paths("agents.a.breaker.mode"),
            ["agents.a.breaker.mode", "defaults.breaker.mode"]
        );
        assert_eq!(
            paths("upstreams.u.breaker"),
            ["upstreams.u.breaker", "defaults.breaker"]
        );
        assert_eq!(paths("session.max_parallel"), ["session.max_parallel"]);
    }

    #[test]
    fn the_settings_of_one_policy_are_not_handed_to_another() {
        let policy =
            |retry: &str, settings: Value| json!({"policy": {"retry": retry, "retry_settings": settings}});
        let resolved = resolve(&json!({
            "defaults": policy("a.wasm", json!({"x": 1})),
            "agents": {"same": policy("a.wasm", json!({"y": 2})), "other": policy("b.wasm", json!({"y": 2}))},
        }));
        let settings = |agent: &str| {
            resolved["agents"][agent]["instances"]["default"]["policy"]["retry_settings"].clone()
        };
        assert_eq!(settings("same"), json!({"x": 1, "y": 2}));
        assert_eq!(settings("other"), json!({"y": 2}));
    }

    #[test]
    fn the_closest_layer_wins_and_settings_are_replaced_whole() {
        let written = json!({
            "defaults": {"limits": {"memory": "32MiB", "fuel": 10}},
            "agents": {"a": {
                "limits": {"fuel": 20},
                "settings": {"depth": 1, "style": {"tone": "dry", "length": 3}},
                "instances": {"one": {}, "two": {"limits": {"fuel": 30}, "settings": {"style": {"tone": "warm"}}}},
            }, "b": {}},
        });
        let resolved = resolve(&written);
        let at = |path: &str| {
            path.parse::<KeyPath>()
                .unwrap()
                .get(&resolved)
                .cloned()
                .unwrap_or_default()
        };
        assert_eq!(
            at("agents.a.instances.one.limits"),
            json!({"memory": "32MiB", "fuel": 20})
        );
        assert_eq!(
            at("agents.a.instances.two.limits"),
            json!({"memory": "32MiB", "fuel": 30})
        );
        assert_eq!(
            at("agents.a.instances.two.settings"),
            json!({"depth": 1, "style": {"tone": "warm"}})
        );
        assert_eq!(at("agents.b.instances.default.limits.fuel"), json!(10));
    }
}
