//! Which nodes are tasks, and whose: by the rules, or picked by hand.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::Board;
use super::error::BoardError;
use super::owned::Owned;
use crate::config::{BoardRules, Rule, When};
use fusebox_canvas::{Groups, Kind, Node};

/// What is picked by hand.
///
/// Without an agent the rules say what is a task, and `color` and `only` leave
/// some of those out. With one, the rules are not asked: the text, file and link
/// nodes that have this colour and are among these ids are its tasks. An agent
/// with neither picks nothing, since nobody means every node of a board.
#[derive(Debug, Clone, Default)]
pub struct Pick {
    /// The agent that carries out what is picked.
    pub agent: Option<String>,
    /// Only nodes of this colour, as the board writes it.
    pub color: Option<String>,
    /// Only nodes with these ids; empty for all.
    pub only: Vec<String>,
}

impl Pick {
    fn takes(&self, node: &Node) -> bool {
        let color = self.color.is_none() || self.color.as_deref() == node.color.as_deref();
        let id = node.id.as_deref().unwrap_or_default();
        color && (self.only.is_empty() || self.only.iter().any(|only| only == id))
    }
}

/// A node that is a task.
pub(super) struct Choice<'a> {
    /// Its place.
    pub(super) at: usize,
    pub(super) node: &'a Node,
    pub(super) agent: &'a str,
    pub(super) settings: Option<Arc<Map<String, Value>>>,
    /// The rule that made it a task; none if it was picked by hand.
    pub(super) rule: Option<&'a Rule>,
    /// Its words without the prefix that made it a task, if one did.
    pub(super) words: Option<&'a str>,
}

/// The tasks of a board, in the order of its nodes.
pub(super) fn choose<'a>(
    board: &'a Board,
    owned: &Owned,
    rules: &'a BoardRules,
    pick: &'a Pick,
) -> Result<Vec<Choice<'a>>, BoardError> {
    let nodes = board.canvas.nodes().iter().enumerate();
    let candidates =
        nodes.filter(|(at, node)| node.id.is_some() && !owned.has(*at) && node.kind != Kind::Other);
    let chosen: Vec<Choice<'_>> = match &pick.agent {
        Some(agent) => candidates
            .filter_map(|(at, node)| by_hand(at, node, agent, pick))
            .collect(),
        None => {
            let rules = Rules::of(board, rules);
            candidates
                .filter(|(_, node)| pick.takes(node))
                .filter_map(|(at, node)| rules.choice(at, node))
                .collect()
        }
    };
    let ids: HashSet<_> = chosen
        .iter()
        .filter_map(|choice| choice.node.id.as_deref())
        .collect();
    let unknown: Vec<_> = pick.only.iter().filter(|id| !ids.contains(&***id)).collect();
    if !unknown.is_empty() {
        return Err(BoardError::UnknownTasks(unknown.into_iter().cloned().collect()));
    }
    if chosen.is_empty() {
        return Err(BoardError::NoTasks);
    }
    Ok(chosen)
}

fn by_hand<'a>(at: usize, node: &'a Node, agent: &'a str, pick: &Pick) -> Option<Choice<'a>> {
    let narrowed = pick.color.is_some() || !pick.only.is_empty();
    let fits = narrowed && pick.takes(node) && node.kind != Kind::Group && node.content.is_some();
    fits.then_some(Choice {
        at,
        node,
        agent,
        settings: None,
        rule: None,
        words: None,
    })
}

/// The rules, with what they need to know of the board.
struct Rules<'a> {
    rules: &'a BoardRules,
    /// Each rule's settings, held once for all its tasks.
    settings: Vec<Option<Arc<Map<String, Value>>>>,
    groups: Groups<'a>,
}

impl<'a> Rules<'a> {
    fn of(board: &'a Board, rules: &'a BoardRules) -> Self {
        let shared =
            |settings: &Map<String, Value>| (!settings.is_empty()).then(|| Arc::new(settings.clone()));
        Self {
            rules,
            settings: rules.rules.iter().map(|rule| shared(&rule.settings)).collect(),
            groups: Groups::of(board.canvas.nodes()),
        }
    }

    /// What the first rule that fits makes of a node.
    fn choice(&self, at: usize, node: &'a Node) -> Option<Choice<'a>> {
        node.content.as_ref()?;
        let mut rules = self.rules.rules.iter().zip(&self.settings);
        let (rule, settings) = rules.find(|(rule, _)| self.fits(&rule.when, node))?;
        let words = |prefix: &String| words(node)?.strip_prefix(prefix.as_str());
        Some(Choice {
            at,
            node,
            agent: &rule.agent,
            settings: settings.clone(),
            rule: Some(rule),
            words: rule.when.prefix.as_ref().and_then(words).map(str::trim_start),
        })
    }

    fn fits(&self, when: &When, node: &Node) -> bool {
        let same = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| found == Some(wanted))
        };
        // A group is a frame for other nodes; it takes a rule that names it.
        (node.kind != Kind::Group || when.kind.is_some())
            && same(&when.color, node.color.as_deref())
            && same(&when.kind, node.kind.name())
            && when.prefix.as_deref().is_none_or(|prefix| {
                words(node).is_some_and(|words| words.starts_with(prefix))
            })
            // Last, since it is the only one that has to look around.
            && (when.group.is_none() || same(&when.group, self.groups.label_of(node)))
    }
}

/// What a person wrote in a node. A path or an address is no prefix's business.
fn words(node: &Node) -> Option<&str> {
    let written = matches!(node.kind, Kind::Text | Kind::Group);
    node.content.as_deref().filter(|_| written)
}
