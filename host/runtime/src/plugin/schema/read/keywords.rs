//! The keywords of one schema.

use super::super::json::{Kind, Value};
use super::super::keyword::{Count, Keyword, Members};
use super::Reader;
use super::arguments::{Argument, limits};
use super::plain::{any, counts, numbers};

/// Keywords that would be wrong to ignore, and what to write instead.
const REFUSED: [(&str, &str); 4] = [
    (
        "unevaluatedProperties",
        "`additionalProperties` beside all of the `properties`",
    ),
    ("unevaluatedItems", "`items` beside all of the `prefixItems`"),
    ("$dynamicRef", "`$ref`"),
    ("$recursiveRef", "`$ref`"),
];

impl Reader<'_> {
    /// What a schema asks. Keywords that are not known say nothing.
    pub(super) fn keywords(&mut self, schema: Value<'_>) -> Result<Vec<Keyword>, String> {
        if let Some(anything) = schema.bool() {
            return Ok(if anything {
                Vec::new()
            } else {
                vec![Keyword::Never]
            });
        }
        for (keyword, instead) in REFUSED {
            if let Some(argument) = Argument::of(schema, keyword) {
                let at = super::shown(argument.value);
                return Err(format!("{at}: `{keyword}` is not supported; write {instead}"));
            }
        }
        let mut list = Vec::new();
        any(schema, &mut list)?;
        numbers(schema, &mut list)?;
        counts(schema, &mut list)?;
        self.items(schema, &mut list)?;
        self.members(schema, &mut list)?;
        self.dependencies(schema, &mut list)?;
        self.combined(schema, &mut list)?;
        self.definitions(schema)?;
        Ok(list)
    }

    fn items(&mut self, schema: Value<'_>, list: &mut Vec<Keyword>) -> Result<(), String> {
        let [prefix, items, additional] =
            ["prefixItems", "items", "additionalItems"].map(|keyword| Argument::of(schema, keyword));
        // Before 2020-12 the list stood in `items`, and what followed in `additionalItems`.
        let (prefix, rest) = match items {
            Some(items) if items.value.kind() == Kind::Array => (prefix.or(Some(items)), additional),
            items => (prefix, items),
        };
        if prefix.is_some() || rest.is_some() {
            let prefix = prefix.map_or(Ok(Vec::new()), Argument::list)?;
            list.push(Keyword::Items {
                prefix: prefix
                    .into_iter()
                    .map(|item| self.schema(item))
                    .collect::<Result<_, _>>()?,
                rest: rest.map(|rest| self.schema(rest.value)).transpose()?,
            });
        }
        if let Some(contains) = Argument::of(schema, "contains") {
            let count = limits(schema, "minContains", "maxContains")?;
            let has_least = Argument::of(schema, "minContains").is_some();
            let (least, most) = count.map_or((1, u64::MAX), |count| (count.least, count.most));
            let least = if has_least { least } else { 1 };
            list.push(Keyword::Contains {
                schema: self.schema(contains.value)?,
                count: Count { least, most },
            });
        }
        Ok(())
    }

    fn members(&mut self, schema: Value<'_>, list: &mut Vec<Keyword>) -> Result<(), String> {
        let properties = Argument::of(schema, "properties").map_or(Ok(Vec::new()), Argument::members)?;
        let patterns = Argument::of(schema, "patternProperties").map_or(Ok(Vec::new()), Argument::members)?;
        let rest = Argument::of(schema, "additionalProperties");
        let mut members = Members {
            named: Vec::new(),
            patterns: Vec::new(),
            rest: rest.map(|rest| self.schema(rest.value)).transpose()?,
        };
        for name in properties {
            let id = self.schema(name.after())?;
            members.named.push((name.text().unwrap_or_default().into(), id));
        }
        for pattern in patterns {
            let id = self.schema(pattern.after())?;
            let argument = Argument {
                keyword: "patternProperties",
                value: pattern,
            };
            members.patterns.push((self.pattern(argument)?, id));
        }
        if !members.named.is_empty() || !members.patterns.is_empty() || members.rest.is_some() {
            list.push(Keyword::Members(members));
        }
        if let Some(required) = Argument::of(schema, "required") {
            list.push(Keyword::Required(required.names()?));
        }
        if let Some(names) = Argument::of(schema, "propertyNames") {
            list.push(Keyword::Names(self.schema(names.value)?));
        }
        if let Some(pattern) = Argument::of(schema, "pattern") {
            list.push(Keyword::Pattern(self.pattern(pattern)?));
        }
        Ok(())
    }

    fn pattern(&mut self, argument: Argument<'_>) -> Result<u32, String> {
        let text = argument.text()?;
        self.patterns
            .add(text)
            .map_err(|error| format!("{}: {error}", super::shown(argument.value)))
    }

    /// `dependencies` has both kinds: lists of names, and schemas.
    fn dependencies(&mut self, schema: Value<'_>, list: &mut Vec<Keyword>) -> Result<(), String> {
        let (mut names, mut schemas) = (Vec::new(), Vec::new());
        for keyword in ["dependentRequired", "dependentSchemas", "dependencies"] {
            let all = Argument::of(schema, keyword).map_or(Ok(Vec::new()), Argument::members)?;
            for key in all {
                let value = key.after();
                let is_list = value.kind() == Kind::Array && keyword != "dependentSchemas";
                if is_list || keyword == "dependentRequired" {
                    names.push((key.at, Argument { keyword, value }.names()?));
                } else {
                    schemas.push((key.at, self.schema(value)?));
                }
            }
        }
        if !names.is_empty() {
            list.push(Keyword::DependentRequired(names));
        }
        if !schemas.is_empty() {
            list.push(Keyword::DependentSchemas(schemas));
        }
        Ok(())
    }

    fn combined(&mut self, schema: Value<'_>, list: &mut Vec<Keyword>) -> Result<(), String> {
        let of = |keyword| Argument::of(schema, keyword);
        if let Some(argument) = of("$ref") {
            list.push(Keyword::Ref(self.reference(argument)?));
        }
        if let Some(argument) = of("allOf") {
            list.push(Keyword::AllOf(argument.schemas(self)?));
        }
        if let Some(argument) = of("anyOf") {
            list.push(Keyword::AnyOf(argument.schemas(self)?));
        }
        if let Some(argument) = of("oneOf") {
            list.push(Keyword::OneOf(argument.schemas(self)?));
        }
        if let Some(argument) = of("not") {
            list.push(Keyword::Not(self.schema(argument.value)?));
        }
        let mut schema = |keyword| {
            of(keyword)
                .map(|argument| self.schema(argument.value))
                .transpose()
        };
        let (condition, then, otherwise) = (schema("if")?, schema("then")?, schema("else")?);
        if let Some(condition) = condition {
            list.push(Keyword::If {
                condition,
                then,
                otherwise,
            });
        }
        Ok(())
    }

    /// Schemas that are only referred to are read too: a fault in them is one.
    fn definitions(&mut self, schema: Value<'_>) -> Result<(), String> {
        for keyword in ["$defs", "definitions"] {
            let all = Argument::of(schema, keyword).map_or(Ok(Vec::new()), Argument::members)?;
            for name in all {
                self.schema(name.after())?;
            }
        }
        Ok(())
    }
}
