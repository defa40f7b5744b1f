//! How to misbehave.

use serde::Deserialize;

use crate::files::Step;
use crate::requests::Post;

/// The agent's settings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// What to do.
    pub(crate) mode: Mode,
    /// Whether to hand in the echo as a partial result first.
    pub(crate) partial: bool,
    /// What to hand in first as an echo that stands in for the result.
    pub(crate) fallback: Option<String>,
    /// Whether what it hands in is not what it declares.
    pub(crate) garbled: bool,
    /// How many attempts `flaky` fails, how many tries `inner`, how many calls
    /// `service`.
    pub(crate) failures: u32,
    /// What `service` calls its service.
    pub(crate) service: String,
    /// How long `sleep` waits, in milliseconds.
    pub(crate) ms: u64,
    /// How often `busy` goes round its loop.
    pub(crate) iterations: u64,
    /// What `files` does with files.
    pub(crate) steps: Vec<Step>,
    /// What `requests` sends.
    pub(crate) posts: Vec<Post>,
}

/// A way to misbehave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// Echo the input.
    #[default]
    None,
    /// Panic.
    Panic,
    /// Never end.
    Spin,
    /// Take memory without end.
    Memory,
    /// Take stack without end.
    Recurse,
    /// Return what the descriptor rules out.
    Garbage,
    /// Fail the first attempts as a network does.
    Flaky,
    /// Have an operation inside the attempt fail first, and try it again as the
    /// host says.
    Inner,
    /// Report failures of a service to its breaker, and say how many calls were
    /// let through.
    Service,
    /// Wait, then echo.
    Sleep,
    /// Fail for good.
    Error,
    /// Work hard for a bounded time, then echo.
    Busy,
    /// Do with files what the steps say, and say what each came to.
    Files,
    /// Send requests, and say with which idempotency keys.
    Requests,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mode: Mode::None,
            partial: false,
            fallback: None,
            garbled: false,
            failures: 2,
            service: "service".into(),
            ms: 1_000,
            iterations: 1_000_000_000,
            steps: Vec::new(),
            posts: Vec::new(),
        }
    }
}
