//! `report.json`, written as events come, not held.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufWriter, Write};
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use std::fs::File;

use super::model::{
    AttemptEntry, AttemptOutcome, FailureEntry, PolicyEntry, QuotaEntry, ReloadEntry, SCHEMA, TaskEntry,
};
use super::{FailureReport, Reader, Summary, millis, time};
use crate::session::Graph;
use fusebox_events::{AttemptRecord, Event, Reload, TaskRecord};
use fusebox_store::output_dir::{OutputDir, OutputError, OutputRef};
use fusebox_types::failure::Failure;
use fusebox_types::{TaskIndex, TaskStatus};

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
    /// What gave it, if that was not the task's agent.
    pub fallback: Option<Box<str>>,
    /// Why there is no whole result.
    pub failure: Option<Arc<Failure>>,
}

/// Writes the report and the results.
pub struct ReportWriter {
    out: Arc<OutputDir>,
    graph: Arc<Graph>,
    file: BufWriter<File>,
    /// The attempts of tasks that are not over yet.
    open: HashMap<TaskIndex, Vec<AttemptEntry>>,
    reloads: Vec<ReloadEntry>,
    quotas: Vec<QuotaEntry>,
    /// By policy and what it was to decide about.
    policies: BTreeMap<(Arc<str>, Arc<str>), PolicyEntry>,
    remembered: Option<Vec<Remembered>>,
    any: bool,
}

impl ReportWriter {
    /// Begins the report.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub fn begin(out: Arc<OutputDir>, graph: Arc<Graph>) -> Result<Self, OutputError> {
        let file = BufWriter::with_capacity(64 << 10, out.file(UNFINISHED)?);
        let mut writer = Self {
            out,
            graph,
            file,
            reloads: Vec::new(),
            quotas: Vec::new(),
            policies: BTreeMap::new(),
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

    /// Ends the report with what the session came to and what can be done next,
    /// and hands out what was remembered.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(
        mut self,
        summary: &Summary,
        failure: &FailureReport,
    ) -> Result<Vec<Remembered>, OutputError> {
        self.put("\n],\n\"session\":")?;
        self.json(&summary.session())?;
        self.put(",\n\"counts\":")?;
        self.json(&summary.counts())?;
        self.put(",\n\"breakers\":")?;
        self.json(&failure.breakers)?;
        self.put(",\n\"holds\":")?;
        self.json(&failure.holds)?;
        self.put(",\n\"quarantined\":")?;
        self.json(&failure.quarantined)?;
        self.put(",\n\"instances\":")?;
        self.json(&summary.instances)?;
        self.put(",\n\"patterns\":")?;
        self.json(&failure.patterns)?;
        self.put(",\n\"recovery\":")?;
        self.json(&failure.recovery)?;
        self.put(",\n\"reloads\":")?;
        let reloads = std::mem::take(&mut self.reloads);
        self.json(&reloads)?;
        self.put(",\n\"quotas\":")?;
        let quotas = std::mem::take(&mut self.quotas);
        self.json(&quotas)?;
        self.put(",\n\"policies\":")?;
        let policies = std::mem::take(&mut self.policies);
        self.json(&policies.values().collect::<Vec<_>>())?;
        self.put("}\n")?;
        let flushed = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        flushed.map_err(|source| self.out.error(UNFINISHED, source))?;
        self.out.rename(UNFINISHED, "report.json")?;
        Ok(self.remembered.unwrap_or_default())
    }

    fn put(&mut self, text: &str) -> Result<(), OutputError> {
        self.file
            .write_all(text.as_bytes())
            .map_err(|source| self.out.error(UNFINISHED, source))
    }

    fn json(&mut self, value: &impl Serialize) -> Result<(), OutputError> {
        fusebox_system::json::to_writer(&mut self.file, value)
            .map_err(|error| self.out.error(UNFINISHED, error))
    }

    fn attempt(task: TaskIndex, attempt: &AttemptRecord) -> AttemptEntry {
        let failure = attempt.failure.as_deref();
        AttemptEntry {
            number: attempt.number,
            agent: attempt.agent.as_deref().map(str::to_owned),
            instance: attempt.instance.to_string(),
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
            free: attempt.is_free,
            failure: failure.map(|failure| entry(failure, task, attempt.number)),
        }
    }

    fn strike(&mut self, policy: &Arc<str>, about: &Arc<str>, message: &str, put_aside: bool) {
        let key = (policy.clone(), about.clone());
        let entry = self.policies.entry(key).or_insert_with(|| PolicyEntry {
            policy: policy.to_string(),
            about: about.to_string(),
            strikes: 0,
            put_aside: false,
            message: String::new(),
        });
        entry.strikes += 1;
        entry.put_aside |= put_aside;
        message.clone_into(&mut entry.message);
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
                fallback: record.fallback.clone(),
                failure: record.failure.clone(),
            });
        }
        let entry = TaskEntry {
            id: task.id.to_string(),
            agent: graph.agent_of(task).to_owned(),
            instance: record.instance.as_deref().map(str::to_owned),
            status: record.status,
            failure: record
                .failure
                .as_deref()
                .map(|failure| entry(failure, index, attempts.len() as u32)),
            output,
            fallback: record.fallback.as_deref().map(str::to_owned),
            partial,
            attempts,
            reason: record.reason,
            not_before: record.not_before.map(time),
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
                let entry = Self::attempt(*task, attempt);
                let attempts = self.open.entry(*task).or_default();
                // A million tasks may wait, most of them after one attempt.
                attempts.reserve_exact(1);
                attempts.push(entry);
                Ok(())
            }
            Event::TaskEnded { task, record } => self.task(*task, record),
            Event::PolicyStrike {
                policy,
                about,
                message,
                put_aside,
            } => {
                self.strike(policy, about, message, *put_aside);
                Ok(())
            }
            Event::QuotaWarning { upstream, warning } => {
                self.quotas.push(QuotaEntry {
                    upstream: upstream.to_string(),
                    agent: warning.who.clone(),
                    window_ms: warning.window_ms,
                    percent: warning.percent,
                    used: warning.used,
                    of: warning.of,
                });
                Ok(())
            }
            Event::Reload { at, outcome } => {
                self.reloads.push(reload(*at, outcome));
                Ok(())
            }
            Event::SessionStarted { .. }
            | Event::AttemptStarted { .. }
            | Event::Progress { .. }
            | Event::HandedIn { .. }
            | Event::RetryScheduled { .. }
            | Event::TaskHeld { .. }
            | Event::Hold { .. }
            | Event::Breaker { .. }
            | Event::Instance { .. }
            | Event::Instances(_)
            | Event::Standing { .. }
            | Event::SessionEnded { .. } => Ok(()),
        }
    }
}

fn reload(at: Timestamp, outcome: &Reload) -> ReloadEntry {
    let (applied, changes, message) = match outcome {
        Reload::Applied(changes) => (true, changes.clone(), None),
        Reload::Refused(message) => (false, Vec::new(), Some(message.clone())),
    };
    ReloadEntry {
        at: time(at),
        applied,
        changes,
        message,
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
