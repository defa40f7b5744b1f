//! What was read against the schema: everything that does not fit, at once.

use std::sync::LazyLock;

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::paths::{Location, LocationSegment};
use serde_json::Value;

use super::fault::Fault;
use super::vocabulary::{Vocabulary, Word};
use super::written::Written;
use fusebox_types::failure::printable;
use fusebox_yaml::{KeyPath, Step};

/// Longest text of the configuration that is shown in a message, in characters.
const SHOWN: usize = 60;

static VALIDATOR: LazyLock<Option<Validator>> =
    LazyLock::new(|| jsonschema::validator_for(Vocabulary::get().schema()).ok());

/// A fault, and the path of what cannot be used because of it.
pub(super) struct Misfit {
    pub(super) fault: Fault,
    pub(super) unusable: KeyPath,
}

/// Everything in the documents that does not fit the schema.
pub(super) fn misfits(written: &Written) -> Vec<Misfit> {
    let mut found = Vec::new();
    for error in VALIDATOR
        .iter()
        .flat_map(|validator| validator.iter_errors(&written.value))
    {
        let path = path_of(error.instance_path());
        match error.kind() {
            Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
                found.extend(unexpected.iter().map(|key| unknown(written, &path, key)));
            }
            Kind::Required { property } => found.push(missing(written, &path, property)),
            Kind::PropertyNames { error } => found.push(misnamed(written, &path, error.instance())),
            _ => found.push(misfit(written, path, error.instance())),
        }
    }
    out_of_range(written, &KeyPath::default(), &written.value, &mut found);
    found
}

fn path_of(location: &Location) -> KeyPath {
    let step = |segment| match segment {
        LocationSegment::Property(key) => Step::Key(key.into_owned()),
        LocationSegment::Index(index) => Step::Index(index),
    };
    location.iter().map(step).collect()
}

/// A key that there is not, and the one that was probably meant.
fn unknown(written: &Written, parent: &KeyPath, key: &str) -> Misfit {
    let path = parent.key(key);
    let known = Vocabulary::get()
        .word(parent)
        .map_or(Vec::new(), |word| word.keys());
    let meant = elsewhere(parent, key).unwrap_or_else(|| did_you_mean(key, &known));
    let message = format!(
        "there is no such key here{meant} (there are: {})",
        known.join(", ")
    );
    Misfit {
        fault: Fault {
            origin: written.origin_of_key(&path),
            key: Some(path.clone()),
            message,
        },
        unusable: path,
    }
}

/// Where a key that stands in the wrong place belongs: farther out, or one step
/// farther in.
fn elsewhere(parent: &KeyPath, key: &str) -> Option<String> {
    let vocabulary = Vocabulary::get();
    let takes = |path: &KeyPath| {
        vocabulary
            .word(path)
            .is_some_and(|word| word.keys().contains(&key))
    };
    let farther_out = std::iter::successors(parent.parent(), KeyPath::parent).find(takes);
    let farther_in = || {
        let sections = vocabulary.word(parent).map_or(Vec::new(), |word| word.keys());
        sections
            .into_iter()
            .map(|section| parent.key(section))
            .find(takes)
    };
    let path = farther_out.or_else(farther_in)?;
    Some(match path.steps() {
        [] => format!("; `{key}` is a section of its own"),
        _ => format!("; it is a key of `{path}`"),
    })
}

fn missing(written: &Written, parent: &KeyPath, property: &Value) -> Misfit {
    let path = parent.key(property.as_str().unwrap_or_default());
    let meaning = Vocabulary::get()
        .word(&path)
        .map_or(String::new(), |word| word.meaning());
    Misfit {
        fault: Fault {
            origin: written.origin_of_key(parent),
            message: format!("is missing; write it: {meaning}"),
            key: Some(path),
        },
        unusable: parent.clone(),
    }
}

fn misnamed(written: &Written, parent: &KeyPath, name: &Value) -> Misfit {
    let path = parent.key(name.as_str().unwrap_or_default());
    Misfit {
        fault: Fault {
            origin: written.origin_of_key(&path),
            key: Some(path.clone()),
            message: "a name has 1 to 64 of the characters a-z, 0-9 and `-`".into(),
        },
        unusable: path,
    }
}

