//! What is wrong with a value, in words.

use crate::plugin::schema::json::{Kind, Number, Value};
use crate::plugin::schema::keyword::{Count, Keyword, name_of};
use crate::plugin::schema::place::{self, excerpt};
use crate::plugin::schema::read::Rules;
use crate::plugin::schema::{MAX_MESSAGE, Misfit};
use crate::sandbox::Stop;
use crate::sandbox::pace::Pace;

/// Longest part of a value that is shown, in bytes.
const SHOWN: usize = 60;
/// Most values that are listed.
const LISTED: usize = 6;

/// The place and what is wrong there.
pub(super) async fn misfit(
    rules: &Rules,
    keyword: &Keyword,
    value: Value<'_>,
    pace: &mut Pace<'_>,
) -> Result<Misfit, Stop> {
    let place = place::of(value, pace).await?;
    let message = format!("{place}: {}", Words { rules, value }.of(keyword));
    Ok(Misfit::Value(message.chars().take(MAX_MESSAGE).collect()))
}

struct Words<'r, 'd> {
    rules: &'r Rules,
    value: Value<'d>,
}

impl Words<'_, '_> {
    fn of(&self, keyword: &Keyword) -> String {
        let is = || shown(self.value);
        match keyword {
            Keyword::Never => "the schema allows nothing here".to_owned(),
            Keyword::Type(types) => {
                let names: Vec<_> = types.names().collect();
                format!(
                    "must be {}, is {}",
                    names.join(" or "),
                    name_of(self.value.kind())
                )
            }
            Keyword::Enum(values) => format!("{} is none of {}", is(), self.listed(values)),
            Keyword::Const(at) => format!("{} is not {}", is(), self.listed(std::slice::from_ref(at))),
            Keyword::MultipleOf(unit) => format!("{} is no multiple of {}", is(), number(*unit)),
            Keyword::Minimum { limit, exclusive } => {
                format!(
                    "{} must be {} {}",
                    is(),
                    if *exclusive { "above" } else { "at least" },
                    number(*limit)
                )
            }
            Keyword::Maximum { limit, exclusive } => {
                format!(
                    "{} must be {} {}",
                    is(),
                    if *exclusive { "below" } else { "at most" },
                    number(*limit)
                )
            }
            Keyword::Length(count) => format!("{} must have {} characters", is(), range(*count)),
            Keyword::ItemCount(count) => {
                format!("must have {} items, has {}", range(*count), self.value.count())
            }
            Keyword::MemberCount(count) => {
                format!(
                    "must have {} properties, has {}",
                    range(*count),
                    self.value.count()
                )
            }
            Keyword::Pattern(pattern) => format!("{} does not match `{}`", is(), self.pattern(*pattern)),
            Keyword::UniqueItems => "two items are equal".to_owned(),
            Keyword::Contains { count, .. } => format!("must have {} items of a kind", range(*count)),
            Keyword::Required(names) => format!("{} is required", self.missing(names)),
            Keyword::DependentRequired(all) => {
                let asking = all
                    .iter()
                    .find(|(name, others)| self.has(*name) && others.iter().any(|o| !self.has(*o)));
                let others = asking.map_or(&[][..], |(_, others)| others);
                format!("{} is required beside what is there", self.missing(others))
            }
            Keyword::AnyOf(all) => format!("it fits none of {} alternatives", all.len()),
            Keyword::OneOf(all) => format!("it must fit exactly one of {} alternatives", all.len()),
            Keyword::Not(_) => "it fits what the schema excludes".to_owned(),
            _ => "it does not fit".to_owned(),
        }
    }

    fn has(&self, name: u32) -> bool {
        let name = self.rules.document.value(name).text().unwrap_or_default();
        self.value.find(name).is_some()
    }

    /// The first name that is not there.
    fn missing(&self, names: &[u32]) -> String {
        let name = names.iter().find(|name| !self.has(**name));
        name.map_or_else(String::new, |at| shown(self.rules.document.value(*at)))
    }

    fn listed(&self, values: &[u32]) -> String {
        let shown = values
            .iter()
            .take(LISTED)
            .map(|at| shown(self.rules.document.value(*at)));
        let list: Vec<_> = shown.collect();
        let more = if values.len() > LISTED { ", …" } else { "" };
        format!("{}{more}", list.join(", "))
    }

    fn pattern(&self, pattern: u32) -> String {
        let pattern = self.rules.patterns.get(pattern as usize);
        pattern.map_or_else(String::new, |pattern| excerpt(pattern.text.as_bytes(), SHOWN * 2))
    }
}

fn range(count: Count) -> String {
    match (count.least, count.most) {
        (least, u64::MAX) => format!("at least {least}"),
        (0, most) => format!("at most {most}"),
        (least, most) => format!("{least} to {most}"),
    }
}

fn number(number: Number) -> String {
    match number {
        Number::Int(int) => int.to_string(),
        Number::Float(float) if float.abs() >= 1e16 => format!("{float:e}"),
        Number::Float(float) => float.to_string(),
    }
}

fn shown(value: Value<'_>) -> String {
    match value.kind() {
        Kind::Null => "null".to_owned(),
        Kind::Bool => value.bool().unwrap_or_default().to_string(),
        Kind::Number => value.number().map_or_else(String::new, number),
        Kind::Text => format!("\"{}\"", excerpt(value.text().unwrap_or_default(), SHOWN)),
        Kind::Array => "the array".to_owned(),
        Kind::Object => "the object".to_owned(),
    }
}
