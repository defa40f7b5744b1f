//! Keywords that are answered in a moment.

use crate::plugin::schema::json::{Kind, Number, Value, scalars};
use crate::plugin::schema::keyword::Keyword;
use crate::plugin::schema::read::Rules;

/// Longest string whose characters are counted at once, in bytes.
const SHORT: usize = 1024;
/// Most values that one is compared with at once.
const FEW: usize = 8;

/// Most members of an object that is asked at once.
const FEW_MEMBERS: u32 = 64;

/// Whether a value meets a keyword; none if that takes longer. A reference is
/// followed once.
pub(super) fn fits(rules: &Rules, keyword: &Keyword, value: Value<'_>) -> Option<bool> {
    let Keyword::Ref(schema) = keyword else {
        return fits_alone(rules, keyword, value);
    };
    let keywords = rules.schemas.get(*schema as usize)?;
    let all = keywords
        .iter()
        .all(|keyword| fits_alone(rules, keyword, value) == Some(true));
    // Which of them is wrong is found by going there.
    all.then_some(true)
}

fn fits_alone(rules: &Rules, keyword: &Keyword, value: Value<'_>) -> Option<bool> {
    let number = || value.number();
    let kind = value.kind();
    match keyword {
        Keyword::Never => Some(false),
        Keyword::Type(types) => Some(types.has(value)),
        Keyword::Enum(values) if values.len() <= FEW => one_of(rules, values, value),
        Keyword::Const(at) => one_of(rules, std::slice::from_ref(at), value),
        Keyword::Minimum { limit, exclusive } => Some(number().is_none_or(|number| {
            let order = number.order(*limit);
            order.is_gt() || order.is_eq() && !exclusive
        })),
        Keyword::Maximum { limit, exclusive } => Some(number().is_none_or(|number| {
            let order = number.order(*limit);
            order.is_lt() || order.is_eq() && !exclusive
        })),
        Keyword::MultipleOf(unit) => match (number(), unit) {
            (None, _) => Some(true),
            (Some(number @ Number::Int(_)), Number::Int(_)) => Some(number.is_multiple_of(*unit)),
            (Some(_), _) => None,
        },
        Keyword::Length(count) => match value.text() {
            Some(text) => (text.len() <= SHORT).then(|| count.has(characters(text))),
            None => Some(true),
        },
        Keyword::ItemCount(count) => Some(kind != Kind::Array || count.has(value.count().into())),
        Keyword::MemberCount(count) => Some(kind != Kind::Object || count.has(value.count().into())),
        Keyword::Pattern(_) => (kind != Kind::Text).then_some(true),
        Keyword::UniqueItems if value.count() <= 1 => Some(true),
        Keyword::UniqueItems if kind == Kind::Array && value.count() as usize <= FEW => are_unique(value),
        Keyword::Items { .. } | Keyword::Contains { .. } | Keyword::UniqueItems => {
            (kind != Kind::Array).then_some(true)
        }
        Keyword::Required(names) if kind == Kind::Object && names.len() <= FEW => {
            has_all(rules, names, value)
        }
        Keyword::Members(_)
        | Keyword::Required(_)
        | Keyword::Names(_)
        | Keyword::DependentRequired(_)
        | Keyword::DependentSchemas(_) => (kind != Kind::Object).then_some(true),
        Keyword::Enum(_)
        | Keyword::AllOf(_)
        | Keyword::AnyOf(_)
        | Keyword::OneOf(_)
        | Keyword::Not(_)
        | Keyword::If { .. }
        | Keyword::Ref(_) => None,
    }
}

fn one_of(rules: &Rules, values: &[u32], value: Value<'_>) -> Option<bool> {
    for at in values {
        if scalars(rules.document.value(*at), value)?.is_eq() {
            return Some(true);
        }
    }
    Some(false)
}

fn are_unique(array: Value<'_>) -> Option<bool> {
    for (place, item) in array.items().enumerate() {
        for other in array.items().take(place) {
            if scalars(item, other)?.is_eq() {
                return Some(false);
            }
        }
    }
    Some(true)
}

/// For objects of few members: a name is compared with few keys.
fn has_all(rules: &Rules, names: &[u32], object: Value<'_>) -> Option<bool> {
    if object.count() > FEW_MEMBERS {
        return None;
    }
    for at in names {
        let name = rules
            .document
            .value(*at)
            .text()
            .filter(|name| name.len() <= SHORT)?;
        if object.find(name).is_none() {
            return Some(false);
        }
    }
    Some(true)
}

/// How many characters some UTF-8 begins.
pub(super) fn characters(text: &[u8]) -> u64 {
    let begins = text.iter().filter(|byte| **byte & 0xc0 != 0x80);
    u64::try_from(begins.count()).unwrap_or(u64::MAX)
}
