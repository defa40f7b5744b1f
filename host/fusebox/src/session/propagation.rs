//! What becomes of a task when others that it depends on have no result.
//!
//! It is said, the closest first, by the edge, by the task, by the
//! configuration of its agent. A task that depends on none of them is never
//! touched.

use super::graph::{Dependency, Graph, Task};
use super::scheduler::Settled;
use crate::config::OnUpstreamFailure;
use fusebox_resilience::GiveUp;
use fusebox_runtime::sandbox::bindings::Completeness;
use fusebox_types::TaskIndex;

/// With what a task runs, or why it does not. Where edges differ, the strictest
/// one holds.
pub(super) fn course(
    graph: &Graph,
    task: &Task,
    of_agent: OnUpstreamFailure,
    mut results: Vec<Settled>,
) -> Result<Vec<Settled>, GiveUp> {
    let of_task = task.on_upstream_failure.unwrap_or(of_agent);
    let mut skip = false;
    for ((on, of_edge), settled) in edges(task).zip(&mut results) {
        if settled.completeness != Completeness::Missing {
            continue;
        }
        match of_edge.unwrap_or(of_task) {
            OnUpstreamFailure::FailSession => return Err(GiveUp::FailsSession),
            OnUpstreamFailure::Skip => skip = true,
            OnUpstreamFailure::RunDegraded => {}
            OnUpstreamFailure::Fallback => match fallback(graph, on) {
                Some(stand_in) => *settled = stand_in,
                None => skip = true,
            },
        }
    }
    if skip {
        return Err(GiveUp::DependencyFailed);
    }
    Ok(results)
}

/// The tasks that a task depends on, each with what its edge says.
fn edges(task: &Task) -> impl Iterator<Item = (TaskIndex, Option<OnUpstreamFailure>)> {
    task.after.iter().filter_map(|dependency| match dependency {
        Dependency::Task { task, on_failure } => Some((*task, *on_failure)),
        Dependency::Text { .. } => None,
    })
}

/// What stands in for the result of a task.
fn fallback(graph: &Graph, on: TaskIndex) -> Option<Settled> {
    let output = graph.task(on)?.fallback.clone()?;
    Some(Settled {
        completeness: Completeness::Fallback,
        output: Some(output),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use GiveUp as G;
    use OnUpstreamFailure as O;
    use fusebox_types::Output;
    use std::sync::Arc;

    fn text(text: &str) -> Arc<Output> {
        Arc::new(Output {
            content_type: "text/plain".into(),
            bytes: text.into(),
        })
    }

    fn task(id: &str, after: Vec<Dependency>, fallback: Option<Arc<Output>>) -> Task {
        Task {
            id: id.into(),
            agent: 0,
            input: text(""),
            settings: None,
            after: after.into(),
            required: false,
            on_upstream_failure: None,
            fallback,
        }
    }

    /// A task after two of which one has a fallback, with what its edges say.
    fn graph(edges: [Option<O>; 2], of_task: Option<O>) -> Graph {
        let on = |(task, on_failure)| Dependency::Task { task, on_failure };
        let after = (0..).zip(edges).map(on).collect();
        let mut last = task("last", after, None);
        last.on_upstream_failure = of_task;
        let tasks = vec![
            task("with", Vec::new(), Some(text("instead"))),
            task("without", Vec::new(), None),
            last,
        ];
        Graph::new(tasks, vec!["agent".into()]).unwrap()
    }

    /// What becomes of the task if these of the two have a result.
    fn course_of(
        edges: [Option<O>; 2],
        (of_task, of_agent): (Option<O>, O),
        there: [bool; 2],
    ) -> Result<Vec<Completeness>, G> {
        let graph = graph(edges, of_task);
        let settled = |there| match there {
            true => Settled {
                completeness: Completeness::Complete,
                output: Some(text("whole")),
            },
            false => Settled::MISSING,
        };
        let results = there.map(settled).to_vec();
        let results = course(&graph, graph.task(2).unwrap(), of_agent, results)?;
        Ok(results.iter().map(|settled| settled.completeness).collect())
    }

    #[test]
    fn the_edge_says_it_before_the_task_and_the_task_before_the_agent() {
        let whole = Completeness::Complete;
        for (edge, of_task, of_agent) in [
            (Some(O::RunDegraded), Some(O::Skip), O::FailSession),
            (None, Some(O::RunDegraded), O::Skip),
            (None, None, O::RunDegraded),
        ] {
            let found = course_of([edge, None], (of_task, of_agent), [false, true]);
            assert_eq!(found, Ok(vec![Completeness::Missing, whole]));
        }
        let found = course_of([None, Some(O::FailSession)], (None, O::Skip), [true, true]);
        assert_eq!(found, Ok(vec![whole, whole]), "nothing is missing");
    }

    #[test]
    fn a_fallback_stands_in_and_where_there_is_none_the_task_is_skipped() {
        let rules = (Some(O::Fallback), O::Skip);
        assert_eq!(
            course_of([None, None], rules, [false, true]),
            Ok(vec![Completeness::Fallback, Completeness::Complete])
        );
        assert_eq!(
            course_of([None, None], rules, [true, false]),
            Err(G::DependencyFailed)
        );
    }

    #[test]
    fn the_strictest_edge_holds() {
        let strict = [Some(O::Skip), Some(O::FailSession)];
        let found = course_of(strict, (None, O::RunDegraded), [false, false]);
        assert_eq!(found, Err(G::FailsSession));
        let mixed = [Some(O::RunDegraded), Some(O::Skip)];
        let found = course_of(mixed, (None, O::RunDegraded), [false, false]);
        assert_eq!(found, Err(G::DependencyFailed));
    }
}
