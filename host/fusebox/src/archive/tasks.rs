//! The tasks of a session, kept beside its journal. A session goes on with the
//! tasks that it began with, whatever has become of the board or the session
//! file, of the files that those name, and of the rules of the configuration.
//!
//! One MessagePack map; its digest stands in the journal.

use std::collections::HashMap;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_bytes::Bytes;
use sha2::Digest as _;

use crate::config::OnUpstreamFailure;
use crate::session::{Dependency, Graph, Input, Task};
use fusebox_system::durable;
use fusebox_system::regular_file::Folder;
use fusebox_types::Output;
use fusebox_types::digest::Digest;

/// The file in a session's directory, and what it is called until it is whole.
const FILE: &str = "tasks";
const DRAFT: &str = "tasks.new";
/// The largest such file that is read, in bytes.
const MOST_BYTES: u64 = 2 << 30;

#[derive(Serialize, Deserialize)]
struct Session<'a> {
    #[serde(borrow)]
    agents: Vec<&'a str>,
    /// Each once: nodes of a board may be handed to many tasks.
    #[serde(borrow)]
    contents: Vec<Content<'a>>,
    #[serde(borrow)]
    tasks: Vec<Entry<'a>>,
}

#[derive(Serialize, Deserialize)]
struct Content<'a> {
    content_type: &'a str,
    #[serde(borrow)]
    bytes: &'a Bytes,
}

#[derive(Serialize, Deserialize)]
struct Entry<'a> {
    id: &'a str,
    agent: u16,
    /// A place among the contents.
    input: u32,
    /// JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    settings: Option<String>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    after: Vec<After<'a>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    required: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on_upstream_failure: Option<OnUpstreamFailure>,
    /// A place among the contents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fallback: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum After<'a> {
    /// What to do without its result is the edge's own.
    Task(u32, Option<OnUpstreamFailure>),
    Text(&'a str, u32),
}

/// Keeps the tasks in a session's directory; they are on the disk when this
/// returns.
///
/// # Errors
/// If the file cannot be written.
pub(super) fn write(folder: &Path, graph: &Graph) -> io::Result<Digest> {
    let mut contents = Contents::default();
    let tasks = graph
        .tasks()
        .iter()
        .map(|task| entry(task, &mut contents))
        .collect();
    let session = Session {
        agents: graph.agents().iter().map(String::as_str).collect(),
        tasks,
        contents: contents.all,
    };
    let mut hash = sha2::Sha256::new();
    durable::replace_with(folder, DRAFT, FILE, |file| {
        let mut file = BufWriter::with_capacity(
            256 << 10,
            Hashed {
                file,
                hash: &mut hash,
            },
        );
        rmp_serde::encode::write_named(&mut file, &session).map_err(unwritten)?;
        file.flush()
    })?;
    Ok(Digest(hash.finalize().into()))
}

/// Why something was not written: what the file said, if it said anything.
fn unwritten(error: rmp_serde::encode::Error) -> io::Error {
    match error {
        rmp_serde::encode::Error::InvalidValueWrite(error) => error.into(),
        error => io::Error::other(error),
    }
}

/// Reads the tasks that were kept.
///
/// # Errors
/// If the file cannot be read or is not the one of this digest.
pub(super) fn read(folder: &Path, digest: Digest) -> io::Result<Graph> {
    let changed = || io::Error::other("it is not what was kept when the session began");
    let folder = Folder::open(folder)?;
    // Looked at before it is held: gigabytes of something else are not.
    if Digest::of_all(folder.file(FILE)?.take(MOST_BYTES))? != digest {
        return Err(changed());
    }
    let bytes = folder.read(FILE, MOST_BYTES)?;
    if Digest::of(&bytes) == digest {
        graph(&bytes)
    } else {
        Err(changed())
    }
}

/// Reads the tasks of a session of which nothing says any more what they were,
/// with the digest of their file.
///
/// # Errors
/// If the file cannot be read.
pub(super) fn read_unknown(folder: &Path) -> io::Result<(Graph, Digest)> {
    let bytes = Folder::open(folder)?.read(FILE, MOST_BYTES)?;
    Ok((graph(&bytes)?, Digest::of(&bytes)))
}

fn graph(bytes: &[u8]) -> io::Result<Graph> {
    let session: Session<'_> = rmp_serde::from_slice(bytes).map_err(io::Error::other)?;
    let contents: Vec<Input> = session.contents.into_iter().map(input).collect();
    let tasks: io::Result<_> = session
        .tasks
        .into_iter()
        .map(|task| read_task(task, &contents))
        .collect();
    let agents = session.agents.into_iter().map(str::to_owned).collect();
    Graph::new(tasks?, agents).map_err(io::Error::other)
}

/// Contents, each once.
#[derive(Default)]
struct Contents<'a> {
    all: Vec<Content<'a>>,
    places: HashMap<*const Output, u32>,
}

impl<'a> Contents<'a> {
    fn place(&mut self, input: &'a Input) -> u32 {
        let next = self.all.len() as u32;
        let place = *self.places.entry(Arc::as_ptr(input)).or_insert(next);
        if place == next {
            self.all.push(Content {
                content_type: &input.content_type,
                bytes: Bytes::new(&input.bytes),
            });
        }
        place
    }
}

fn entry<'a>(task: &'a Task, contents: &mut Contents<'a>) -> Entry<'a> {
    let settings = task.settings.as_deref().cloned().map(serde_json::Value::Object);
    Entry {
        id: &task.id,
        agent: task.agent,
        input: contents.place(&task.input),
        settings: settings.map(|settings| settings.to_string()),
        after: task
            .after
            .iter()
            .map(|dependency| match dependency {
                Dependency::Task { task, on_failure } => After::Task(*task, *on_failure),
                Dependency::Text { id, content } => After::Text(id, contents.place(content)),
            })
            .collect(),
        required: task.required,
        on_upstream_failure: task.on_upstream_failure,
        fallback: task.fallback.as_ref().map(|content| contents.place(content)),
    }
}

fn input(kept: Content<'_>) -> Input {
    Arc::new(Output {
        content_type: kept.content_type.to_owned(),
        bytes: kept.bytes.to_vec(),
    })
}

fn read_task(kept: Entry<'_>, contents: &[Input]) -> io::Result<Task> {
    let content = |place: u32| {
        let content = contents.get(place as usize).cloned();
        content.ok_or_else(|| io::Error::other("a content is missing"))
    };
    let dependency = |after: &After<'_>| match after {
        After::Task(task, on_failure) => Ok(Dependency::Task {
            task: *task,
            on_failure: *on_failure,
        }),
        After::Text(id, place) => content(*place).map(|content| Dependency::Text {
            id: (*id).into(),
            content,
        }),
    };
    let settings = kept.settings.as_deref().map(serde_json::from_str).transpose()?;
    Ok(Task {
        id: kept.id.into(),
        agent: kept.agent,
        input: content(kept.input)?,
        settings: settings.map(Arc::new),
        after: kept.after.iter().map(dependency).collect::<io::Result<_>>()?,
        required: kept.required,
        on_upstream_failure: kept.on_upstream_failure,
        fallback: kept.fallback.map(content).transpose()?,
    })
}

/// A file whose bytes are hashed on their way.
struct Hashed<'a> {
    file: &'a mut std::fs::File,
    hash: &'a mut sha2::Sha256,
}

impl Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests;
