use fusebox_sdk::prelude::*;
use fusebox_sdk::{breaker, partial, retry};

struct Patient;

impl Agent for Patient {
    fn describe() -> Descriptor {
        Descriptor::new("patient", "0.1.0", "Adds up numbers, one a line")
    }

    fn run(task: Task) -> Result<Output, TaskError> {
        let mut sum = 0_i64;
        for line in task.text()?.lines() {
            sum += retry("parse", || {
                Ok(breaker("arithmetic", || Ok(line.trim().parse::<i64>()?))?)
            })?;
            // If a later line fails, this much is kept.
            partial(Output::text(sum.to_string()));
        }
        Ok(Output::text(sum.to_string()))
    }
}

export_agent!(Patient);
