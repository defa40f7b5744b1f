//! Which nodes of a board are tasks, and how results look.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::OnUpstreamFailure;

/// Which nodes of a board are tasks, and how results look.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct BoardRules {
    /// The first rule that fits a node makes it a task. None by default: what
    /// colours and prefixes mean is the board's author's to say.
    pub rules: Vec<Rule>,
    /// What an edge between two tasks says of the later one when the earlier
    /// has no result: the first rule that fits says it. Where none does, the
    /// rule of the task's node says it, and then its agent.
    pub edges: Vec<EdgeRule>,
    /// How the node of a result looks.
    pub result: BoardStyle,
    /// How the node of a failure looks.
    pub failure: BoardStyle,
    /// Whether an empty node for a reply is put beside each result.
    pub reply: bool,
}

/// Makes tasks of nodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The agent that carries them out.
    pub agent: String,
    /// Which nodes: at least one condition.
    pub when: When,
    /// Settings over those of the instance.
    #[serde(default)]
    pub settings: Map<String, Value>,
    /// Whether the session has failed when one of them has no result. No by
    /// default: what the others came to is of use without it.
    #[serde(default)]
    pub required: bool,
    /// What to do with them when a task that they depend on has no result; the
    /// agent's by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "OnUpstreamFailure"))]
    pub on_upstream_failure: Option<OnUpstreamFailure>,
    /// What can stand in for their result: where an edge asks for a fallback,
    /// or the agent's chain for a value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "FixedOutput"))]
    pub fallback: Option<FixedOutput>,
}

/// An output that is known beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", schemars(extend("x-expected" = "`{ text: a text }` or `{ json: a value }`")))]
pub enum FixedOutput {
    /// This text.
    Text(String),
    /// This value, as JSON.
    Json(Value),
}

/// What edges say of the task that they lead to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EdgeRule {
    /// Which edges: at least one condition.
    pub when: WhenEdge,
    /// What to do when the task that the edge comes from has no result.
    pub on_failure: OnUpstreamFailure,
}

/// Conditions on an edge; all that are there have to hold, and one is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", schemars(extend(
    "minProperties" = 1,
    "x-expected" = "a condition: at least one of color and label; without any it would take every edge"
)))]
pub struct WhenEdge {
    /// The edge's colour, as the board writes it: "1" to "6", or "#rrggbb".
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("x-expected" = COLOR), regex(pattern = "^([1-6]|#[0-9A-Fa-f]{6})$")))]
    pub color: Option<String>,
    /// The edge's label, but for white space around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", length(min = 1)))]
    pub label: Option<String>,
}

/// Conditions on a node; all that are there have to hold, and one is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", schemars(extend(
    "minProperties" = 1,
    "x-expected" = "a condition: at least one of color, type, group and prefix; without any it would take every node"
)))]
pub struct When {
    /// The node's colour, as the board writes it: "1" to "6", or "#rrggbb".
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("x-expected" = COLOR), regex(pattern = "^([1-6]|#[0-9A-Fa-f]{6})$")))]
    pub color: Option<String>,
    /// The node's type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("enum" = ["text", "file", "link", "group"])))]
    pub kind: Option<String>,
    /// The label of the innermost group that holds the node.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub group: Option<String>,
    /// What the node's text starts with. It is not part of the input.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", length(min = 1)))]
    pub prefix: Option<String>,
}

#[cfg(feature = "schema")]
const COLOR: &str = "a colour as JSON Canvas writes it, in quotes: \"1\" to \"6\", or \"#rrggbb\"";

/// How an added node looks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct BoardStyle {
    /// Its colour, as JSON Canvas writes it; none by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("x-expected" = COLOR), regex(pattern = "^([1-6]|#[0-9A-Fa-f]{6})$")))]
    pub color: Option<String>,
    /// Its width, in the board's units; the task node's by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "u32", range(min = 1, max = 100_000)))]
    pub width: Option<u32>,
    /// Its height, in the board's units; by its text, by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "u32", range(min = 1, max = 100_000)))]
    pub height: Option<u32>,
}
