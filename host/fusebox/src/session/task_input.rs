//! What is handed to a task, and from one task to the next.

use serde_json::{Map, Value};

use super::graph::{Dependency, Graph, Task};
use super::scheduler::Settled;
use crate::agents::Instance;
use crate::config::settings_under;
use fusebox_events::TaskRecord;
use fusebox_runtime::sandbox::bindings::{self, Completeness, Content, Request};
use fusebox_types::{Output, TaskStatus};

/// What the task is handed besides its input, in the order of the session.
pub(super) fn dependencies(graph: &Graph, task: &Task, results: &[Settled]) -> Vec<bindings::Dependency> {
    let mut results = results.iter();
    let of = |dependency: &Dependency| match dependency {
        Dependency::Text { id, content } => bindings::Dependency {
            task: id.to_string(),
            completeness: Completeness::Complete,
            content: Some(to_wire(content)),
        },
        Dependency::Task { task: on, .. } => {
            let settled = results.next().unwrap_or(&Settled::MISSING);
            bindings::Dependency {
                task: graph
                    .task(*on)
                    .map_or_else(String::new, |task| task.id.to_string()),
                completeness: settled.completeness,
                content: settled.output.as_deref().map(to_wire),
            }
        }
    };
    task.after.iter().map(of).collect()
}

/// What the plugin is given for one attempt, with these settings over its own.
pub(super) fn request(
    session: &str,
    (task, settings): (&Task, Option<&Map<String, Value>>),
    instance: &Instance,
    dependencies: &[bindings::Dependency],
) -> Request {
    let settings = match settings {
        None => instance.settings_json.clone(),
        Some(own) => Value::Object(settings_under(&instance.settings, own)).to_string(),
    };
    Request {
        session: session.to_owned(),
        task: task.id.to_string(),
        instance: instance.id.to_string(),
        input: to_wire(&task.input),
        dependencies: dependencies.to_vec(),
        settings,
        extensions: Vec::new(),
    }
}

/// What a task hands to those that depend on it.
pub(super) fn settled(record: &TaskRecord) -> Settled {
    if let Some(output) = &record.output {
        return Settled {
            completeness: match record.fallback {
                None => Completeness::Complete,
                Some(_) => Completeness::Fallback,
            },
            output: Some(output.clone()),
        };
    }
    match &record.partial {
        Some(partial) if record.status == TaskStatus::Degraded => Settled {
            completeness: Completeness::Partial,
            output: Some(partial.clone()),
        },
        _ => Settled::MISSING,
    }
}

fn to_wire(output: &Output) -> Content {
    Content {
        content_type: output.content_type.clone(),
        bytes: output.bytes.clone(),
    }
}

/// Content as it came from a plugin.
pub(super) fn from_wire(content: Content) -> Output {
    Output {
        content_type: content.content_type,
        bytes: content.bytes,
    }
}
