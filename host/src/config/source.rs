//! Where the configuration is read from: files, then the environment, then
//! arguments; what comes later is laid over what was before, key by key.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::events::{self, Marks, Place};
use super::fault::{ConfigError, Fault, Faults};
use super::key::{KeyPath, Step};
use super::yaml::{from_checked, from_yaml, without_mark};

/// Longest configuration file, in bytes.
const MAX_BYTES: u64 = 1 << 20;
/// What the names of environment variables begin with that set a key:
/// `FUSEBOX__SESSION__MAX_PARALLEL=8`.
const VARIABLE_PREFIX: &str = "FUSEBOX__";

/// What to read, in the order in which it is laid over each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// Files; a later one is laid over those before.
    pub files: Vec<PathBuf>,
    /// Environment variables, names and values; those that set no key are
    /// passed over.
    pub environment: Vec<(String, String)>,
    /// Settings as `key=value`, as given to `--set`.
    pub set: Vec<String>,
}

/// Where something was said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// A file's path, or `--set KEY`, or the name of an environment variable.
    pub source: String,
    /// Where in the file.
    pub place: Option<Place>,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::failure::printable(&self.source))?;
        match self.place {
            Some(at) => write!(f, ":{}:{}", at.line, at.column),
            None => Ok(()),
        }
    }
}

/// One text that was read.
#[derive(Debug)]
pub(super) struct Document {
    source: String,
    /// Where relative paths in it start.
    base: PathBuf,
    value: Value,
    marks: Marks,
}

/// All documents, and what they come to together.
#[derive(Debug)]
pub(super) struct Written {
    documents: Vec<Document>,
    pub(super) value: Value,
}

impl Sources {
    /// Files, and the environment of this process.
    pub fn new(files: Vec<PathBuf>, set: Vec<String>) -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self {
            files,
            environment: std::env::vars_os().filter_map(text).collect(),
            set,
        }
    }

    pub(super) fn read(&self) -> Result<Written, ConfigError> {
        let mut documents = Vec::new();
        let mut faults = Vec::new();
        let mut keep = |read: Result<Document, Vec<Fault>>| match read {
            Ok(document) => documents.push(document),
            Err(found) => faults.extend(found),
        };
        for path in &self.files {
            let text = read_file(path)?;
            let base = path.parent().unwrap_or(Path::new("")).to_owned();
            keep(Document::parse(path.display().to_string(), base, &text));
        }
        let mut variables: Vec<_> = self.environment.iter().collect();
        variables.sort();
        for (name, value) in variables {
            if let Some(key) = name.strip_prefix(VARIABLE_PREFIX) {
                keep(Document::set(name.clone(), Ok(variable_path(key)), value));
            }
        }
        for setting in &self.set {
            let (key, value) = setting.split_once('=').unwrap_or((setting, ""));
            keep(Document::set(format!("--set {key}"), key.parse(), value));
        }
        if faults.is_empty() {
            Ok(Written::new(documents))
        } else {
            Err(Faults::of(faults).into())
        }
    }
}

fn read_file(path: &Path) -> Result<String, ConfigError> {
    let read = |source| ConfigError::Read {
        path: path.to_owned(),
        source,
    };
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(read)?;
    std::io::Read::read_to_string(&mut std::io::Read::take(file, MAX_BYTES + 1), &mut text).map_err(read)?;
    if text.len() as u64 > MAX_BYTES {
        let what = format!("it is larger than the {MAX_BYTES} bytes that a configuration may have");
        return Err(read(std::io::Error::other(what)));
    }
    Ok(text)
}

/// `AGENTS__MY_AGENT__LIMITS__MEMORY`: keys are in lower case and have `_`,
/// names of agents, instances and upstreams have `-` in its place.
fn variable_path(key: &str) -> KeyPath {
    let mut is_name = false;
    let step = |part: &str| {
        let part = part.to_ascii_lowercase();
        let key = if is_name { part.replace('_', "-") } else { part };
        is_name = !is_name && ["agents", "instances", "upstreams"].contains(&key.as_str());
        Step::Key(key)
    };
    key.split("__").map(step).collect()
}

impl Document {
    /// A document of a YAML text.
    pub(super) fn parse(source: String, base: PathBuf, text: &str) -> Result<Self, Vec<Fault>> {
        let text = without_mark(text);
        let fault = |key, place, message| Fault {
            origin: Origin {
                source: source.clone(),
                place,
            },
            key,
            message,
        };
        let marks = events::marks(text).map_err(|error| vec![fault(None, error.place, error.message)])?;
        let duplicates: Vec<_> = marks
            .duplicates
            .iter()
            .map(|(key, again, first)| {
                let message = format!(
                    "this key is there already, in line {}; keep one of the two",
                    first.line
                );
                fault(Some(key.clone()), Some(*again), message)
            })
            .collect();
        if !duplicates.is_empty() {
            return Err(duplicates);
        }
        // A file with nothing in it, or only comments, is a whole configuration.
        let value = from_checked::<Option<Value>>(text)
            .map_err(|error| vec![fault(None, error.place, error.message)])?
            .unwrap_or_else(|| Value::Object(serde_json::Map::new()));
        Ok(Self {
            source,
            base,
            value,
            marks,
        })
    }

