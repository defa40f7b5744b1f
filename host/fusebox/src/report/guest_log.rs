//! `logs/guests.jsonl`: what the guests said, each line with whose it is.

use std::io::{BufWriter, Write};
use std::sync::Arc;

use serde::Serialize;
use std::fs::File;

use super::{Reader, time};
use crate::session::Graph;
use fusebox_events::Event;
use fusebox_store::output_dir::{OutputDir, OutputError};
use fusebox_types::Level;

const FILE: &str = "logs/guests.jsonl";

/// Writes the lines of all guests, behind those from before the session was gone
/// on with. The file is there once there is a line.
pub struct GuestLog {
    out: Arc<OutputDir>,
    graph: Arc<Graph>,
    file: Option<BufWriter<File>>,
}

/// One line of the file.
#[derive(Serialize)]
struct Entry<'a> {
    /// When the attempt began that it belongs to.
    attempt_started: String,
    task: &'a str,
    agent: &'a str,
    attempt: u32,
    level: Level,
    message: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    fields: &'a [(String, String)],
}

impl GuestLog {
    /// A log with nothing in it yet.
    pub fn new(out: Arc<OutputDir>, graph: Arc<Graph>) -> Self {
        Self {
            out,
            graph,
            file: None,
        }
    }

    fn put(&mut self, entry: &Entry<'_>) -> Result<(), OutputError> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(BufWriter::new(self.out.lines(FILE)?)),
        };
        fusebox_system::json::to_writer(&mut *file, entry)
            .and_then(|()| file.write_all(b"\n"))
            .map_err(|source| self.out.error(FILE, source))
    }
}

impl Reader for GuestLog {
    fn read(&mut self, event: &Event) -> Result<(), OutputError> {
        if let (Event::SessionEnded { .. }, Some(file)) = (event, &mut self.file) {
            return file.flush().map_err(|source| self.out.error(FILE, source));
        }
        let Event::AttemptEnded { task, attempt, lines } = event else {
            return Ok(());
        };
        if lines.kept.is_empty() && lines.dropped == 0 {
            return Ok(());
        }
        let graph = self.graph.clone();
        let Some(task) = graph.task(*task) else {
            return Ok(());
        };
        let entry = |level, message, fields| Entry {
            attempt_started: time(attempt.started),
            task: &task.id,
            agent: graph.agent_of(task),
            attempt: attempt.number,
            level,
            message,
            fields,
        };
        for line in &lines.kept {
            self.put(&entry(line.level, &line.message, &line.fields))?;
        }
        if lines.dropped > 0 {
            let message = format!("{} more lines were dropped: over `limits.log`", lines.dropped);
            self.put(&entry(Level::Warn, &message, &[]))?;
        }
        Ok(())
    }
}
