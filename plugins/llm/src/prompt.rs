//! What the model is told and asked.

use fusebox_sdk::TaskError;
use serde::Serialize;

use crate::settings::{Format, Settings};
use crate::template::{fill, has_places};
use crate::upstream::{self, Upstream};

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Message {
    pub(crate) role: Role,
    pub(crate) content: String,
}

/// Who says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    System,
    User,
    Assistant,
}

impl Message {
    fn new(role: Role, content: impl Into<String>) -> Self {
        Self {
            role,
            content: content.into(),
        }
    }
}

/// The conversation up to the question.
///
/// # Errors
/// `validation`, not retryable, if a template asks for something unknown or
/// there is nothing to ask about.
pub(crate) fn messages(
    settings: &Settings,
    input: &str,
    given: &[Upstream<'_>],
) -> Result<Vec<Message>, TaskError> {
    let nothing = input.trim().is_empty() && given.iter().all(Upstream::is_blank);
    if nothing && has_places(&settings.prompt) {
        let message = "neither the input nor the results before it have a text";
        return Err(TaskError::validation("input.empty", message));
    }
    let dependencies = upstream::render(given);
    let filled = |name: &str, template: &str| {
        let text = fill(template, |place| match place {
            "input" => Some(input),
            "dependencies" => Some(dependencies.as_str()),
            _ => None,
        });
        text.map_err(|place| unknown_place(name, &place))
    };
    let system = format!("{}{}", filled("system", &settings.system)?, format_of(settings));
    let user = filled("prompt", &settings.prompt)?;
    let mut messages = vec![Message::new(Role::User, user.trim())];
    if !system.trim().is_empty() {
        messages.insert(0, Message::new(Role::System, system.trim()));
    }
    Ok(messages)
}

/// Tells the model what is wrong with its answer, and asks again.
pub(crate) fn ask_again(messages: &mut Vec<Message>, answer: &str, fault: &str) {
    messages.push(Message::new(Role::Assistant, answer));
    let request = format!(
        "That answer cannot be used: {fault}. Answer again with the corrected JSON value and nothing else."
    );
    messages.push(Message::new(Role::User, request));
}

fn format_of(settings: &Settings) -> String {
    if settings.response == Format::Text {
        return String::new();
    }
    let mut text = "\n\nAnswer with one JSON value and nothing else.".to_owned();
    if let Some(schema) = &settings.schema {
        text.push_str(&format!(" It has to satisfy this JSON Schema:\n{schema}"));
    }
    text
}

fn unknown_place(setting: &str, place: &str) -> TaskError {
    let message = format!(
        "the settings: `{setting}` asks for `{{{{{place}}}}}`; there are `{{{{input}}}}` and `{{{{dependencies}}}}`"
    );
    TaskError::validation("settings", message)
}

#[cfg(test)]
mod tests {
    use fusebox_sdk::Completeness;
    use serde_json::json;

    use super::*;
    use crate::settings::tests::with;

    const HALF: Upstream<'_> = Upstream {
        task: "outline",
        state: Completeness::Partial,
        text: Some("1. Sets"),
    };

    #[test]
    fn the_default_asks_with_the_input_and_what_is_before_it() {
        let messages = messages(&with(json!({})), "Explain.\n", &[HALF]).unwrap();
        let [system, user] = messages.as_slice() else {
            panic!("{messages:?}")
        };
        assert_eq!((system.role, user.role), (Role::System, Role::User));
        let expected = "Explain.\n\n\n<result of=\"outline\" state=\"partial: the task failed after this much\">\n\
                        1. Sets\n</result>";
        assert_eq!(user.content, expected);
    }

    #[test]
    fn a_blank_system_text_is_left_out_and_the_schema_is_told() {
        let settings = with(json!({"system": " "}));
        assert_eq!(messages(&settings, "x", &[]).unwrap().len(), 1);
        let settings = with(json!({"system": "", "response": "json", "schema": {"type": "array"}}));
        let told = messages(&settings, "x", &[]).unwrap();
        assert!(
            told[0]
                .content
                .ends_with("this JSON Schema:\n{\"type\":\"array\"}"),
            "{told:?}"
        );
    }

    #[test]
    fn there_has_to_be_something_to_ask_about() {
        let missing = Upstream {
            task: "a",
            state: Completeness::Missing,
            text: None,
        };
        let error = messages(&with(json!({})), " \n", &[missing]).unwrap_err();
        assert_eq!((error.code(), error.retryable()), ("input.empty", Some(false)));
        assert!(messages(&with(json!({"prompt": "Name a colour."})), "", &[]).is_ok());
    }

    #[test]
    fn a_slip_in_a_template_is_named() {
        let error = messages(&with(json!({"prompt": "{{inputs}}"})), "x", &[]).unwrap_err();
        assert!(
            error.message().contains("`prompt` asks for `{{inputs}}`"),
            "{error}"
        );
    }

    #[test]
    fn asking_again_keeps_the_answer_and_tells_the_fault() {
        let mut conversation = messages(&with(json!({"system": ""})), "x", &[]).unwrap();
        ask_again(&mut conversation, "{", "it ends too early");
        let roles: Vec<Role> = conversation.iter().map(|m| m.role).collect();
        assert_eq!(roles, [Role::User, Role::Assistant, Role::User]);
        assert!(conversation[2].content.contains("it ends too early"));
    }
}
