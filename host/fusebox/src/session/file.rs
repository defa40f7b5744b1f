//! Session files: YAML to a graph of tasks.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::graph::{Dependency, Graph, GraphError, Input, Task};
use crate::config::OnUpstreamFailure;
use fusebox_system::{regular_file, text};
use fusebox_types::failure::{Code, printable};
use fusebox_types::{Output, TaskIndex};
use fusebox_yaml::{YamlError, from_yaml};

/// The largest session file, in bytes.
const MAX_BYTES: u64 = 256 << 20;
/// The largest file that is read for a task, in bytes: no agent can be
/// configured to take more.
const MAX_INPUT_BYTES: u64 = 64 << 20;

/// Why a session file is no session.
#[derive(Debug, thiserror::Error)]
pub enum SessionFileError {
    /// The file, or one that it names, cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is not the YAML that was expected.
    #[error(transparent)]
    Yaml(#[from] YamlError),
    /// A task depends on one that is not there.
    #[error(
        "task `{}` comes after `{}`, which is not in the session",
        printable(task),
        printable(missing)
    )]
    UnknownTask {
        /// The task.
        task: String,
        /// The id that is not there.
        missing: String,
    },
    /// A task is to be handed the fallback of one that has none.
    #[error(
        "task `{}` comes after `{}` with `on_failure: fallback`, and that task has no `fallback`",
        printable(task),
        printable(on)
    )]
    NoFallback {
        /// The task.
        task: String,
        /// The one without a fallback.
        on: String,
    },
    /// The tasks are no graph.
    #[error(transparent)]
    Graph(#[from] GraphError),
}

impl SessionFileError {
    /// The code that explains this error.
    pub fn code(&self) -> Code {
        match self {
            SessionFileError::Read { .. }
            | SessionFileError::Yaml(_)
            | SessionFileError::NoFallback { .. } => Code::SessionUnreadable,
            SessionFileError::UnknownTask { .. } => Code::SessionUnknownTask,
            SessionFileError::Graph(error) => error.code(),
        }
    }
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionFile {
    session: String,
    tasks: Vec<TaskEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskEntry {
    id: Box<str>,
    agent: String,
    #[serde(default)]
    input: Option<InputEntry>,
    #[serde(default)]
    settings: Option<Map<String, Value>>,
    #[serde(default)]
    after: Vec<AfterEntry>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    on_upstream_failure: Option<OnUpstreamFailure>,
    #[serde(default)]
    fallback: Option<InputEntry>,
}

/// A task that another comes after, alone or with what to do if it has no
/// result.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "`after` takes the ids of tasks, or `{ task: id, on_failure: skip }`, with `skip`, `run-degraded`, `fallback` or `fail-session`"
)]
enum AfterEntry {
    Task(Box<str>),
    Edge(EdgeEntry),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EdgeEntry {
    task: Box<str>,
    #[serde(default)]
    on_failure: Option<OnUpstreamFailure>,
}

/// One of the three, as a map with one key.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
struct InputEntry {
    text: Option<String>,
    file: Option<PathBuf>,
    json: Option<Value>,
}

/// Reads a session file: its name and its tasks. Input files are read from the
/// folder of the session file and those below it, and from nowhere else.
///
/// # Errors
/// If it or an input file cannot be read, or it is no session.
pub fn load(path: &Path) -> Result<(String, Graph), SessionFileError> {
    let read = |source| SessionFileError::Read {
        path: path.to_owned(),
        source,
    };
    let text = regular_file::read_given(path, MAX_BYTES).map_err(read)?;
    let text = text::of_bytes(text).map_err(|error| read(io::Error::other(error)))?;
    let written: SessionFile = from_yaml(&text)?;
    drop(text);
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let dir = Dir::open_ambient_dir(folder, ambient_authority()).map_err(read)?;
    Ok((
        written.session,
        Reader {
            dir,
            files: HashMap::new(),
        }
        .graph(written.tasks)?,
    ))
}

/// Turns entries into tasks.
struct Reader {
    dir: Dir,
    /// Files that several tasks share are held once.
    files: HashMap<PathBuf, Input>,
}

impl Reader {
    fn graph(mut self, entries: Vec<TaskEntry>) -> Result<Graph, SessionFileError> {
        let mut agents = Agents::default();
        let names: HashMap<Box<str>, TaskIndex> = entries.iter().map(|e| e.id.clone()).zip(0..).collect();
        let empty: Input = Arc::new(Output {
            content_type: "text/plain".into(),
            bytes: Vec::new(),
        });
        let mut tasks = Vec::with_capacity(entries.len());
        for entry in entries {
            let input = entry
                .input
                .map_or_else(|| Ok(empty.clone()), |input| self.input("input", input))?;
            let fallback = entry.fallback.map(|value| self.input("fallback", value));
            let find = |(id, on_failure): (&str, _)| {
                let unknown = || SessionFileError::UnknownTask {
                    task: entry.id.to_string(),
                    missing: id.to_owned(),
                };
                let task = *names.get(id).ok_or_else(unknown)?;
                Ok(Dependency::Task { task, on_failure })
            };
            let after = entry.after.iter().map(|edge| find(edge.parts()));
            let after = after.collect::<Result<_, SessionFileError>>()?;
            tasks.push(Task {
                agent: agents.index(entry.agent),
                input,
                settings: entry.settings.map(Arc::new),
                after,
                required: entry.required,
                on_upstream_failure: entry.on_upstream_failure,
                fallback: fallback.transpose()?,
                id: entry.id,
            });
        }
        let graph = Graph::new(tasks, agents.names)?;
        without_fallback(&graph).map_or(Ok(graph), Err)
    }

