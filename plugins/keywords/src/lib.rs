//! An agent that ranks the key phrases of a text.

mod keywords;
mod settings;

use fusebox_sdk::prelude::*;
use settings::Settings;

/// The agent.
pub struct Keywords;

const SCHEMA: &str = r#"{
    "type": "object",
    "required": ["keywords"],
    "properties": {
        "keywords": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["phrase", "score", "count"],
                "properties": {
                    "phrase": {"type": "string", "minLength": 1},
                    "score": {"type": "number", "minimum": 0, "maximum": 1},
                    "count": {"type": "integer", "minimum": 1}
                },
                "additionalProperties": false
            }
        }
    },
    "additionalProperties": false
}"#;

impl Agent for Keywords {
    fn describe() -> Descriptor {
        let summary = "Ranks the key phrases of an English or Chinese text";
        Descriptor::new("keywords", env!("CARGO_PKG_VERSION"), summary)
            .gives(Output::JSON)
            .output_schema(SCHEMA)
    }

    fn run(task: Task) -> Result<Output, TaskError> {
        let settings: Settings = task.settings()?;
        let own_is_blank = task.text()?.trim().is_empty();
        let mut text = task.text_or_upstream()?.into_owned();
        if settings.include_upstream && !own_is_blank {
            text.push_str("\n\n");
            text.push_str(&task.upstream_text());
        }
        let found = keywords::keywords(&text, settings.max.get());
        log::debug!("{} keywords", found.keywords.len());
        Output::json(&found)
    }
}

#[cfg(target_family = "wasm")]
export_agent!(Keywords);
