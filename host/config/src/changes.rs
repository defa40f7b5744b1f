//! What became of a configuration: each key whose value is another one now.

use serde_json::Value;

use super::vocabulary::Vocabulary;
use fusebox_yaml::KeyPath;

/// Most changes that are listed.
const MOST: usize = 100;
/// Longest value that is shown, in characters.
const SHOWN: usize = 60;
/// What a session has been made of when it begins.
const LATER: [&[&str]; 3] = [&["boards"], &["log"], &["session", "seed"]];

/// A line for each change, in the order of the keys.
pub(super) fn changes(before: &Value, after: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    compare(&KeyPath::default(), Some(before), Some(after), &mut lines);
    if lines.len() > MOST {
        let more = lines.len() - MOST;
        lines.truncate(MOST);
        lines.push(format!("and {more} more"));
    }
    lines
}

fn compare(path: &KeyPath, before: Option<&Value>, after: Option<&Value>, lines: &mut Vec<String>) {
    if before == after {
        return;
    }
    if let Some(line) = came_or_went(path, before, after) {
        lines.push(line);
        return;
    }
    let maps = [before, after].map(|value| value.and_then(Value::as_object));
    let is_leaf = |value: Option<&Value>| value.is_some_and(|value| !value.is_object());
    if is_leaf(before) || is_leaf(after) {
        lines.extend(line(path, before, after));
        return;
    }
    let keys: std::collections::BTreeSet<_> = maps.iter().flatten().flat_map(|map| map.keys()).collect();
    for key in keys {
        let [before, after] = maps.map(|map| map.and_then(|map| map.get(key)));
        compare(&path.key(key), before, after, lines);
    }
}

/// What has a name of its own has come or gone as a whole.
fn came_or_went(path: &KeyPath, before: Option<&Value>, after: Option<&Value>) -> Option<String> {
    let holder = path.parent()?;
    let named = ["agents", "instances", "upstreams"].contains(holder.keys().last()?);
    match (before, after) {
        (None, Some(_)) if named => Some(format!("{path}: added")),
        (Some(_), None) if named => Some(format!("{path}: removed")),
        _ => None,
    }
}

/// The line for one key; none if it comes to the same.
fn line(path: &KeyPath, before: Option<&Value>, after: Option<&Value>) -> Option<String> {
    let word = Vocabulary::get().word(path);
    let [before, after] = [before, after].map(|value| value.or_else(|| word?.default()));
    let unit = word.and_then(|word| word.range()).map(|(unit, ..)| unit);
    let amount = |value: Option<&Value>| unit?.read(value?.as_str()?);
    if before == after || (amount(before).is_some() && amount(before) == amount(after)) {
        return None;
    }
    let show = |value: Option<&Value>| match value {
        None => "nothing".to_owned(),
        Some(Value::String(text)) => shorten(text),
        Some(value) => shorten(&value.to_string()),
    };
    let later = LATER.iter().any(|later| path.keys().starts_with(later));
    let when = if later { " (from the next session on)" } else { "" };
    Some(format!("{path}: {} -> {}{when}", show(before), show(after)))
}

fn shorten(text: &str) -> String {
    let shown: String = text.chars().take(SHOWN).collect();
    let cut = if shown.len() < text.len() { "…" } else { "" };
    format!("{}{cut}", fusebox_types::failure::printable(&shown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_key_that_differs_is_named_with_both_values() {
        let before = json!({"session": {"max_parallel": 4, "seed": 7}, "agents": {"a": {"limits": {"memory": "32MiB"}}}});
        let after = json!({"agents": {"a": {"limits": {"fuel": 7}}}, "log": {"level": "info"}});
        assert_eq!(
            changes(&before, &after),
            [
                "agents.a.limits.fuel: 5000000000 -> 7",
                "agents.a.limits.memory: 32MiB -> 64MiB",
                "log.level: warn -> info (from the next session on)",
                "session.max_parallel: 4 -> 64",
                "session.seed: 7 -> nothing (from the next session on)",
            ]
        );
        assert!(changes(&before, &before).is_empty());
    }

    #[test]
    fn what_comes_to_the_same_is_no_change_and_what_has_a_name_comes_and_goes() {
        let before = json!({"agents": {"a": {"instances": {"x": {}}, "limits": {"cpu": "60s"}}}});
        let after = json!({"session": {"max_parallel": 64}, "agents": {"a": {"instances": {"y": {"limits": {"fuel": 1}}}, "limits": {"cpu": "1m"}}, "b": {}}});
        let expected = [
            "agents.a.instances.x: removed",
            "agents.a.instances.y: added",
            "agents.b: added",
        ];
        assert_eq!(changes(&before, &after), expected);
    }
}
