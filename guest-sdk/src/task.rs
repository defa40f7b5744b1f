//! One task, as the plugin sees it.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use crate::TaskError;
use crate::bindings::fusebox::agent::types as wire;

pub use wire::Completeness;

/// One task: what to work on, with what settings, after which results.
#[derive(Debug)]
pub struct Task {
    request: wire::Request,
    dependencies: Vec<Dependency>,
}

/// What a task that this one depends on came to.
#[derive(Debug)]
pub struct Dependency(wire::Dependency);

impl Task {
    /// The id of the task.
    pub fn id(&self) -> &str {
        &self.request.task
    }

    /// The id of the session.
    pub fn session(&self) -> &str {
        &self.request.session
    }

    /// The id of the configured instance that carries out the task.
    pub fn instance(&self) -> &str {
        &self.request.instance
    }

    /// The media type of the input.
    pub fn content_type(&self) -> &str {
        &self.request.input.content_type
    }

    /// The input as it is.
    pub fn bytes(&self) -> &[u8] {
        &self.request.input.bytes
    }

    /// The input as text.
    ///
    /// # Errors
    /// `validation`, not retryable, if it is not UTF-8.
    pub fn text(&self) -> Result<&str, TaskError> {
        text_of(&self.request.input, "the input")
    }

    /// The input as text or, where that is blank, the texts of the
    /// dependencies: a board's node often says only which agent is to work on
    /// what its edges bring.
    ///
    /// # Errors
    /// As [`Task::text`].
    pub fn text_or_upstream(&self) -> Result<Cow<'_, str>, TaskError> {
        let own = self.text()?;
        if own.trim().is_empty() {
            return Ok(Cow::Owned(self.upstream_text()));
        }
        Ok(Cow::Borrowed(own))
    }

    /// The input as JSON.
    ///
    /// # Errors
    /// `validation`, not retryable, if it is not JSON of that type.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, TaskError> {
        serde_json::from_slice(self.bytes())
            .map_err(|e| TaskError::validation("input.json", format!("the input: {e}")))
    }

    /// The settings of instance and task together.
    ///
    /// # Errors
    /// `validation`, not retryable, naming the setting that does not fit.
    pub fn settings<T: DeserializeOwned>(&self) -> Result<T, TaskError> {
        serde_json::from_str(&self.request.settings)
            .map_err(|e| TaskError::validation("settings", format!("the settings: {e}")))
    }

    /// What the host says of the task under a name that the contract has no
    /// field for; none if it says nothing under that name.
    ///
    /// # Errors
    /// `validation`, not retryable, naming the extension that does not fit.
    pub fn extension<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, TaskError> {
        let said = self.request.extensions.iter().find(|one| one.name == name);
        let value = said.map(|one| serde_json::from_str(&one.value));
        value
            .transpose()
            .map_err(|e| TaskError::validation("extension", format!("the extension `{name}`: {e}")))
    }

    /// The results of the tasks that this one depends on.
    pub fn dependencies(&self) -> &[Dependency] {
        &self.dependencies
    }

    /// The texts of all dependencies that have one, with an empty line between.
    pub fn upstream_text(&self) -> String {
        let texts: Vec<&str> = self.dependencies.iter().filter_map(|d| d.text().ok()).collect();
        texts.join("\n\n")
    }
}

impl Dependency {
    /// The id of the task or of the board's node.
    pub fn task(&self) -> &str {
        &self.0.task
    }

    /// What the content is worth.
    pub fn completeness(&self) -> Completeness {
        self.0.completeness
    }

    /// Its bytes; empty if it is missing.
    pub fn bytes(&self) -> &[u8] {
        self.0.content.as_ref().map_or(&[], |c| &c.bytes)
    }

    /// Its text.
    ///
    /// # Errors
    /// `validation`, not retryable, if there is none or it is not UTF-8.
    pub fn text(&self) -> Result<&str, TaskError> {
        let Some(content) = &self.0.content else {
            let message = format!("the result of `{}` is missing", self.0.task);
            return Err(TaskError::validation("dependency.missing", message));
        };
        text_of(content, &self.0.task)
    }
}

impl From<wire::Request> for Task {
    fn from(mut request: wire::Request) -> Self {
        let dependencies = std::mem::take(&mut request.dependencies);
        Self {
            request,
            dependencies: dependencies.into_iter().map(Dependency).collect(),
        }
    }
}

fn text_of<'a>(content: &'a wire::Content, what: &str) -> Result<&'a str, TaskError> {
    std::str::from_utf8(&content.bytes)
        .map_err(|e| TaskError::validation("input.utf8", format!("{what}: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_host_says_beside_the_contract_is_read_by_its_name() {
        let extension = |name: &str, value: &str| wire::Extension {
            name: name.into(),
            value: value.into(),
        };
        let empty = wire::Content {
            content_type: "text/plain".into(),
            bytes: Vec::new(),
        };
        let task = Task::from(wire::Request {
            session: "s".into(),
            task: "t".into(),
            instance: "i".into(),
            input: empty,
            dependencies: Vec::new(),
            settings: "{}".into(),
            extensions: vec![extension("example.share", "[1, 2]"), extension("later", "{}")],
        });
        assert_eq!(task.extension("example.share").unwrap(), Some([1, 2]));
        assert_eq!(task.extension::<u8>("example.color").unwrap(), None);
        let error = task.extension::<u8>("example.share").unwrap_err().into_wire();
        let begins = "the extension `example.share`: invalid type";
        assert!(error.message.starts_with(begins), "{}", error.message);
        assert_eq!(error.retryable, Some(false));
    }
}
