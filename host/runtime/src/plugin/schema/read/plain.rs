//! Keywords that have no schemas in them.

use super::super::json::{self, Kind, Number, Value};
use super::super::keyword::{Keyword, Types};
use super::arguments::{Argument, limits};
use super::at_once;

pub(super) fn any(schema: Value<'_>, list: &mut Vec<Keyword>) -> Result<(), String> {
    if let Some(argument) = Argument::of(schema, "type") {
        let names = match argument.value.kind() {
            Kind::Array => argument.list()?,
            _ => vec![argument.value],
        };
        let all = names
            .iter()
            .try_fold(Types::NONE, |types, name| types.with(name.text()?));
        let types = all.filter(|types| *types != Types::NONE);
        list.push(Keyword::Type(types.ok_or_else(|| {
            argument.fault("the name of a type, or a list of them")
        })?));
    }
    if let Some(argument) = Argument::of(schema, "enum") {
        let mut values = argument.list()?;
        at_once(|mut pace| {
            let values = &mut values;
            async move { Ok(json::sort(values, &mut pace).await?) }
        })?;
        list.push(Keyword::Enum(values.iter().map(|value| value.at).collect()));
    }
    if let Some(argument) = Argument::of(schema, "const") {
        list.push(Keyword::Const(argument.value.at));
    }
    Ok(())
}

pub(super) fn numbers(schema: Value<'_>, list: &mut Vec<Keyword>) -> Result<(), String> {
    if let Some(argument) = Argument::of(schema, "multipleOf") {
        let unit = argument.number()?;
        if !unit.order(Number::Int(0)).is_gt() {
            return Err(argument.fault("more than 0"));
        }
        list.push(Keyword::MultipleOf(unit));
    }
    for (limit, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        let plain = Argument::of(schema, limit).map(Argument::number).transpose()?;
        let other = Argument::of(schema, exclusive);
        // Until draft 4 it was a boolean beside the limit.
        let flag = other.and_then(|other| other.value.bool());
        let strict = other
            .filter(|_| flag.is_none())
            .map(Argument::number)
            .transpose()?;
        let bounds = [
            plain.map(|plain| (plain, flag == Some(true))),
            strict.map(|strict| (strict, true)),
        ];
        for (bound, exclusive) in bounds.into_iter().flatten() {
            list.push(match limit {
                "minimum" => Keyword::Minimum {
                    limit: bound,
                    exclusive,
                },
                _ => Keyword::Maximum {
                    limit: bound,
                    exclusive,
                },
            });
        }
    }
    Ok(())
}

pub(super) fn counts(schema: Value<'_>, list: &mut Vec<Keyword>) -> Result<(), String> {
    list.extend(limits(schema, "minLength", "maxLength")?.map(Keyword::Length));
    list.extend(limits(schema, "minItems", "maxItems")?.map(Keyword::ItemCount));
    list.extend(limits(schema, "minProperties", "maxProperties")?.map(Keyword::MemberCount));
    let unique = Argument::of(schema, "uniqueItems")
        .map(Argument::bool)
        .transpose()?;
    list.extend(unique.filter(|unique| *unique).map(|_| Keyword::UniqueItems));
    Ok(())
}
