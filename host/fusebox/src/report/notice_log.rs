//! `logs/notices.jsonl`: what people were told, a line for each notice.

use std::io::Write;
use std::sync::Arc;

use serde::Serialize;
use std::fs::File;

use fusebox_store::output_dir::{OutputDir, OutputError};

const FILE: &str = "logs/notices.jsonl";

/// Writes notices, behind those from before the session was resumed. The
/// file is there once there is a line, and each line is whole.
pub(crate) struct NoticeLog {
    out: Arc<OutputDir>,
    file: Option<File>,
}

impl NoticeLog {
    pub(crate) fn new(out: Arc<OutputDir>) -> Self {
        Self { out, file: None }
    }

    /// Writes a line.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn write(&mut self, notice: &impl Serialize) -> Result<(), OutputError> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(self.out.lines(FILE)?),
        };
        let line = fusebox_system::json::to_vec(notice).map_err(std::io::Error::from);
        line.and_then(|mut line| {
            line.push(b'\n');
            file.write_all(&line)
        })
        .map_err(|source| self.out.error(FILE, source))
    }
}