/// A value that is not what its key takes.
fn misfit(written: &Written, path: KeyPath, found: &Value) -> Misfit {
    let word = Vocabulary::get().word(&path);
    let message = match word {
        Some(word) => not_what_is_expected(word, found),
        None => format!("{} cannot stand here", describe(found)),
    };
    let origin = match found {
        Value::Object(_) | Value::Array(_) => written.origin_of_key(&path),
        _ => written
            .origin(&path)
            .unwrap_or_else(|| written.origin_of_key(&path)),
    };
    Misfit {
        unusable: unusable_without(&path),
        fault: Fault {
            origin,
            // The file as a whole has no key.
            key: Some(path).filter(|path| !path.steps().is_empty()),
            message,
        },
    }
}

/// What cannot be used when a value cannot: what requires it, else itself.
fn unusable_without(path: &KeyPath) -> KeyPath {
    let (Some(parent), Some(Step::Key(key))) = (path.parent(), path.steps().last()) else {
        return path.clone();
    };
    match Vocabulary::get().word(&parent) {
        Some(word) if word.requires(key) => unusable_without(&parent),
        _ => path.clone(),
    }
}

fn not_what_is_expected(word: Word<'_>, found: &Value) -> String {
    let shown = match found {
        _ if word.is_sensitive() || holds_a_password(found) => "what stands here".into(),
        // `8` is not a number? The text `8` is not.
        Value::String(_) if !word.is_text() => format!("the text {}", describe(found)),
        _ => describe(found),
    };
    if found.is_null() {
        return format!("has no value; it takes {}", word.expected());
    }
    let near = match found {
        Value::String(text) => did_you_mean(text, &word.choices()),
        _ => String::new(),
    };
    format!("{shown} is not {}{near}", word.expected())
}

/// Quantities that are written well and are too small or too large.
fn out_of_range(written: &Written, path: &KeyPath, value: &Value, found: &mut Vec<Misfit>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                out_of_range(written, &path.key(key), value, found);
            }
        }
        Value::String(text) => {
            let range = Vocabulary::get().word(path).and_then(|word| word.range());
            let Some((unit, least, most)) = range else { return };
            let mut wrong = misfit(written, path.clone(), value);
            wrong.fault.message = match unit.read(text) {
                amount if amount.is_some() && amount < unit.read(least) => {
                    format!("{} is too little; it takes {least} to {most}", describe(value))
                }
                amount if amount.is_some() && amount > unit.read(most) => {
                    format!("{} is too much; it takes {least} to {most}", describe(value))
                }
                Some(_) => return,
                // Also what has a unit and more digits than can be counted; what has
                // none has been said by the schema in the same words.
                None => wrong.fault.message,
            };
            found.push(wrong);
        }
        // To the schema `8.0` and `1e5` are whole numbers, to the types they are not.
        Value::Number(number) if number.is_f64() => {
            let word = Vocabulary::get().word(path).filter(|word| word.is_whole_number());
            found.extend(word.map(|_| misfit(written, path.clone(), value)));
        }
        _ => {}
    }
}

/// Whether a text is an address with a user and, probably, a password.
fn holds_a_password(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|text| text.contains("://") && text.contains('@'))
}

fn describe(value: &Value) -> String {
    match value {
        Value::Null => "an empty value".into(),
        Value::Array(items) if items.is_empty() => "an empty list".into(),
        Value::Array(_) => "a list".into(),
        Value::Object(map) if map.is_empty() => "an empty mapping".into(),
        Value::Object(_) => "a mapping".into(),
        Value::String(text) if text.is_empty() => "an empty text".into(),
        Value::String(text) => {
            let shown: String = text.chars().take(SHOWN).collect();
            let cut = if shown.len() < text.len() { "…" } else { "" };
            format!("`{}{cut}`", printable(&shown))
        }
        Value::Number(_) | Value::Bool(_) => format!("`{value}`"),
    }
}

/// The nearest of the known words, if one is near.
pub(super) fn did_you_mean(word: &str, known: &[&str]) -> String {
    const NEAR: f64 = 0.75;
    let likeness = |known: &&&str| strsim::jaro_winkler(known, word);
    let nearest = known
        .iter()
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    match nearest.filter(|known| likeness(known) >= NEAR) {
        Some(known) => format!("; did you mean `{known}`?"),
        None => String::new(),
    }
}
