//! What an answer has cost.

use serde_json::Value;

const FIELDS: [&str; 3] = ["prompt_tokens", "completion_tokens", "total_tokens"];

/// The fields of the log line that tells it: the model that answered and the
/// tokens, as far as the answer says. None, if it says nothing of tokens.
pub(crate) fn fields(answer: &Value) -> Option<Vec<(&'static str, String)>> {
    let usage = answer.get("usage")?;
    let count = |name: &'static str| Some((name, usage.get(name)?.as_u64()?.to_string()));
    let mut fields: Vec<_> = FIELDS.into_iter().filter_map(count).collect();
    if fields.is_empty() {
        return None;
    }
    if let Some(model) = answer.get("model").and_then(Value::as_str) {
        fields.push(("model", model.to_owned()));
    }
    Some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<Vec<(&'static str, String)>> {
        fields(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn an_answers_tokens_are_told_with_its_model() {
        let told = of(include_str!("../../../tests/api/glm-answer.json")).unwrap();
        let told: Vec<(&str, &str)> = told.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let expected = [
            ("prompt_tokens", "21"),
            ("completion_tokens", "37"),
            ("total_tokens", "58"),
            ("model", "glm-4.6"),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn what_is_no_count_is_left_out() {
        assert_eq!(
            of(r#"{"usage": {"prompt_tokens": -1, "total_tokens": "58"}}"#),
            None
        );
        assert_eq!(of(r#"{"usage": null}"#), None);
        assert_eq!(of("[]"), None);
    }
}
