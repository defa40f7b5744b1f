//! Which nodes of a board are tasks, and how results look.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::agents::Agent;
use super::error::{ConfigError, value};
use super::schema::{Boards, StyleEntry, WhenEntry};

/// Which nodes of a board are tasks, and how results look.
#[derive(Debug, Clone, Default)]
pub struct BoardRules {
    /// The first rule that fits a node makes it a task.
    pub rules: Vec<Rule>,
    /// How the node of a result looks.
    pub result: BoardStyle,
    /// How the node of a failure looks.
    pub failure: BoardStyle,
    /// Whether an empty node for a reply is put beside each result.
    pub reply: bool,
}

/// Makes tasks of nodes.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The agent that carries them out.
    pub agent: String,
    /// Which nodes.
    pub when: When,
    /// Settings over those of the instance.
    pub settings: Map<String, Value>,
}

/// Conditions on a node; all that are there have to hold, and one is.
#[derive(Debug, Clone, Default)]
pub struct When {
    /// The node's colour, as the board writes it.
    pub color: Option<String>,
    /// The node's type.
    pub kind: Option<String>,
    /// The label of the innermost group that holds the node.
    pub group: Option<String>,
    /// What the node's text starts with. It is not part of the input.
    pub prefix: Option<String>,
}

/// How an added node looks.
#[derive(Debug, Clone, Default)]
pub struct BoardStyle {
    /// Its colour, as JSON Canvas writes it.
    pub color: Option<String>,
    /// Its width, in the board's units; none takes the task node's.
    pub width: Option<u32>,
    /// Its height, in the board's units; none is chosen by the text.
    pub height: Option<u32>,
}

/// Board rules as written, each for an agent that there is.
pub(super) fn boards(entry: Boards, agents: &BTreeMap<String, Agent>) -> Result<BoardRules, ConfigError> {
    let mut rules = Vec::new();
    for (index, rule) in entry.rules.into_iter().enumerate() {
        let key = format!("boards.rules[{index}]");
        if !agents.contains_key(&rule.agent) {
            let known: Vec<_> = agents.keys().map(String::as_str).collect();
            let message = format!(
                "there is no agent `{}`; there are: {}",
                rule.agent,
                known.join(", ")
            );
            return Err(value(format!("{key}.agent"), message));
        }
        let WhenEntry {
            color,
            kind,
            group,
            prefix,
        } = rule.when;
        let when = When {
            color,
            kind,
            group,
            prefix,
        };
        if when.color.is_none() && when.kind.is_none() && when.group.is_none() && when.prefix.is_none() {
            let message =
                "give at least one of color, type, group, prefix; a rule without any would take every node";
            return Err(value(format!("{key}.when"), message));
        }
        rules.push(Rule {
            agent: rule.agent,
            when,
            settings: rule.settings,
        });
    }
    let style = |s: StyleEntry| BoardStyle {
        color: s.color,
        width: s.width,
        height: s.height,
    };
    Ok(BoardRules {
        rules,
        result: style(entry.result),
        failure: style(entry.failure),
        reply: entry.reply,
    })
}
