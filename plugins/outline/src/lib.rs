//! An agent that makes an outline of a text, with study questions.

mod compare;
mod enumerate;
mod questions;
mod reason;
mod render;
mod sections;
mod settings;

use fusebox_sdk::prelude::*;
use settings::Settings;

/// The agent.
pub struct Outline;

impl Agent for Outline {
    fn describe() -> Descriptor {
        let summary = "Makes an outline of a text, with study questions for each section";
        Descriptor::new("outline", env!("CARGO_PKG_VERSION"), summary).gives(Output::MARKDOWN)
    }

    fn run(task: Task) -> Result<Output, TaskError> {
        let settings: Settings = task.settings()?;
        let text = task.text_or_upstream()?;
        if prose::is_placeholder(&text) {
            let message = "there is no text to make an outline of";
            return Err(TaskError::validation("input.empty", message));
        }
        let sections = sections::sections(&text, settings.depth.get());
        log::debug!("{} sections", sections.len());
        Ok(Output::markdown(render::render(
            &sections,
            settings.max_questions,
        )))
    }
}

#[cfg(target_family = "wasm")]
export_agent!(Outline);
