//! The steps.

use std::time::Duration;

use fusebox_sdk::http::{HttpError, Request, get, post};
use fusebox_sdk::{Category, Output, TaskError, attempt, files, log, partial, retry, sleep};
use serde::Deserialize;

use crate::end::End;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Step {
    /// Ask for what is at a URL.
    Get {
        url: String,
        #[serde(default)]
        then: Then,
    },
    /// Hand a text to a URL.
    Post {
        url: String,
        #[serde(default)]
        then: Then,
    },
    /// Read a file.
    Read {
        path: String,
        #[serde(default)]
        then: Then,
    },
    /// Say this to the log.
    Log(String),
    /// Ask the host which attempt this is.
    Attempt,
    /// Wait for so many milliseconds.
    Sleep(u64),
    /// Hand this in as a part of the result.
    Partial(String),
    /// Fail with this error.
    Fail(Said),
    /// End in this way.
    End(End),
}

/// What follows if a step does not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Then {
    /// Nothing: the next step does.
    #[default]
    Ignore,
    /// It is handed on as the error that the SDK makes of it.
    HandOn,
    /// The same after as many tries inside the attempt as the host gives.
    Retry,
    /// Nobody handles it, as with an `unwrap`.
    Escape,
}

/// An error as a plugin words it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Said {
    /// Whether it is `network`, `instance-failure` or `validation`; another is a
    /// defect of the script.
    category: String,
    /// Its code.
    code: String,
    /// Whether it says that trying again can help.
    retryable: Option<bool>,
}

impl Step {
    pub(crate) fn carry_out(self) -> Result<(), TaskError> {
        match self {
            Self::Get { url, then } => then.follow(|| sent(get(&url))),
            Self::Post { url, then } => then.follow(|| sent(post(&url).body("text/plain", "script"))),
            Self::Read { path, then } => then.follow(|| Ok(files::read(&path).map(drop)?)),
            Self::Log(text) => {
                log::info!("{text}");
                Ok(())
            }
            Self::Attempt => {
                std::hint::black_box(attempt::number());
                Ok(())
            }
            Self::Sleep(ms) => {
                sleep(Duration::from_millis(ms));
                Ok(())
            }
            Self::Partial(text) => {
                partial(Output::text(text));
                Ok(())
            }
            Self::Fail(said) => Err(said.error()),
            Self::End(end) => end.carry_out(),
        }
    }
}

fn sent(request: Request) -> Result<(), TaskError> {
    let sent: Result<_, HttpError> = request.send();
    Ok(sent.map(drop)?)
}

impl Then {
    fn follow(self, mut act: impl FnMut() -> Result<(), TaskError>) -> Result<(), TaskError> {
        match self {
            Self::Ignore => {
                let _ = act();
                Ok(())
            }
            Self::HandOn => act(),
            Self::Retry => retry("step", act),
            Self::Escape => {
                escape(act());
                Ok(())
            }
        }
    }
}

#[allow(clippy::unwrap_used)] // That nobody handles it is the whole purpose.
fn escape(done: Result<(), TaskError>) {
    done.unwrap();
}

impl Said {
    fn error(self) -> TaskError {
        let category = match self.category.as_str() {
            "network" => Category::Network,
            "validation" => Category::Validation,
            _ => Category::InstanceFailure,
        };
        let error = TaskError::new(category, &self.code, "as the script says");
        match self.retryable {
            None => error,
            Some(true) => error.transient(),
            Some(false) => error.permanent(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_read_as_it_is_written() {
        let written = r#"[{"get": {"url": "http://a/b", "then": "escape"}}, {"log": "x"}, "attempt",
            {"fail": {"category": "network", "code": "x", "retryable": false}}, {"end": "panic"}]"#;
        let steps: Vec<Step> = serde_json::from_str(written).unwrap();
        assert_eq!(steps.len(), 5);
        assert_eq!(steps[2], Step::Attempt);
        assert!(serde_json::from_str::<Vec<Step>>(r#"["jump"]"#).is_err());
    }

    #[test]
    fn an_error_says_what_the_script_says() {
        let said = |category: &str, retryable| Said {
            category: category.into(),
            code: "x".into(),
            retryable,
        };
        let error = said("network", Some(false)).error();
        assert_eq!(
            (error.category(), error.retryable()),
            (Category::Network, Some(false))
        );
        assert_eq!(said("instance-failure", None).error().retryable(), None);
    }
}
