use fusebox_sdk::files;
use fusebox_sdk::prelude::*;

struct Gather;

impl Agent for Gather {
    fn describe() -> Descriptor {
        Descriptor::new(
            "gather",
            "0.1.0",
            "Puts the files of a folder together, and keeps a copy",
        )
    }

    fn run(task: Task) -> Result<Output, TaskError> {
        let mut all = String::new();
        for entry in files::list("/data")?.iter().filter(|entry| !entry.is_folder) {
            all += &files::read_to_string(&format!("/data/{}", entry.name))?;
        }
        files::write(&format!("/out/{}.txt", task.text()?.trim()), &all)?;
        Ok(Output::text(all))
    }
}

export_agent!(Gather);
