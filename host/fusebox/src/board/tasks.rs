//! From a board to the graph of a session.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::Board;
use super::choose::{Choice, Pick, choose};
use super::content::{self, Contents};
use super::error::{BoardError, BoardWarning};
use super::owned::Owned;
use super::results::failure_color;
use crate::config::{BoardRules, EdgeRule, FixedOutput, OnUpstreamFailure};
use crate::session::{Agents, Dependency, Graph, Input, Task};
use fusebox_canvas::{Edge, Kind, Node};
use fusebox_types::TaskIndex;

pub(super) fn graph(
    board: &Board,
    rules: &BoardRules,
    pick: &Pick,
    folder: &Path,
) -> Result<(Graph, Vec<BoardWarning>), BoardError> {
    let owned = Owned::of(board);
    let choices = choose(board, &owned, rules, pick)?;
    let mut builder = Builder {
        board,
        rules,
        tasks: choices.iter().map(|choice| choice.at).zip(0..).collect(),
        owned,
        contents: Contents::new(folder),
    };
    let mut after = builder.dependencies();
    let mut agents = Agents::default();
    let tasks = choices.into_iter().map(|choice| Task {
        id: choice.node.id.clone().unwrap_or_default(),
        agent: agents.index(choice.agent.to_owned()),
        input: builder.input(&choice),
        after: after.remove(&choice.at).unwrap_or_default().into(),
        settings: choice.settings,
        required: choice.rule.is_some_and(|rule| rule.required),
        on_upstream_failure: choice.rule.and_then(|rule| rule.on_upstream_failure),
        fallback: choice.rule.and_then(|rule| rule.fallback.as_ref()).map(fixed),
    });
    let graph = Graph::new(tasks.collect(), agents.names)?;
    Ok((graph, builder.contents.warnings))
}

/// What the first rule that fits an edge says for a task at its end, when the one
/// at its start has no result.
fn on_failure(edge: &Edge, rules: &[EdgeRule]) -> Option<OnUpstreamFailure> {
    let same = |wanted: &Option<String>, found: Option<&str>| {
        wanted.as_deref().is_none_or(|wanted| found == Some(wanted))
    };
    let fits = |rule: &&EdgeRule| {
        same(&rule.when.color, edge.color()) && same(&rule.when.label, edge.label().map(str::trim))
    };
    rules.iter().find(fits).map(|rule| rule.on_failure)
}

fn fixed(output: &FixedOutput) -> Input {
    match output {
        FixedOutput::Text(text) => content::text("text/plain", text),
        FixedOutput::Json(value) => content::text("application/json", &value.to_string()),
    }
}

struct Builder<'a> {
    board: &'a Board,
    rules: &'a BoardRules,
    /// The tasks of this run by their nodes' places.
    tasks: HashMap<usize, TaskIndex>,
    owned: Owned,
    contents: Contents<'a>,
}

impl<'a> Builder<'a> {
    fn input(&mut self, choice: &Choice<'a>) -> Input {
        let media_type = match choice.node.kind {
            Kind::Text => "text/markdown",
            _ => "text/plain",
        };
        match choice.words {
            Some(words) => content::text(media_type, words),
            // A task has content, or it would not have been chosen.
            None => self
                .contents
                .of(choice.node)
                .unwrap_or_else(|| content::text(media_type, "")),
        }
    }

    /// What each task is handed, in the order of the edges; each thing once,
    /// however many edges lead from it, of which the first says what a failure
    /// means.
    fn dependencies(&mut self) -> HashMap<usize, Vec<Dependency>> {
        let mut after: HashMap<usize, Vec<Dependency>> = HashMap::new();
        let mut seen = HashSet::new();
        let edges = self.board.canvas.edges().iter();
        for (edge, (from, to)) in edges.flat_map(|edge| edge.ways().map(move |way| (edge, way))) {
            // An edge from a result means the task that the result is of.
            let source = self.owned.task_of(from).unwrap_or(from);
            if self.tasks.contains_key(&to) && seen.insert((source, to)) {
                let dependency = self.dependency(source, on_failure(edge, &self.rules.edges));
                after.entry(to).or_default().extend(dependency);
            }
        }
        after
    }

    fn dependency(&mut self, source: usize, on_failure: Option<OnUpstreamFailure>) -> Option<Dependency> {
        if let Some(&task) = self.tasks.get(&source) {
            return Some(Dependency::Task { task, on_failure });
        }
        let node = self.board.canvas.nodes().get(source)?;
        // A group's edge is about the frame, and a frame has nothing to hand on.
        if node.kind == Kind::Group {
            return None;
        }
        let content = self.contents.of(self.answer(source).unwrap_or(node))?;
        // A blank node, such as a reply that nobody has written, says nothing.
        (!content.bytes.trim_ascii().is_empty()).then(|| Dependency::Text {
            id: node.id.clone().unwrap_or_default(),
            content,
        })
    }

    /// The result that a node outside this run has from an earlier one: what it
    /// came to stands for it then. A failure is no result.
    fn answer(&self, task: usize) -> Option<&'a Node> {
        let node = self.board.canvas.nodes().get(self.owned.result_of(task)?)?;
        let failed = node.color.as_deref() == Some(failure_color(self.rules))
            && node.color.as_deref() != self.rules.result.color.as_deref();
        (!failed && node.content.is_some()).then_some(node)
    }
}

#[cfg(test)]
mod tests;