    /// A document that sets one key. Relative paths start in the working folder.
    fn set(source: String, path: Result<KeyPath, String>, text: &str) -> Result<Self, Vec<Fault>> {
        let fault = |key, message| {
            vec![Fault {
                origin: Origin {
                    source: source.clone(),
                    place: None,
                },
                key,
                message,
            }]
        };
        let path = path.map_err(|message| fault(None, format!("{message}; write KEY=VALUE")))?;
        if path.steps().iter().any(|step| matches!(step, Step::Index(_))) {
            return Err(fault(
                Some(path),
                "an item of a list cannot be set by itself; set the list".into(),
            ));
        }
        if text.is_empty() {
            return Err(fault(Some(path), "has no value; write KEY=VALUE".into()));
        }
        let value = from_yaml::<Value>(text).map_err(|error| fault(Some(path.clone()), error.message))?;
        let nest = |value, key: &&str| Value::Object([((*key).to_owned(), value)].into_iter().collect());
        Ok(Self {
            value: path.keys().iter().rev().fold(value, nest),
            source,
            base: PathBuf::new(),
            marks: Marks::default(),
        })
    }
}

impl Written {
    pub(super) fn new(documents: Vec<Document>) -> Self {
        let mut value = Value::Object(serde_json::Map::new());
        for document in &documents {
            lay_over(&mut value, &document.value);
        }
        Self { documents, value }
    }

    /// Where a key's value is said; none if it is nowhere.
    pub(super) fn origin(&self, path: &KeyPath) -> Option<Origin> {
        let document = self.document(path)?;
        Some(document.origin(document.marks.value(path)))
    }

    /// Where a key stands, or what would hold it.
    pub(super) fn origin_of_key(&self, path: &KeyPath) -> Origin {
        let mut at = path.clone();
        loop {
            if let Some(document) = self.document(&at) {
                return document.origin(document.marks.key(&at));
            }
            match at.parent() {
                Some(above) => at = above,
                None => break,
            }
        }
        Origin {
            source: "the configuration".into(),
            place: None,
        }
    }

    /// Where relative paths in the value of a key start.
    pub(super) fn base(&self, path: &KeyPath) -> &Path {
        self.document(path)
            .map_or(Path::new(""), |document| &document.base)
    }

    /// The last document that says something of a key.
    fn document(&self, path: &KeyPath) -> Option<&Document> {
        self.documents
            .iter()
            .rev()
            .find(|document| path.get(&document.value).is_some())
    }
}

impl Document {
    fn origin(&self, place: Option<Place>) -> Origin {
        Origin {
            source: self.source.clone(),
            place,
        }
    }
}

/// Lays a value over another: mappings key by key, all else as a whole.
pub(super) fn lay_over(base: &mut Value, top: &Value) {
    match (base, top) {
        (Value::Object(base), Value::Object(top)) => {
            for (key, value) in top {
                lay_over(base.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (base, top) => *base = top.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_names_a_key() {
        for (name, path) in [
            ("SESSION__MAX_PARALLEL", "session.max_parallel"),
            (
                "AGENTS__MY_AGENT__LIMITS__HOST_CALLS",
                "agents.my-agent.limits.host_calls",
            ),
            (
                "AGENTS__A__INSTANCES__B_1__RETRY__BASE",
                "agents.a.instances.b-1.retry.base",
            ),
        ] {
            assert_eq!(variable_path(name).to_string(), path);
        }
    }

    #[test]
    fn what_comes_later_is_laid_over_what_was_before() {
        let document = |source: &str, text| Document::parse(source.into(), PathBuf::new(), text).unwrap();
        let set = Document::set("--set a.b".into(), "a.b".parse(), "3").unwrap();
        let written = Written::new(vec![
            document("one", "a: {b: 1, c: 1}\n"),
            document("two", "a:\n  c: 2\n"),
            set,
        ]);
        assert_eq!(written.value, serde_json::json!({"a": {"b": 3, "c": 2}}));
        let origin = |path: &str| {
            written
                .origin(&path.parse().unwrap())
                .map(|origin| origin.to_string())
        };
        assert_eq!(origin("a.b").as_deref(), Some("--set a.b"));
        assert_eq!(origin("a.c").as_deref(), Some("two:2:6"));
        assert_eq!(origin("a.d"), None);
    }
}
