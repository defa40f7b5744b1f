//! What a plugin is asked, so that an earlier answer can be told from one to
//! something else.

use std::collections::BTreeMap;

use super::graph::Task;
use crate::agents::{Agent, Instance};
use fusebox_runtime::sandbox::bindings::{Completeness, Content, Dependency};
use fusebox_types::digest::Digest;

/// Stands for what is not there.
const NOTHING: Digest = Digest([0; 32]);

/// A task that an agent is asked, whichever instance of it is.
pub(super) struct Question<'a> {
    agent: &'a Agent,
    task: &'a Task,
    /// Of the plugin, the input, and what other tasks handed on.
    asked: Digest,
}

impl<'a> Question<'a> {
    pub(super) fn new(agent: &'a Agent, task: &'a Task, dependencies: &[Dependency]) -> Self {
        let mut parts = vec![agent.digest];
        parts.extend(parts_of(task, dependencies));
        Self {
            agent,
            task,
            asked: of_all(&parts),
        }
    }

    /// What an answer by an instance is kept under. Secrets are no part of it: a
    /// new key is no new question, and a digest may tell what was guessed right.
    pub(super) fn to(&self, instance: &Instance) -> String {
        let secret = |name: &str| match &instance.granted {
            Some(granted) => granted.is_secret(name),
            None => false,
        };
        let own = instance.settings.iter().filter(|(name, _)| !secret(name));
        let of_task = self.task.settings.iter().flat_map(|settings| settings.iter());
        let settings: BTreeMap<_, _> = own.chain(of_task).collect();
        let environment = instance.granted.iter().flat_map(|granted| granted.environment());
        let told: Vec<_> = environment.collect();
        let written = |value: serde_json::Result<Vec<u8>>| value.map_or(NOTHING, |text| Digest::of(&text));
        let asked = of_all(&[
            self.asked,
            written(serde_json::to_vec(&settings)),
            written(serde_json::to_vec(&told)),
        ]);
        format!("{}:{asked}", self.agent.name)
    }
}

/// What a task is handed: its input, and what other tasks handed on.
pub(super) fn handed(task: &Task, dependencies: &[Dependency]) -> Digest {
    of_all(&parts_of(task, dependencies))
}

fn parts_of(task: &Task, dependencies: &[Dependency]) -> Vec<Digest> {
    let mut parts = content(&task.input.content_type, &task.input.bytes).to_vec();
    for dependency in dependencies {
        parts.push(Digest::of(dependency.task.as_bytes()));
        parts.push(Digest::of(completeness(dependency.completeness)));
        parts.extend(match &dependency.content {
            Some(Content { content_type, bytes }) => content(content_type, bytes),
            None => [NOTHING; 2],
        });
    }
    parts
}

fn content(content_type: &str, bytes: &[u8]) -> [Digest; 2] {
    [Digest::of(content_type.as_bytes()), Digest::of(bytes)]
}

const fn completeness(completeness: Completeness) -> &'static [u8] {
    match completeness {
        Completeness::Complete => b"complete",
        Completeness::Partial => b"partial",
        Completeness::Fallback => b"fallback",
        Completeness::Missing => b"missing",
    }
}

/// Parts of one length each, so that none runs into the next.
fn of_all(parts: &[Digest]) -> Digest {
    let parts: Vec<&[u8]> = parts.iter().map(|part| &part.0[..]).collect();
    Digest::of_parts(&parts)
}
