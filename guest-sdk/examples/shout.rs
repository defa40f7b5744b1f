use fusebox_sdk::prelude::*;

struct Shout;

impl Agent for Shout {
    fn describe() -> Descriptor {
        Descriptor::new("shout", "0.1.0", "Puts a text in capitals")
    }

    fn run(task: Task) -> Result<Output, TaskError> {
        let text = task.text()?;
        log::info!("{} characters", text.chars().count());
        Ok(Output::text(text.to_uppercase()))
    }
}

export_agent!(Shout);
