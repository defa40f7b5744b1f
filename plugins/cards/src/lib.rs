//! An agent that makes study cards of a text.

mod card;
mod cloze;
mod deck;
mod explained;
mod question;
mod settings;

use fusebox_sdk::prelude::*;
use settings::Settings;

/// The agent.
pub struct Cards;

const SCHEMA: &str = r#"{
    "type": "object",
    "required": ["cards"],
    "properties": {
        "cards": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["kind", "front", "back", "source"],
                "properties": {
                    "kind": {"enum": ["definition", "question", "cloze"]},
                    "front": {"type": "string", "minLength": 1},
                    "back": {"type": "string", "minLength": 1},
                    "source": {"type": "string", "minLength": 1}
                },
                "additionalProperties": false
            }
        }
    },
    "additionalProperties": false
}"#;

impl Agent for Cards {
    fn describe() -> Descriptor {
        let summary = "Makes study cards of the definitions, questions and bold terms of a text";
        Descriptor::new("cards", env!("CARGO_PKG_VERSION"), summary)
            .gives(Output::JSON)
            .output_schema(SCHEMA)
    }

    fn run(task: Task) -> Result<Output, TaskError> {
        let settings: Settings = task.settings()?;
        let deck = deck::deck(&task.text_or_upstream()?, settings.max.get());
        log::debug!("{} cards", deck.cards.len());
        Output::json(&deck)
    }
}

#[cfg(target_family = "wasm")]
export_agent!(Cards);
