//! The body of a request.

use serde_json::{Map, Value, json};

use crate::prompt::Message;
use crate::settings::{Format, Settings};

/// The body: what every such API knows, then the operator's own fields.
pub(crate) fn body(settings: &Settings, messages: &[Message]) -> Value {
    let mut body = Map::new();
    let mut set = |name: &str, value: Value| body.insert(name.into(), value);
    set("model", json!(settings.model));
    set("messages", json!(messages));
    set("stream", json!(false));
    if let Some(temperature) = settings.temperature {
        set("temperature", json!(temperature));
    }
    if let Some(most) = settings.max_tokens {
        set("max_tokens", json!(most));
    }
    if settings.response == Format::Json {
        set("response_format", json!({"type": "json_object"}));
    }
    body.extend(settings.extra.clone());
    body.retain(|_, value| !value.is_null());
    Value::Object(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::messages;
    use crate::settings::tests::with;

    fn built(over: Value) -> Value {
        let settings = with(over);
        body(&settings, &messages(&settings, "Why?", &[]).unwrap())
    }

    #[test]
    fn the_least_request_leaves_all_else_to_the_upstream() {
        let expected =
            json!({"model": "m", "stream": false, "messages": [{"role": "user", "content": "Why?"}]});
        assert_eq!(built(json!({"system": ""})), expected);
    }

    #[test]
    fn settings_become_fields_and_extra_has_the_last_word() {
        let body = built(json!({
            "temperature": 0.2, "max_tokens": 100, "response": "json",
            "extra": {"thinking": {"type": "disabled"}, "max_tokens": null, "max_completion_tokens": 100}
        }));
        assert_eq!(body["temperature"], json!(0.2));
        assert_eq!(body["response_format"], json!({"type": "json_object"}));
        assert_eq!(body["thinking"], json!({"type": "disabled"}));
        assert_eq!(
            (body.get("max_tokens"), &body["max_completion_tokens"]),
            (None, &json!(100))
        );
    }
}
