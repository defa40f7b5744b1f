//! What is kept of tasks.

use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};

pub use fusebox_types::TaskStatus;

/// A SHA-256.
pub type Digest = ByteArray<32>;

/// A request of a task that is not idempotent is about to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestSent {
    /// The task, by its index in the graph.
    pub task: u32,
    /// The attempt that sends it, from 1.
    pub attempt: u32,
    /// Where it goes.
    #[serde(default)]
    pub upstream: String,
    /// The header that carries its idempotency key, if it may be sent again because
    /// of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_header: Option<String>,
}

/// An attempt has failed and another will be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Retry {
    /// The task, by its index in the graph.
    pub task: u32,
    /// The attempt that failed.
    pub attempt: Attempt,
    /// When the next one is to begin.
    #[serde(default)]
    pub next_at: i64,
}

/// Tasks that had ended are to be run again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reopened {
    /// Their indices in the graph. More than a record holds go into several.
    pub tasks: Vec<u32>,
    /// Whether their requests are sent with new idempotency keys.
    #[serde(default)]
    pub new_keys: bool,
}

/// Nothing more will happen to a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskEnded {
    /// The task, by its index in the graph.
    pub task: u32,
    /// What it came to.
    pub status: TaskStatus,
    /// The instance that ran it last; none if none did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The whole result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Output>,
    /// What gave the result, if it was not the task's agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
    /// What there is of a result that is not whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<Output>,
    /// Why there is no whole result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Why nothing more was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Before when whoever failed asked not to be tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<i64>,
    /// The last attempt; those before it have records of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Attempt>,
}

impl TaskEnded {
    /// A task that came to this and has nothing.
    pub fn new(task: u32, status: TaskStatus) -> Self {
        Self {
            task,
            status,
            instance: None,
            output: None,
            fallback: None,
            partial: None,
            failure: None,
            reason: None,
            not_before: None,
            last: None,
        }
    }
}

/// A result, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Its media type. The plugin's words.
    pub content_type: String,
    /// Its size.
    pub bytes: u64,
    /// The digest of its bytes.
    pub sha256: Digest,
    /// Where the bytes are.
    pub kept: Kept,
}

/// Where the bytes of a result are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// Here.
    Inline(ByteBuf),
    /// In this file of the session's directory, which was on the disk before
    /// this record.
    File(String),
}

/// One attempt, once it is over.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its number, from 1.
    pub number: u32,
    /// The agent, if it stood in for the task's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The instance.
    #[serde(default)]
    pub instance: String,
    /// When it began.
    #[serde(default)]
    pub started: i64,
    /// How long it took, waits included.
    #[serde(default)]
    pub wall: u64,
    /// How long the host waited before it.
    #[serde(default)]
    pub delay_before: u64,
    /// How long it held a core.
    #[serde(default)]
    pub cpu: u64,
    /// WebAssembly instructions, roughly.
    #[serde(default)]
    pub fuel: u64,
    /// The most bytes of memory that there were at once.
    #[serde(default)]
    pub memory_peak: u64,
    /// What went wrong; none if it succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Whether it is none of those that may be made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_free: bool,
    /// What its guest handed in of a result, if the task's end does not have it.
    /// Rare, and large.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<Box<Output>>,
    /// What its guest handed in to stand in for a result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Box<Output>>,
}

impl Attempt {
    /// When it ended.
    pub fn ended(&self) -> i64 {
        let wall = i64::try_from(self.wall).unwrap_or(i64::MAX);
        self.started.saturating_add(wall)
    }
}

/// A failure. Names of classes are kept as words, so that an older version can
/// read what a newer one has more of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Its code.
    pub code: String,
    /// Its class.
    #[serde(default)]
    pub category: String,
    /// How bad it is.
    #[serde(default)]
    pub severity: String,
    /// Whose fault it is.
    #[serde(default)]
    pub blame: String,
    /// Whether trying again can help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retryable: Option<bool>,
    /// The least wait before another try, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// What happened, for a person. May hold a guest's words.
    #[serde(default)]
    pub message: String,
    /// Anything else worth knowing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<(String, String)>,
}
