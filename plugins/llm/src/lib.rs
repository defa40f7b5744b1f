//! An agent that asks a language model over an OpenAI-compatible API.
//!
//! What is asked and what an answer means is worked out without any I/O;
//! `chat` alone talks to the host.

mod answer;
mod chat;
mod finish;
mod json;
mod prompt;
mod refusal;
mod request;
mod schema;
mod settings;
mod template;
mod unreadable;
mod upstream;
mod usage;

use fusebox_sdk::prelude::*;

/// The agent.
pub struct Llm;

/// Text or JSON: the settings say which.
const ANY_TYPE: &str = "*/*";

impl Agent for Llm {
    fn describe() -> Descriptor {
        let summary = "Asks a language model over an OpenAI-compatible API";
        Descriptor::new("llm", env!("CARGO_PKG_VERSION"), summary)
            .accepts(&[Output::TEXT, Output::MARKDOWN, Output::JSON])
            .gives(ANY_TYPE)
    }

    fn run(task: Task) -> Result<Output, TaskError> {
        chat::run(&task)
    }
}

#[cfg(target_family = "wasm")]
export_agent!(Llm);
