//! An agent that hands its input, and what the task depends on, to a URL: a
//! message to a chat, an entry in a tracker, an order. Doing that twice is not
//! the same as doing it once, and the agent says so.

use std::borrow::Cow;
use std::time::Duration;

use fusebox_sdk::{http, prelude::*};
use serde::Deserialize;

/// The agent.
pub struct Webhook;

/// What the upstream answers with.
const ANY_TYPE: &str = "*/*";

/// The agent's settings.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The whole URL.
    url: String,
    /// The longest wait for the connection, the answer and each part of it.
    timeout_ms: Option<u64>,
    /// The longest answer that is taken, in bytes.
    #[serde(default = "most")]
    max_answer_bytes: usize,
}

const fn most() -> usize {
    http::MAX_BODY
}

impl Agent for Webhook {
    fn describe() -> Descriptor {
        let summary = "Hands its input, or the results it depends on, to a URL; not idempotent";
        Descriptor::new("webhook", env!("CARGO_PKG_VERSION"), summary)
            .accepts(&[Output::TEXT, Output::MARKDOWN, Output::JSON])
            .gives(ANY_TYPE)
            .not_idempotent()
    }

    fn run(task: Task) -> Result<Output, TaskError> {
        let settings: Settings = task.settings()?;
        let body = match task.content_type() {
            Output::JSON => Cow::Borrowed(task.text()?),
            _ => task.text_or_upstream()?,
        };
        let mut request = http::post(&settings.url)
            .body(task.content_type(), body.as_bytes())
            .max_body(settings.max_answer_bytes);
        if let Some(ms) = settings.timeout_ms {
            request = request.timeout(Duration::from_millis(ms));
        }
        let answer = request.send()?;
        let content_type = answer.header("content-type").unwrap_or(Output::TEXT).to_owned();
        Ok(Output::new(&content_type, answer.into_body()))
    }
}

#[cfg(target_family = "wasm")]
export_agent!(Webhook);
