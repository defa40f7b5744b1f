//! The results of a session, and what each of them is worth.

use std::sync::Arc;

use crate::archive::{LostResult, SessionArchive};
use crate::session::Graph;
use fusebox_events::{Event, TaskRecord};
use fusebox_types::{Output, TaskIndex, TaskStatus};

/// A result that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptResult {
    /// The task. Possibly hostile: print it through `printable`.
    pub task: String,
    /// The agent that the task was for.
    pub agent: String,
    /// What the task came to.
    pub status: TaskStatus,
    /// What the result is worth.
    pub completeness: Completeness,
    /// What gave it, if it stands in for the agent's own: `agent:<name>`,
    /// `cached:<age>` or `value`.
    pub fallback: Option<String>,
    /// The result itself.
    pub output: Arc<Output>,
}

/// What a result is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// It is what the task was for.
    Whole,
    /// It is a part of that.
    Partial,
    /// Something else stands in for it.
    Fallback,
}

/// Where the results are.
#[derive(Debug)]
pub(super) enum Results {
    /// Here, in the order in which the tasks ended.
    Held(Arc<Graph>, Vec<KeptResult>),
    /// In a session's directory, in the order of the tasks.
    InFolder(Box<SessionArchive>),
}

impl Results {
    pub(super) const fn held(graph: Arc<Graph>) -> Self {
        Self::Held(graph, Vec::new())
    }

    /// Takes the result of a task that is over, if results are held here.
    pub(super) fn read(&mut self, event: &Event) {
        if let (Self::Held(graph, held), Event::TaskEnded { task, record }) = (self, event) {
            held.extend(result(graph, *task, record));
        }
    }

    pub(super) fn all(&self) -> Box<dyn Iterator<Item = Result<KeptResult, LostResult>> + '_> {
        match self {
            Self::Held(_, held) => Box::new(held.iter().cloned().map(Ok)),
            Self::InFolder(past) => Box::new(past.ends().filter_map(|(task, record)| match record {
                Ok(record) => result(past.graph(), task, &record).map(Ok),
                Err(lost) => Some(Err(lost)),
            })),
        }
    }
}

fn result(graph: &Graph, index: TaskIndex, record: &TaskRecord) -> Option<KeptResult> {
    let task = graph.task(index)?;
    let (output, completeness) = match (&record.output, &record.partial, &record.fallback) {
        (Some(output), _, None) => (output, Completeness::Whole),
        (Some(output), _, Some(_)) => (output, Completeness::Fallback),
        (None, partial, _) => (partial.as_ref()?, Completeness::Partial),
    };
    Some(KeptResult {
        task: task.id.to_string(),
        agent: graph.agent_of(task).to_owned(),
        status: record.status,
        completeness,
        fallback: record.fallback.as_deref().map(str::to_owned),
        output: output.clone(),
    })
}
