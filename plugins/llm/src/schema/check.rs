//! Whether a value is what the rules say.

use serde_json::{Map, Value};

use super::rules::{Additional, Kind, Rules};

/// The first thing that does not fit.
#[derive(Debug)]
pub(super) struct Fault {
    /// Where, as a JSON Pointer.
    pub(super) place: String,
    pub(super) what: String,
}

type Checked = Result<(), Fault>;

fn fault(what: impl Into<String>) -> Checked {
    Err(Fault {
        place: String::new(),
        what: what.into(),
    })
}

/// Checks a value and all that is in it. A value is no deeper than its reader
/// allows (128 for `serde_json`), so this ends before the stack does.
pub(super) fn check(rules: &Rules, value: &Value) -> Checked {
    kind(rules, value)?;
    choice(rules, value)?;
    match value {
        Value::Object(fields) => object(rules, fields),
        Value::Array(items) => array(rules, items),
        Value::String(text) => within(
            text.chars().count(),
            (rules.min_length, rules.max_length),
            "characters",
        ),
        Value::Number(number) => range(rules, number.as_f64().unwrap_or(f64::NAN)),
        Value::Null | Value::Bool(_) => Ok(()),
    }
}

fn kind(rules: &Rules, value: &Value) -> Checked {
    let Some(kinds) = &rules.kinds else {
        return Ok(());
    };
    if kinds.all().iter().any(|kind| is(*kind, value)) {
        return Ok(());
    }
    let names: Vec<String> = kinds
        .all()
        .iter()
        .map(|kind| format!("{kind:?}").to_lowercase())
        .collect();
    fault(format!("is not of type {}", names.join(" or ")))
}

/// A number without a fraction is an integer, however it is written.
fn is(kind: Kind, value: &Value) -> bool {
    match (kind, value) {
        (Kind::Integer, Value::Number(number)) => {
            number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|n| n.fract() == 0.0)
        }
        (Kind::Null, Value::Null)
        | (Kind::Boolean, Value::Bool(_))
        | (Kind::Object, Value::Object(_))
        | (Kind::Array, Value::Array(_))
        | (Kind::Number, Value::Number(_))
        | (Kind::String, Value::String(_)) => true,
        _ => false,
    }
}

fn choice(rules: &Rules, value: &Value) -> Checked {
    if rules.only.as_ref().is_some_and(|only| only != value) {
        return fault("is not the one value that is allowed");
    }
    if rules.one_of.as_ref().is_some_and(|all| !all.contains(value)) {
        return fault("is none of the values that are allowed");
    }
    if let Some(all) = &rules.any_of
        && !all.iter().any(|rules| check(rules, value).is_ok())
    {
        return fault("is none of what `anyOf` allows");
    }
    Ok(())
}

fn object(rules: &Rules, fields: &Map<String, Value>) -> Checked {
    if let Some(missing) = rules.required.iter().find(|name| !fields.contains_key(*name)) {
        return fault(format!("lacks `{missing}`"));
    }
    for (name, value) in fields {
        match (rules.properties.get(name), &rules.additional_properties) {
            (Some(rules), _) => inside(name, check(rules, value))?,
            (None, Some(Additional::Allowed(false))) => return fault(format!("must not have `{name}`")),
            (None, Some(Additional::Like(rules))) => inside(name, check(rules, value))?,
            (None, Some(Additional::Allowed(true)) | None) => {}
        }
    }
    Ok(())
}

fn array(rules: &Rules, items: &[Value]) -> Checked {
    within(items.len(), (rules.min_items, rules.max_items), "items")?;
    let Some(rules) = &rules.items else {
        return Ok(());
    };
    let mut places = items.iter().enumerate();
    places.try_for_each(|(at, item)| inside(&at.to_string(), check(rules, item)))
}

fn within(count: usize, (least, most): (Option<usize>, Option<usize>), what: &str) -> Checked {
    match (least, most) {
        (Some(least), _) if count < least => fault(format!("has {count} {what}, fewer than {least}")),
        (_, Some(most)) if count > most => fault(format!("has {count} {what}, more than {most}")),
        _ => Ok(()),
    }
}

fn range(rules: &Rules, number: f64) -> Checked {
    if rules.minimum.is_some_and(|least| number < least)
        || rules.exclusive_minimum.is_some_and(|least| number <= least)
    {
        return fault(format!("is too small: {number}"));
    }
    if rules.maximum.is_some_and(|most| number > most)
        || rules.exclusive_maximum.is_some_and(|most| number >= most)
    {
        return fault(format!("is too large: {number}"));
    }
    Ok(())
}

/// Puts the name before the place of a fault further in.
fn inside(name: &str, checked: Checked) -> Checked {
    checked.map_err(|fault| {
        // RFC 6901, section 3.
        let name = name.replace('~', "~0").replace('/', "~1");
        Fault {
            place: format!("/{name}{}", fault.place),
            ..fault
        }
    })
}
