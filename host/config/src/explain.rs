//! Where a value comes from: the layer, the file and the line that said it, or
//! the default and why it is that.

use serde_json::Value;

use super::layers;
use super::origin::Origin;
use super::validate::did_you_mean;
use super::vocabulary::Vocabulary;
use super::written::Written;
use fusebox_types::failure::printable;
use fusebox_yaml::KeyPath;

/// What there is to say of one key.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The key that was asked about.
    pub key: KeyPath,
    /// The value that holds; none if there is none and no default.
    pub value: Option<Value>,
    /// Who said it; none if nobody did and it is the default.
    pub said: Option<Said>,
    /// Layers farther off that said something else and are not heard.
    pub unheard: Vec<Said>,
    /// What the key means, and why its default is what it is.
    pub meaning: String,
}

/// A layer that says something of a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// The key as the layer has it: `defaults.limits.memory`.
    pub layer: KeyPath,
    /// Where.
    pub origin: Origin,
    /// What.
    pub value: Value,
}

/// Explains a key, or each key below it.
///
/// # Errors
/// If there is no such key, agent or instance.
pub(super) fn explain(
    written: &Written,
    resolved: &Value,
    key: &KeyPath,
) -> Result<Vec<Explanation>, String> {
    let vocabulary = Vocabulary::get();
    check(vocabulary, resolved, key)?;
    let mut keys = vocabulary.leaves(key);
    // What only the plugin knows, and what has names of its own, is listed as
    // it is written.
    if let Some(Value::Object(map)) = key.get(resolved)
        && vocabulary.word(key).is_some_and(|word| word.keys().is_empty())
        && !map.is_empty()
    {
        keys = map
            .keys()
            .flat_map(|name| vocabulary.leaves(&key.key(name)))
            .collect();
    }
    Ok(keys.into_iter().map(|key| one(written, resolved, key)).collect())
}

fn one(written: &Written, resolved: &Value, key: KeyPath) -> Explanation {
    let word = Vocabulary::get().word(&key);
    let value = key.get(resolved).or_else(|| word?.default()).cloned();
    let said = |layer: KeyPath| {
        Some(Said {
            origin: written.origin(&layer)?,
            value: layer.get(&written.value)?.clone(),
            layer,
        })
    };
    let mut said = layers::chain(&key).into_iter().filter_map(said);
    let first = said.next();
    Explanation {
        unheard: said.collect(),
        said: first,
        value,
        meaning: word.map_or(String::new(), |word| word.meaning()),
        key,
    }
}

/// Whether there is such a key, and such an agent, instance or upstream.
fn check(vocabulary: &Vocabulary, resolved: &Value, key: &KeyPath) -> Result<(), String> {
    let mut at = KeyPath::default();
    for step in key.steps() {
        let known = vocabulary.word(&at).map_or(Vec::new(), |word| word.keys());
        let next = at.step(step.clone());
        if vocabulary.word(&next).is_none() {
            let near = did_you_mean(&step.to_string(), &known);
            let message = format!("there is no key `{next}`{near} (there are: {})", known.join(", "));
            return Err(printable(&message).into_owned());
        }
        let named = ["agents", "instances", "upstreams"].map(|holder| at.keys().last() == Some(&holder));
        if named.contains(&true) && next.get(resolved).is_none() {
            let names: Vec<_> = at
                .get(resolved)
                .and_then(Value::as_object)
                .map(|map| map.keys().map(String::as_str).collect())
                .unwrap_or_default();
            let near = did_you_mean(&step.to_string(), &names);
            let listed = if names.is_empty() {
                "none".into()
            } else {
                names.join(", ")
            };
            let message = format!("there is no `{next}`{near} (there are: {listed})");
            return Err(printable(&message).into_owned());
        }
        at = next;
    }
    Ok(())
}
