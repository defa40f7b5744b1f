//! An agent that does what its input lists, step by step, to see what a host makes of
//! each way to call, to fail and to end.

mod end;
mod step;

use fusebox_sdk::prelude::*;
use step::Step;

/// The agent.
pub struct Script;

impl Agent for Script {
    fn describe() -> Descriptor {
        let summary = "Does what its input lists, step by step";
        Descriptor::new("script", env!("CARGO_PKG_VERSION"), summary).accepts(&[Output::JSON])
    }

    fn run(task: Task) -> Result<Output, TaskError> {
        for step in task.json::<Vec<Step>>()? {
            step.carry_out()?;
        }
        Ok(Output::text("done"))
    }
}

#[cfg(target_family = "wasm")]
export_agent!(Script);
