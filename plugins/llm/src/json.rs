//! The JSON value in a model's answer.

use serde_json::Value;

use crate::schema::Schema;

const FENCE: &str = "```";

/// The value, as the model wrote it. Models like to put it into a code fence
/// though they are asked not to; that is taken off.
///
/// # Errors
/// What is wrong with it, in words that the model can work with.
pub(crate) fn value<'a>(answer: &'a str, schema: Option<&Schema>) -> Result<&'a str, String> {
    let text = unfenced(answer.trim());
    let value: Value = serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
    match schema {
        Some(schema) => schema.check(&value).map(|()| text),
        None => Ok(text),
    }
}

fn unfenced(text: &str) -> &str {
    let inside = text.strip_prefix(FENCE).and_then(|rest| rest.strip_suffix(FENCE));
    // The first line may name the language.
    match inside.and_then(|inside| inside.split_once('\n')) {
        Some((_, value)) => value.trim(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fence_is_taken_off_and_the_value_stays_as_it_was_written() {
        for answer in [
            "{\"b\": 1.0, \"a\": 2}",
            "```json\n{\"b\": 1.0, \"a\": 2}\n```",
            "```\n{\"b\": 1.0, \"a\": 2}```",
        ] {
            assert_eq!(value(answer, None), Ok("{\"b\": 1.0, \"a\": 2}"));
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        for answer in ["Here it is: {}", "{\"a\": 1", "```json\n{}", "```", ""] {
            assert!(
                value(answer, None).unwrap_err().starts_with("it is no JSON"),
                "{answer}"
            );
        }
        let schema: Schema = serde_json::from_value(json!({"required": ["score"]})).unwrap();
        assert_eq!(value("{}", Some(&schema)), Err("the value lacks `score`".into()));
        // A nest of brackets ends at the reader, not at the stack.
        assert!(value(&"[".repeat(100_000), Some(&schema)).is_err());
    }
}