    fn input(&mut self, key: &str, entry: InputEntry) -> Result<Input, SessionFileError> {
        match (entry.text, entry.file, entry.json) {
            (Some(text), None, None) => Ok(content("text/plain", text.into_bytes())),
            (None, None, Some(json)) => Ok(content("application/json", json.to_string().into_bytes())),
            (None, Some(path), None) => self.file(path),
            _ => Err(YamlError {
                place: None,
                message: format!("`{key}` takes exactly one of `text`, `file` and `json`"),
            }
            .into()),
        }
    }

    fn file(&mut self, path: PathBuf) -> Result<Input, SessionFileError> {
        if let Some(input) = self.files.get(&path) {
            return Ok(input.clone());
        }
        let bytes = regular_file::read_below(&self.dir, &path, MAX_INPUT_BYTES);
        let content = bytes.and_then(|bytes| content_of_file(&path, bytes));
        let content = content.map_err(|source| SessionFileError::Read {
            path: path.clone(),
            source,
        })?;
        let input = Arc::new(content);
        self.files.insert(path, input.clone());
        Ok(input)
    }
}

impl AfterEntry {
    fn parts(&self) -> (&str, Option<OnUpstreamFailure>) {
        match self {
            Self::Task(task) => (task, None),
            Self::Edge(EdgeEntry { task, on_failure }) => (task, *on_failure),
        }
    }
}

/// An edge that asks for a fallback that the other task does not have.
fn without_fallback(graph: &Graph) -> Option<SessionFileError> {
    let mut edges = graph.tasks().iter().flat_map(|task| {
        let of = move |dependency| (task, dependency);
        task.after.iter().map(of)
    });
    edges.find_map(|(task, dependency)| match dependency {
        Dependency::Task {
            task: on,
            on_failure: Some(OnUpstreamFailure::Fallback),
        } => {
            let on = graph.task(*on).filter(|on| on.fallback.is_none())?;
            Some(SessionFileError::NoFallback {
                task: task.id.to_string(),
                on: on.id.to_string(),
            })
        }
        _ => None,
    })
}

fn content(media_type: &str, bytes: Vec<u8>) -> Input {
    Arc::new(Output {
        content_type: media_type.into(),
        bytes,
    })
}

/// What a file holds: a text is without a byte order mark in front.
///
/// # Errors
/// If a text is in UTF-16.
pub(crate) fn content_of_file(path: &Path, bytes: Vec<u8>) -> io::Result<Output> {
    let content_type = media_type(path);
    let is_text = content_type != BINARY;
    if is_text && text::is_utf16(&bytes) {
        return Err(io::Error::other(text::NotUtf8::Utf16));
    }
    Ok(Output {
        content_type: content_type.into(),
        bytes: match is_text {
            true => text::without_mark(bytes),
            false => bytes,
        },
    })
}

/// The media type of what is no text.
const BINARY: &str = "application/octet-stream";

/// The media type of a file by its ending.
fn media_type(path: &Path) -> &'static str {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("md" | "markdown") => "text/markdown",
        Some("json" | "canvas") => "application/json",
        Some("html" | "htm") => "text/html",
        Some("txt") | None => "text/plain",
        Some(_) => BINARY,
    }
}

