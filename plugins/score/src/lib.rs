//! An agent that rates an explanation by what can be counted.

mod completeness;
mod coverage;
mod part;
mod readability;
mod report;
mod settings;
mod structure;

use fusebox_sdk::prelude::*;
use settings::Settings;

/// The agent.
pub struct Score;

const SCHEMA: &str = include_str!("schema.json");

impl Agent for Score {
    fn describe() -> Descriptor {
        let summary = "Rates an explanation: coverage, structure, readability, completeness";
        Descriptor::new("score", env!("CARGO_PKG_VERSION"), summary)
            .gives(Output::JSON)
            .output_schema(SCHEMA)
    }

    fn run(task: Task) -> Result<Output, TaskError> {
        let settings: Settings = task.settings()?;
        let report = report::report(task.text()?, &task.upstream_text(), settings.terms.get());
        log::debug!("{} of 100", report.total);
        Output::json(&report)
    }
}

#[cfg(target_family = "wasm")]
export_agent!(Score);
