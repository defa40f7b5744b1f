//! The configuration as it is written.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::units::{Size, Span};

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
pub(super) struct ConfigFile {
    pub session: Session,
    pub defaults: Layer,
    pub agents: BTreeMap<String, AgentEntry>,
    pub boards: Boards,
}

/// `session`: how a session is run.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Session {
    pub max_parallel: Option<u32>,
}

/// What each of the three layers may set.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Layer {
    pub limits: LimitsEntry,
    pub retry: RetryEntry,
}

/// `agents.<name>`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AgentEntry {
    pub plugin: PathBuf,
    #[serde(default)]
    pub settings: Map<String, Value>,
    #[serde(default)]
    pub limits: LimitsEntry,
    #[serde(default)]
    pub retry: RetryEntry,
    #[serde(default)]
    pub instances: BTreeMap<String, InstanceEntry>,
}

/// `agents.<name>.instances.<id>`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct InstanceEntry {
    pub settings: Map<String, Value>,
    pub limits: LimitsEntry,
    pub retry: RetryEntry,
}

/// `limits`: what one attempt may use.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LimitsEntry {
    pub fuel: Option<u64>,
    pub cpu: Option<Span>,
    pub deadline: Option<Span>,
    pub memory: Option<Size>,
    pub table_elements: Option<u32>,
    pub handles: Option<u32>,
    pub host_calls: Option<u32>,
    pub host_bytes: Option<Size>,
    pub input: Option<Size>,
    pub output: Option<Size>,
    pub log: Option<Size>,
}

/// `retry`: how often and how late a failed task runs again.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RetryEntry {
    pub max_attempts: Option<u32>,
    pub base: Option<Span>,
    pub max_delay: Option<Span>,
}

/// `boards`: which nodes are tasks, and how results look.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Boards {
    pub rules: Vec<RuleEntry>,
    pub result: StyleEntry,
    pub failure: StyleEntry,
    pub reply: bool,
}

/// One of `boards.rules`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleEntry {
    pub agent: String,
    pub when: WhenEntry,
    #[serde(default)]
    pub settings: Map<String, Value>,
}

/// Conditions on a node; all that are there have to hold.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WhenEntry {
    pub color: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub group: Option<String>,
    pub prefix: Option<String>,
}

/// How an added node looks.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct StyleEntry {
    pub color: Option<String>,
    pub width: Option<u32>,
    pub height: Option<u32>,
}
