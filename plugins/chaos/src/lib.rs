//! An agent that misbehaves as its settings say, to try the host's limits on.

mod files;
mod mode;
mod requests;
mod settings;

use fusebox_sdk::{fallback, partial, prelude::*};
use serde::Serialize;
use settings::Settings;

/// What every well-formed result satisfies. The mode `garbage` does not.
const SCHEMA: &str = r#"{
    "type": "object",
    "required": ["echo"],
    "properties": {"echo": {"type": "string"}},
    "additionalProperties": false
}"#;

/// The agent.
pub struct Chaos;

/// What it says when it is let.
#[derive(Serialize)]
struct Echo<'a> {
    echo: &'a str,
}

impl Agent for Chaos {
    fn describe() -> Descriptor {
        let summary = "Misbehaves as its settings say, or echoes its input";
        Descriptor::new("chaos", env!("CARGO_PKG_VERSION"), summary)
            .gives(Output::JSON)
            .output_schema(SCHEMA)
    }

    fn run(task: Task) -> Result<Output, TaskError> {
        let settings: Settings = task.settings()?;
        let echo = Output::json(&Echo { echo: task.text()? })?;
        hand_in(&settings, &echo)?;
        mode::carry_out(&settings, echo)
    }
}

fn hand_in(settings: &Settings, echo: &Output) -> Result<(), TaskError> {
    let handed_in = |output: Output| match settings.garbled {
        true => Output::text("garbled"),
        false => output,
    };
    if settings.partial {
        partial(handed_in(echo.clone()));
    }
    if let Some(echo) = &settings.fallback {
        fallback(handed_in(Output::json(&Echo { echo })?));
    }
    Ok(())
}

#[cfg(target_family = "wasm")]
export_agent!(Chaos);
