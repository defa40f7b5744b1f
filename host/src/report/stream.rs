//! `report.json`, written as events come, not held.

use std::collections::HashMap;
use std::io::{BufWriter, Write};
use std::sync::Arc;

use cap_std::fs::File;
use serde::Serialize;

use super::model::{AttemptEntry, AttemptOutcome, FailureEntry, OutputRef, SCHEMA, TaskEntry};
use super::output_dir::{OutputDir, OutputError};
use super::{Reader, Summary, millis, recovery, time};
use crate::event::{AttemptRecord, Event, TaskRecord};
use crate::failure::Failure;
use crate::plugin::Registry;
use crate::session::{Graph, TaskIndex, TaskStatus};

/// What the file is called until it is whole.
const UNFINISHED: &str = "report.json.part";

/// A task that is over, and where its result is.
#[derive(Debug)]
pub struct Remembered {
    /// The task.
    pub task: TaskIndex,
    /// What it came to.
    pub status: TaskStatus,
    /// Its result, or what there is of it.
    pub output: Option<OutputRef>,
    /// Why there is no whole result.
    pub failure: Option<Arc<Failure>>,
}

/// Writes the report and the results.
pub struct ReportWriter {
    out: Arc<OutputDir>,
    graph: Arc<Graph>,
    /// The ids of each agent's instances, by the graph's indices.
    instances: Vec<Vec<String>>,
    file: BufWriter<File>,
    /// The attempts of tasks that are not over yet.
    open: HashMap<TaskIndex, Vec<AttemptEntry>>,
    remembered: Option<Vec<Remembered>>,
    any: bool,
}

impl ReportWriter {
    /// Begins the report.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub fn begin(out: Arc<OutputDir>, graph: Arc<Graph>, registry: &Registry) -> Result<Self, OutputError> {
        let ids = |name: &String| {
            let instances = registry.get(name).map_or(&[][..], |agent| &agent.instances);
            instances.iter().map(|instance| instance.id.clone()).collect()
        };
        let instances = graph.agents().iter().map(ids).collect();
        let file = BufWriter::with_capacity(64 << 10, out.file(UNFINISHED)?);
        let mut writer = Self {
            out,
            graph,
            instances,
            file,
            open: HashMap::new(),
            remembered: None,
            any: false,
        };
        writer.put(&format!("{{\"schema\":\"{SCHEMA}\",\"tasks\":["))?;
        Ok(writer)
    }

    /// Remembers each task that is over and where its result is.
    pub fn remember(&mut self) {
        self.remembered = Some(Vec::new());
    }

    /// Ends the report with what the session came to, and hands out what was
    /// remembered.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(mut self, summary: &Summary) -> Result<Vec<Remembered>, OutputError> {
        self.put("\n],\n\"session\":")?;
        self.json(&summary.session())?;
        self.put(",\n\"counts\":")?;
        self.json(&summary.counts)?;
        self.put(",\n\"breakers\":[],\n\"quarantined\":[],\n\"patterns\":[],\n\"recovery\":")?;
        self.json(&recovery::options(summary))?;
        self.put("}\n")?;
        self.file
            .flush()
            .map_err(|source| self.out.error(UNFINISHED, source))?;
        self.out.rename(UNFINISHED, "report.json")?;
        Ok(self.remembered.unwrap_or_default())
    }

    fn put(&mut self, text: &str) -> Result<(), OutputError> {
        self.file
            .write_all(text.as_bytes())
            .map_err(|source| self.out.error(UNFINISHED, source))
    }

    fn json(&mut self, value: &impl Serialize) -> Result<(), OutputError> {
        serde_json::to_writer(&mut self.file, value).map_err(|error| self.out.error(UNFINISHED, error.into()))
    }

    fn attempt(&self, task: TaskIndex, attempt: &AttemptRecord) -> AttemptEntry {
        let failure = attempt.failure.as_deref();
        AttemptEntry {
            number: attempt.number,
            instance: self.instance(task, attempt.instance),
            started: time(attempt.started),
            duration_ms: millis(attempt.usage.wall),
            delay_before_ms: millis(attempt.delay_before),
            outcome: if failure.is_none() {
                AttemptOutcome::Ok
            } else {
                AttemptOutcome::Error
            },
            fuel: attempt.usage.fuel,
            memory_peak_bytes: attempt.usage.memory_peak,
            cpu_ms: millis(attempt.usage.cpu),
            failure: failure.map(|failure| entry(failure, task, attempt.number)),
        }
    }

    fn instance(&self, task: TaskIndex, index: usize) -> String {
        let agent = self
            .graph
            .task(task)
            .map_or(usize::MAX, |task| usize::from(task.agent));
        self.instances
            .get(agent)
            .and_then(|ids| ids.get(index))
            .cloned()
            .unwrap_or_default()
    }

    fn task(&mut self, index: TaskIndex, record: &TaskRecord) -> Result<(), OutputError> {
        let graph = self.graph.clone();
        let Some(task) = graph.task(index) else {
            return Ok(());
        };
        let attempts = self.open.remove(&index).unwrap_or_default();
        let keep = |kind, output: &Option<_>| {
            output
                .as_deref()
                .map(|output| self.out.keep(&task.id, kind, output))
                .transpose()
        };
        let (output, partial) = (keep("", &record.output)?, keep(".partial", &record.partial)?);
        if let Some(remembered) = &mut self.remembered {
            remembered.push(Remembered {
                task: index,
                status: record.status,
                output: output.clone().or_else(|| partial.clone()),
                failure: record.failure.clone(),
            });
        }
        let entry = TaskEntry {
            id: task.id.to_string(),
            agent: graph.agent_of(task).to_owned(),
            instance: record.instance.map(|at| self.instance(index, at)),
            status: record.status,
            failure: record
                .failure
                .as_deref()
                .map(|failure| entry(failure, index, attempts.len() as u32)),
            output,
            partial,
            attempts,
            reason: record.reason,
        };
        let first = !std::mem::replace(&mut self.any, true);
        self.put(if first { "\n" } else { ",\n" })?;
        self.json(&entry)
    }
}

impl Reader for ReportWriter {
    fn read(&mut self, event: &Event) -> Result<(), OutputError> {
        match event {
            Event::AttemptEnded { task, attempt, .. } => {
                let entry = self.attempt(*task, attempt);
                self.open.entry(*task).or_default().push(entry);
                Ok(())
            }
            Event::TaskEnded { task, record } => self.task(*task, record),
            Event::SessionStarted { .. }
            | Event::AttemptStarted { .. }
            | Event::Progress { .. }
            | Event::SessionEnded { .. } => Ok(()),
        }
    }
}

/// A failure as the report writes it. Its id says which task and which attempt.
fn entry(failure: &Failure, task: TaskIndex, attempt: u32) -> FailureEntry {
    FailureEntry {
        id: format!("f{task}-{attempt}"),
        code: failure.code.to_string(),
        category: failure.category,
        severity: failure.severity,
        blame: failure.blame,
        retryable: failure.retryable,
        retry_after_ms: failure.retry_after_ms,
        message: failure.message.clone(),
        context: failure.context.clone(),
    }
}
