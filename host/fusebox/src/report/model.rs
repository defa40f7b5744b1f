//! `report.json`: its fields, and by them its JSON Schema.

use serde::{Deserialize, Serialize};

use crate::session::GiveUp;
use fusebox_events::{BreakerView, InstanceView, QuarantineView};
use fusebox_resilience::patterns::Kind;
use fusebox_store::output_dir::OutputRef;
use fusebox_types::failure::{Blame, Category, Severity};
use fusebox_types::{Counts, SessionStatus, TaskStatus};

/// The version of the report's shape.
pub(super) const SCHEMA: &str = "fusebox.report/2";

/// The whole report. The file is written as events come, so `tasks` comes
/// before `session`, in the order in which the tasks ended.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// `fusebox.report/2`.
    pub schema: String,
    /// The tasks, in the order in which they ended.
    pub tasks: Vec<TaskEntry>,
    /// The session as a whole.
    pub session: SessionEntry,
    /// How many tasks came to what.
    pub counts: Counts,
    /// Circuit breakers that have opened.
    pub breakers: Vec<BreakerView>,
    /// Breakers that held tasks back.
    pub holds: Vec<HoldEntry>,
    /// Instances that were taken out of their pools, or would have been if the
    /// pools had not needed them: the last quarantine of each.
    pub quarantined: Vec<QuarantineView>,
    /// How the instances did, as they were at the end.
    pub instances: Vec<InstanceView>,
    /// Patterns among the failures.
    pub patterns: Vec<PatternEntry>,
    /// What can be done next.
    pub recovery: Vec<RecoveryEntry>,
    /// Changes of the configuration while the session ran.
    pub reloads: Vec<ReloadEntry>,
    /// Quotas of upstreams that were nearly used up.
    pub quotas: Vec<QuotaEntry>,
    /// Policy components that failed to decide.
    pub policies: Vec<PolicyEntry>,
}

/// A breaker that held tasks back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HoldEntry {
    /// The breaker, such as `upstream:llm`.
    pub by: String,
    /// Since when it holds tasks, or when it last began to, in UTC.
    pub since: String,
    /// When the next of them may try, in UTC; null if it holds none any more, or if
    /// a person has to act.
    pub until: Option<String>,
    /// How many it holds; 0 if none any more.
    pub tasks: u64,
    /// The most that it held at once, since then.
    pub most_tasks: u64,
    /// For how long it held tasks in this run of the session, all in all, in
    /// milliseconds.
    pub total_ms: u64,
}

/// A policy component that failed to decide. The built-in policy did.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PolicyEntry {
    /// Its file, as the configuration names it.
    pub policy: String,
    /// The agent, or the breaker, that it was to decide about.
    pub about: String,
    /// How often it failed.
    pub strikes: u64,
    /// Whether it was put aside, for the rest of the session or until it was
    /// replaced.
    pub put_aside: bool,
    /// How it failed the last time. May hold a plugin's words.
    pub message: String,
}

/// A quota of an upstream that had just passed 80, 90 or 95 %.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuotaEntry {
    /// The upstream.
    pub upstream: String,
    /// Whose part of the quota it is; none for the quota as a whole.
    pub agent: Option<String>,
    /// The length of its window.
    pub window_ms: u64,
    /// What was passed.
    pub percent: u8,
    /// Requests in the window.
    pub used: u64,
    /// Requests that there may be.
    pub of: u64,
}

/// A change of the configuration while the session ran.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReloadEntry {
    /// When, in UTC. Attempts that began later ran under the new one.
    pub at: String,
    /// Whether it is in force; if not, the old one still was.
    pub applied: bool,
    /// What changed: `session.max_parallel: 4 -> 8`.
    pub changes: Vec<String>,
    /// Why it is not in force.
    pub message: Option<String>,
}

