use fusebox_sdk::http;
use fusebox_sdk::prelude::*;

struct Fetch;

impl Agent for Fetch {
    fn describe() -> Descriptor {
        Descriptor::new("fetch", "0.1.0", "Fetches the page whose URL is the input")
    }

    fn run(task: Task) -> Result<Output, TaskError> {
        let page = http::get(task.text()?.trim()).send()?;
        Ok(Output::text(page.text()?))
    }
}

export_agent!(Fetch);