/// The names of agents, each once, by the order in which they come.
#[derive(Debug, Default)]
pub(crate) struct Agents {
    pub(crate) names: Vec<String>,
}

impl Agents {
    pub(crate) fn index(&mut self, name: String) -> u16 {
        let at = self
            .names
            .iter()
            .position(|known| *known == name)
            .unwrap_or_else(|| {
                self.names.push(name);
                self.names.len() - 1
            });
        // The graph refuses more agents than this.
        u16::try_from(at).unwrap_or(u16::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(yaml: &str) -> Result<(String, Graph), SessionFileError> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("notes.md"), "# Notes").unwrap();
        std::fs::write(dir.path().join("s.yaml"), yaml).unwrap();
        load(&dir.path().join("s.yaml"))
    }

    #[test]
    fn a_session_is_read() {
        let (name, graph) = parse(
            "session: essay\ntasks:\n- { id: a, agent: outliner, input: { text: hi } }\n\
             - { id: b, agent: scorer, after: [a], required: true, settings: { x: 1 }, input: { file: notes.md } }\n\
             - { id: c, agent: scorer, input: { json: [1] }, on_upstream_failure: run-degraded, fallback: { json: {} },\n    \
             after: [{ task: b, on_failure: fail-session }] }\n",
        )
        .unwrap();
        assert_eq!((name.as_str(), graph.len()), ("essay", 3));
        let b = graph.task(1).unwrap();
        assert_eq!(
            (b.input.content_type.as_str(), b.input.bytes.as_slice()),
            ("text/markdown", &b"# Notes"[..])
        );
        assert!(
            b.required
                && matches!(
                    *b.after,
                    [Dependency::Task {
                        task: 0,
                        on_failure: None
                    }]
                )
        );
        assert_eq!(graph.agents(), ["outliner", "scorer"]);
        let c = graph.task(2).unwrap();
        assert_eq!(c.fallback.as_ref().unwrap().bytes, b"{}");
        let on_failure = Some(OnUpstreamFailure::FailSession);
        assert!(matches!(&*c.after, [Dependency::Task { task: 1, on_failure: rule }] if *rule == on_failure));
    }

    #[test]
    fn each_fault_is_named() {
        let cases = [
            (
                "session: s\ntasks: [{ id: a, agent: x, after: [b] }]",
                "`b`, which is not in the session",
            ),
            (
                "session: s\ntasks: [{ id: a, agent: x }, { id: a, agent: x }]",
                "two tasks have the id `a`",
            ),
            (
                "session: s\ntasks: [{ id: a, agent: x, input: { text: a, file: b } }]",
                "exactly one of",
            ),
            (
                "session: s\ntasks: [{ id: a, agent: x, input: { file: ../../etc/passwd } }]",
                "cannot read",
            ),
            ("session: s\ntasks: [{ id: a, agent: x, retires: 3 }]", "retires"),
            (
                "session: s\ntasks: [{ id: a, agent: x, fallback: {} }]",
                "`fallback` takes exactly one of",
            ),
            (
                "session: s\ntasks: [{ id: a, agent: x }, { id: b, agent: x, after: [{ task: a, on_failure: fallback }] }]",
                "that task has no `fallback`",
            ),
            (
                "session: s\ntasks: [{ id: a, agent: x, after: [{ task: a, on_failure: explode }] }]",
                "`after` takes the ids of tasks",
            ),
            ("session: s\ntasks: 7", "line 2"),
        ];
        for (yaml, expected) in cases {
            let error = parse(yaml).unwrap_err().to_string();
            assert!(error.contains(expected), "{yaml}: {error}");
        }
    }
}
