//! Requests, one after the other.

use fusebox_sdk::http::{self, Method};
use fusebox_sdk::{TaskError, attempt, retry};
use serde::Deserialize;

/// A `POST`. One that fails ends the attempt.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Post {
    /// Where to.
    url: String,
    /// The idempotency key that it is sent with, in place of the host's.
    key: Option<String>,
    /// Whether it is sent by an operation that is tried again as the host says.
    retry: bool,
}

/// Sends all of them; each line is the key that the host showed before that.
pub(crate) fn post_all(posts: &[Post]) -> Result<String, TaskError> {
    let mut shown = Vec::new();
    for post in posts {
        let key = attempt::idempotency_key(&Method::Post, &post.url);
        shown.push(key.unwrap_or_else(|| "none".into()));
        match post.retry {
            true => retry("post", || send(post))?,
            false => send(post)?,
        }
    }
    Ok(shown.join("\n"))
}

fn send(post: &Post) -> Result<(), TaskError> {
    let request = http::post(&post.url).body("text/plain", "x");
    let request = match &post.key {
        Some(key) => request.header("idempotency-key", key),
        None => request,
    };
    request.send()?;
    Ok(())
}
