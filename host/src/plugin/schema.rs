//! JSON Schemas that plugins declare: hostile too, so bounded before use.

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

/// Longest schema, in bytes.
const MAX_BYTES: usize = 64 << 10;
/// Deepest nesting of a schema.
const MAX_DEPTH: usize = 32;
/// Longest message about a value that does not fit, in characters.
const MAX_MESSAGE: usize = 400;

/// A schema that is ready to check values.
#[derive(Debug)]
pub(crate) struct Schema(Validator);

impl Schema {
    /// Reads a schema. Patterns run in linear time, and nothing outside of the
    /// schema can be referred to.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MAX_BYTES {
            return Err(format!(
                "a schema of {} bytes, {MAX_BYTES} are the limit",
                text.len()
            ));
        }
        let schema: Value =
            serde_json::from_str(text).map_err(|error| format!("a schema that is not JSON: {error}"))?;
        check_node(&schema, 0)?;
        jsonschema::options()
            .with_pattern_options(PatternOptions::regex())
            .build(&schema)
            .map(Self)
            .map_err(|error| format!("a schema that is none: {error}"))
    }

    /// Whether some bytes are JSON that fits; if not, what is wrong and where.
    pub(crate) fn check(&self, bytes: &[u8]) -> Result<(), String> {
        let value: Value =
            serde_json::from_slice(bytes).map_err(|error| format!("it is not JSON: {error}"))?;
        self.0.validate(&value).map_err(|error| {
            let at = error.instance_path().to_string();
            let place = if at.is_empty() {
                "the whole value".to_owned()
            } else {
                format!("`{at}`")
            };
            format!("{place}: {error}").chars().take(MAX_MESSAGE).collect()
        })
    }
}

/// Refuses depth and references to the outside.
fn check_node(node: &Value, depth: usize) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err(format!("a schema that is nested deeper than {MAX_DEPTH}"));
    }
    match node {
        Value::Object(map) => map.iter().try_for_each(|(key, value)| {
            let is_reference = matches!(key.as_str(), "$ref" | "$dynamicRef" | "$recursiveRef");
            match value.as_str() {
                Some(target) if is_reference && !target.starts_with('#') => {
                    Err(format!("a schema that refers to the outside: {target}"))
                }
                _ => check_node(value, depth + 1),
            }
        }),
        Value::Array(items) => items.iter().try_for_each(|item| check_node(item, depth + 1)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_checked_and_the_place_is_named() {
        let schema =
            Schema::parse(r#"{"type":"object","required":["a"],"properties":{"a":{"type":"integer"}}}"#)
                .unwrap();
        assert_eq!(schema.check(br#"{"a":1}"#), Ok(()));
        assert!(schema.check(br#"{"a":"x"}"#).unwrap_err().contains("/a"));
        assert!(schema.check(b"oops").unwrap_err().contains("not JSON"));
    }

    #[test]
    fn hostile_schemas_are_refused() {
        let deep = format!("{}{}", r#"{"not":"#.repeat(40) + "{}", "}".repeat(40));
        let cases = [
            r#"{"$ref":"http://127.0.0.1/x"}"#.to_owned(),
            r#"{"properties":{"a":{"$ref":"file:///etc/passwd"}}}"#.to_owned(),
            "{".to_owned(),
            r#"{"type":7}"#.to_owned(),
            format!(r#"{{"title":"{}"}}"#, "x".repeat(MAX_BYTES)),
            deep,
        ];
        for text in cases {
            assert!(
                Schema::parse(&text).is_err(),
                "{}",
                text.chars().take(60).collect::<String>()
            );
        }
    }
}
