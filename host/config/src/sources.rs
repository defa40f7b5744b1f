//! Where the configuration is read from: files, then the environment, then
//! arguments; what comes later is laid over what was before, key by key.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::document::Document;
use super::fault::ConfigError;
use super::written::Written;
use fusebox_system::{regular_file, text};
use fusebox_yaml::{KeyPath, Step};

/// Longest configuration file, in bytes.
const MAX_BYTES: u64 = 1 << 20;
/// What the names of environment variables begin with that set a key:
/// `FUSEBOX__SESSION__MAX_PARALLEL=8`.
const VARIABLE_PREFIX: &str = "FUSEBOX__";
/// Below these, names are somebody else's: their case is kept.
const NAMES_OF_OTHERS: [&str; 4] = ["environment", "settings", "retry_settings", "secrets"];

/// What to read, in the order in which it is laid over each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// Files; a later one is laid over those before.
    pub files: Vec<PathBuf>,
    /// What was read of those that are no regular files, such as pipes: they
    /// can be read once only.
    kept: BTreeMap<PathBuf, String>,
    /// Environment variables, names and values; those that set no key are
    /// passed over.
    pub environment: Vec<(OsString, OsString)>,
    /// Settings as `key=value`, as given to `--set`.
    pub set: Vec<String>,
}

impl Sources {
    /// Files, and the environment of this process. What is no regular file is
    /// read here, once and for all.
    pub fn new(files: Vec<PathBuf>, set: Vec<String>) -> Self {
        let pipe = |path: &PathBuf| {
            let found = std::fs::metadata(path).ok()?;
            if !regular_file::speaks(&found) {
                return None;
            }
            let text = text::of_bytes(regular_file::read_given(path, MAX_BYTES).ok()?).ok()?;
            Some((path.clone(), text))
        };
        Self {
            kept: files.iter().filter_map(pipe).collect(),
            files,
            environment: std::env::vars_os().collect(),
            set,
        }
    }

    /// These files and nothing else.
    pub fn of_files(files: Vec<PathBuf>) -> Self {
        Self {
            files,
            ..Self::default()
        }
    }

    pub(super) fn read(&self) -> Result<Written, ConfigError> {
        let mut documents = Vec::new();
        for path in &self.files {
            let text = match self.kept.get(path) {
                Some(text) => text.clone(),
                None => read_file(path)?,
            };
            let base = path.parent().unwrap_or(Path::new("")).to_owned();
            documents.push(Document::parse(path.display().to_string(), base, &text));
        }
        documents.extend(self.variables());
        for setting in &self.set {
            let (key, value) = setting.split_once('=').unwrap_or((setting, ""));
            // Whatever comes after a slip of the pen may be a secret.
            let shown: String = key.chars().take_while(|c| is_of_a_key(*c)).collect();
            let path = if shown == key {
                key.parse()
            } else {
                Err(format!("`{shown}` is followed by something that no key has"))
            };
            documents.push(Document::set(format!("--set {shown}"), path, value));
        }
        Ok(Written::new(documents))
    }

    /// What the environment sets. Two spellings of one key are a fault.
    fn variables(&self) -> Vec<Document> {
        let mut seen = BTreeMap::new();
        let mut variables: Vec<_> = self.environment.iter().collect();
        variables.sort();
        let named = variables.into_iter().filter_map(|(name, value)| {
            let name = name.to_str()?;
            Some((name, name.strip_prefix(VARIABLE_PREFIX)?, value))
        });
        let document = |(name, key, value): (&str, &str, &OsString)| {
            let path = variable_path(key);
            if let Some(other) = seen.insert(path.clone(), name.to_owned()) {
                return Document::broken(
                    name.to_owned(),
                    Some(path),
                    format!("{other} sets the same key; keep one of the two"),
                );
            }
            match value.to_str() {
                Some(text) => Document::set(name.to_owned(), Ok(path), text),
                None => Document::broken(name.to_owned(), Some(path), "its value is not UTF-8".into()),
            }
        };
        named.map(document).collect()
    }
}

fn is_of_a_key(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-.[]".contains(c)
}

fn read_file(path: &Path) -> Result<String, ConfigError> {
    let read = |source| ConfigError::Read {
        path: path.to_owned(),
        source,
    };
    regular_file::open(path).and_then(read_text).map_err(read)
}

fn read_text(from: impl Read) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    from.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        let what = format!("it is larger than the {MAX_BYTES} bytes that a configuration may have");
        return Err(std::io::Error::other(what));
    }
    text::of_bytes(bytes).map_err(std::io::Error::other)
}

/// `AGENTS__MY_AGENT__LIMITS__MEMORY`: keys are in lower case and have `_`,
/// names of agents, instances and upstreams have `-` in its place. Names that
/// are the plugin's or somebody else's stay as they are.
fn variable_path(key: &str) -> KeyPath {
    let (mut is_name, mut is_foreign) = (false, false);
    let step = |part: &str| {
        if is_foreign {
            return Step::Key(part.to_owned());
        }
        let part = part.to_ascii_lowercase();
        let key = if is_name { part.replace('_', "-") } else { part };
        is_foreign = !is_name && NAMES_OF_OTHERS.contains(&key.as_str());
        is_name =
            !is_name && ["agents", "instances", "upstreams", "webhooks", "commands"].contains(&key.as_str());
        Step::Key(key)
    };
    key.split("__").map(step).collect()
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
            (
                "AGENTS__A__GRANTS__ENVIRONMENT__LANG",
                "agents.a.grants.environment.LANG",
            ),
            ("AGENTS__A__SETTINGS__maxWords", "agents.a.settings.maxWords"),
        ] {
            assert_eq!(variable_path(name).to_string(), path);
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_environment_is_read_strictly() {
        use std::os::unix::ffi::OsStringExt;
        let load = |pairs: Vec<(&str, OsString)>| {
            let sources = Sources {
                environment: pairs
                    .into_iter()
                    .map(|(name, value)| (name.into(), value))
                    .collect(),
                ..Sources::default()
            };
            sources
                .load()
                .map(|loaded| loaded.config.session.max_parallel)
                .map_err(|error| error.to_string())
        };
        let (upper, lower) = ("FUSEBOX__SESSION__MAX_PARALLEL", "FUSEBOX__session__max_parallel");
        assert_eq!(load(vec![(upper, "7".into()), ("FUSEBOX_X", "y".into())]), Ok(7));
        assert!(
            load(vec![(upper, "7".into()), (lower, "9".into())])
                .unwrap_err()
                .contains("sets the same key")
        );
        assert!(
            load(vec![(upper, OsString::from_vec(vec![0xff]))])
                .unwrap_err()
                .contains("not UTF-8")
        );
    }

    /// What follows a slip of the pen is not shown.
    #[test]
    fn a_setting_without_an_equals_sign_shows_only_the_key() {
        let sources = Sources {
            set: vec!["agents.a.secrets.k:hunter22".into()],
            ..Sources::default()
        };
        let error = sources.load().unwrap_err().to_string();
        assert!(
            error.contains("--set agents.a.secrets.k") && !error.contains("hunter22"),
            "{error}"
        );
    }
}