/// The session as a whole.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionEntry {
    /// Its id.
    pub id: String,
    /// The board or session file that it was made of.
    pub source: String,
    /// What it came to.
    pub status: SessionStatus,
    /// What its jitter was drawn from: with this as `session.seed` the same
    /// failures are answered with the same waits.
    pub seed: u64,
    /// When it began, in UTC.
    pub started: String,
    /// When it ended, in UTC: never before it began.
    pub finished: String,
    /// For how long its processes ran, in milliseconds: without the time between
    /// them, and whatever the clock was set to.
    pub duration_ms: f64,
}

/// One task.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TaskEntry {
    /// Its id.
    pub id: String,
    /// The agent that it was for.
    pub agent: String,
    /// The instance that ran it last; none if none did.
    pub instance: Option<String>,
    /// What it came to.
    pub status: TaskStatus,
    /// The whole result, or what stands in for it.
    pub output: Option<OutputRef>,
    /// What gave the output, if not the task's own agent: `agent:<name>`,
    /// `cached:<age>` for one that it gave earlier, or `value` for one that was
    /// fixed or handed in beforehand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
    /// What there is of a result that is not whole.
    pub partial: Option<OutputRef>,
    /// All attempts, in order.
    pub attempts: Vec<AttemptEntry>,
    /// Why there is no whole result.
    pub failure: Option<FailureEntry>,
    /// Why nothing more was tried.
    pub reason: Option<GiveUp>,
    /// Before when whoever failed asked not to be tried again, in UTC. A resume
    /// before then waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<String>,
}

/// One attempt.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AttemptEntry {
    /// Its number, from 1.
    pub number: u32,
    /// The agent, if it stood in for the task's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The instance that ran it.
    pub instance: String,
    /// When it began, in UTC.
    pub started: String,
    /// How long it took, waits included, in milliseconds.
    pub duration_ms: f64,
    /// How long the host waited before it, in milliseconds.
    pub delay_before_ms: f64,
    /// Whether it gave a result.
    pub outcome: AttemptOutcome,
    /// WebAssembly instructions, roughly.
    pub fuel: u64,
    /// The most bytes of memory that there were at once.
    pub memory_peak_bytes: u64,
    /// How long it held a core, in milliseconds.
    pub cpu_ms: f64,
    /// Whether it is none of those that may be made: an upstream's breaker refused
    /// it, or it was the probe of one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub free: bool,
    /// What went wrong.
    pub failure: Option<FailureEntry>,
}

/// Whether an attempt gave a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum AttemptOutcome {
    /// It did.
    Ok,
    /// It did not.
    Error,
}

/// One failure.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FailureEntry {
    /// Its id in this session.
    pub id: String,
    /// What happened: `fusebox explain <code>`.
    pub code: String,
    /// Its class.
    pub category: Category,
    /// How bad it is.
    pub severity: Severity,
    /// Whose fault it is.
    pub blame: Blame,
    /// Whether trying again can help; null if nobody knows.
    pub retryable: Option<bool>,
    /// The least wait before another try, in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// What happened, for a person. May hold a plugin's words.
    pub message: String,
    /// Anything else worth knowing, as pairs of name and value.
    pub context: Vec<(String, String)>,
}

/// A pattern among the failures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PatternEntry {
    /// The same for the same pattern: the code and the kind.
    pub id: String,
    /// The code of the failures.
    pub code: String,
    /// Their class, as the last one says.
    pub category: Category,
    /// How they are spread over time.
    pub kind: Kind,
    /// How many there were.
    pub count: u64,
    /// When the first was.
    pub first: String,
    /// When the last was.
    pub last: String,
    /// The instances that had them, the most frequent first: `<agent>/<instance>`.
    pub instances: Vec<String>,
    /// Whether it can heal by itself.
    pub auto_recovery: bool,
    /// What to do.
    pub recommendation: String,
}

/// Something that can be done next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecoveryEntry {
    /// What: `retry`, `resume`, `raise-limit`, `add-grant`, `correct`.
    pub action: String,
    /// The tasks that it is about; the first of them, if there are many.
    pub tasks: Vec<String>,
    /// Why it helps.
    pub why: String,
    /// The command that does it, ready to paste into a shell.
    pub command: String,
    /// What the command does, and what it leaves as it is.
    pub effect: String,
}
