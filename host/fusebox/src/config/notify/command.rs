//! A command that notices are handed to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use super::TOPICS;
use super::{NoticeLevel, NoticeTopic, all_topics, ten_seconds, warning};
use fusebox_secrets::SecretRef;
#[cfg(feature = "schema")]
use fusebox_types::units::Span;
use fusebox_types::units::span;

/// A command that notices are handed to: started for each, with the JSON
/// document on its standard input. No shell is between.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CommandRules {
    /// The program and its arguments. A name is looked for in `PATH`; a path with
    /// a `/` starts at the configuration's folder.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 100), inner(length(max = 4096)), extend("x-expected" = "a list of a program and its arguments, such as `[./tell.sh, --urgent]`")))]
    pub run: Vec<String>,
    /// Secrets that it needs, handed to it as environment variables of these
    /// names. Of the host's own environment it gets what programs need to run at
    /// all, such as `PATH` and `HOME`, and nothing else.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("x-sensitive" = true, "maxProperties" = 32, "propertyNames" = {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}, "x-expected" = "a mapping of variables to references, such as `{ SMTP_PASSWORD: { env: SMTP_PASSWORD } }`")))]
    pub secrets: BTreeMap<String, SecretRef>,
    /// How long it may run; then it is killed, with all that it started. As long
    /// as a webhook is waited for.
    #[serde(with = "span", default = "ten_seconds")]
    #[cfg_attr(feature = "schema", schemars(with = "Span", extend("x-least" = "1ms", "x-most" = "5m")))]
    pub timeout: Duration,
    /// The least level that is told.
    #[serde(default = "warning")]
    pub min_level: NoticeLevel,
    /// What is told of. Everything by default.
    #[serde(default = "all_topics")]
    #[cfg_attr(feature = "schema", schemars(extend("x-expected" = TOPICS)))]
    pub topics: Vec<NoticeTopic>,
}

impl CommandRules {
    pub(super) fn rebase(&mut self, base: impl Fn(&[&str]) -> PathBuf) {
        if let Some(program) = self.run.first_mut().filter(|program| program.contains('/')) {
            let path = base(&["run"]).join(Path::new(program.as_str()));
            // A command's folder is its own business; this is where it lies.
            let path = std::path::absolute(&path).unwrap_or(path);
            *program = path.to_string_lossy().into_owned();
        }
        for (name, secret) in &mut self.secrets {
            if let SecretRef::File(file) = secret {
                *file = base(&["secrets", name]).join(&file);
            }
        }
    }
}
