//! What is to be run: a board or a session file, cut down to what was asked for.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use super::board_writeback::SourceBoard;
use super::{Exit, Fault};
use fusebox::FileGrant;
use fusebox::board::{Board, Pick};
use fusebox::config::{Config, Instance};
use fusebox::session::{self, Dependency, Graph, Task};
use fusebox_types::TaskIndex;
use fusebox_types::digest::Digest;
use fusebox_types::units::{show_duration, show_size};

/// A source that was read.
pub(super) struct Plan {
    /// What the session is called.
    pub(super) name: String,
    pub(super) graph: Arc<Graph>,
    /// The board, if it was one.
    pub(super) board: Option<SourceBoard>,
    /// The digest of the source's bytes, if it is a file that can be read again.
    pub(super) digest: Option<Digest>,
}

/// The digest of a file's bytes, if it is one that can be read again.
pub(super) fn digest(path: &Path) -> Option<Digest> {
    Digest::of_all(fusebox_system::regular_file::open(path).ok()?).ok()
}

/// Reads what is to be run: a board by its ending, else a session file.
pub(super) fn read(path: &Path, pick: &Pick, config: &Config) -> Result<Plan, Fault> {
    match path.extension().is_some_and(|ending| ending == "canvas") {
        true => of_board(path, pick, config),
        false if pick.agent.is_some() || pick.color.is_some() => Err(Fault::usage(
            "--agent and --color pick nodes of a board; this is a session file".into(),
        )),
        false => of_session_file(path, &pick.only, config),
    }
}

fn of_board(path: &Path, pick: &Pick, config: &Config) -> Result<Plan, Fault> {
    let (board, digest) = Board::read(path).map_err(|error| Fault::from(error).about(path))?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let made = board.graph(&config.boards, pick, folder);
    let (graph, warnings) = made.map_err(|error| Fault::from(error).about(path))?;
    for warning in board.warnings().iter().chain(&warnings) {
        say!("warning: {warning}");
    }
    let name = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let board = SourceBoard::new(board, digest, path);
    Ok(Plan {
        name,
        graph: Arc::new(graph.with_fallback_agents(config)),
        board: Some(board),
        digest: Some(digest),
    })
}

/// Reads a session file, and keeps only the tasks that were asked for and what
/// they depend on.
fn of_session_file(path: &Path, only: &[String], config: &Config) -> Result<Plan, Fault> {
    let (name, graph) = session::load(path).map_err(|error| Fault::from(error).about(path))?;
    let graph = if only.is_empty() {
        graph
    } else {
        select(&graph, only)?
    };
    Ok(Plan {
        name,
        graph: Arc::new(graph.with_fallback_agents(config)),
        board: None,
        digest: digest(path),
    })
}

/// The tasks of these ids and all that they depend on.
fn select(graph: &Graph, only: &[String]) -> Result<Graph, Fault> {
    let mut wanted = Vec::new();
    for id in only {
        let found = (0..)
            .zip(graph.tasks())
            .find(|(_, task)| *task.id == **id)
            .map(|(at, _)| at);
        wanted.push(found.ok_or_else(|| {
            Fault::usage(format!(
                "--only {}: there is no such task",
                fusebox_types::failure::printable(id)
            ))
        })?);
    }
    let mut kept = HashSet::new();
    while let Some(at) = wanted.pop() {
        if kept.insert(at) {
            wanted.extend(graph.task(at).into_iter().flat_map(tasks_of));
        }
    }
    let mut order: Vec<TaskIndex> = kept.into_iter().collect();
    order.sort_unstable();
    let place = |old: TaskIndex| order.binary_search(&old).unwrap_or(0) as TaskIndex;
    let tasks = order
        .iter()
        .filter_map(|at| graph.task(*at))
        .map(|task| moved(task, place))
        .collect();
    Graph::new(tasks, graph.agents().to_vec()).map_err(|error| Fault::new(Exit::BadInput, error))
}

fn tasks_of(task: &Task) -> Vec<TaskIndex> {
    let of = |dependency: &Dependency| match dependency {
        Dependency::Task { task, .. } => Some(*task),
        Dependency::Text { .. } => None,
    };
    task.after.iter().filter_map(of).collect()
}

fn moved(task: &Task, place: impl Fn(TaskIndex) -> TaskIndex) -> Task {
    let after = task.after.iter().map(|dependency| match dependency {
        Dependency::Task { task, on_failure } => Dependency::Task {
            task: place(*task),
            on_failure: *on_failure,
        },
        text @ Dependency::Text { .. } => text.clone(),
    });
    Task {
        after: after.collect(),
        ..task.clone()
    }
}

/// What an instance can reach, by name.
fn grants(instance: &Instance) -> String {
    let grants = &instance.grants;
    let folder = |grant: &FileGrant| {
        let (path, mount) = (grant.path.display(), &grant.mount);
        match grant.write {
            true => format!(
                "{path} at {mount} (write, {})",
                room(grant.quota, grant.max_files)
            ),
            false => format!("{path} at {mount} (read)"),
        }
    };
    let scratch = Some(&grants.scratch).filter(|scratch| scratch.is_granted());
    let scratch =
        scratch.map(|scratch| format!("{} ({})", scratch.mount, room(scratch.quota, scratch.max_files)));
    let parts = [
        ("environment", grants.environment.keys().cloned().collect()),
        ("secrets", instance.secrets.keys().cloned().collect()),
        ("files", grants.files.iter().map(folder).collect()),
        ("scratch at", scratch.into_iter().collect()),
        ("upstreams", grants.upstreams.clone()),
    ];
    let said = |(what, names): &(&str, Vec<String>)| {
        (!names.is_empty()).then(|| format!("{what} {}", names.join(", ")))
    };
    let parts: Vec<_> = parts.iter().filter_map(said).collect();
    match parts.is_empty() {
        true => "none".into(),
        false => parts.join("; "),
    }
}

/// How much may be written.
fn room(bytes: u64, files: u32) -> String {
    format!("{}, {files} files", show_size(bytes))
}

impl Plan {
    /// Prints what would be run: tasks, agents, instances, limits.
    pub(super) fn print(&self, out: &mut impl std::io::Write, config: &Config) -> std::io::Result<()> {
        writeln!(
            out,
            "{}: {} tasks, {} at once",
            self.name,
            self.graph.len(),
            config.session.max_parallel
        )?;
        for name in self.graph.agents() {
            let Some(agent) = config.agents.get(name) else {
                continue;
            };
            writeln!(out, "agent {name}: {}", agent.plugin.display())?;
            for instance in &agent.instances {
                let limits = &instance.limits;
                writeln!(
                    out,
                    "  instance {}: fuel {}, cpu {}, deadline {}, memory {}, output {}, {} attempts; grants: {}",
                    instance.id,
                    limits.fuel,
                    show_duration(limits.cpu),
                    show_duration(limits.deadline),
                    show_size(limits.memory),
                    show_size(limits.output),
                    instance.retry.max_attempts,
                    grants(instance)
                )?;
            }
        }
        for task in self.graph.tasks() {
            let after: Vec<_> = task
                .after
                .iter()
                .map(|dependency| self.name_of(dependency))
                .collect();
            let after = if after.is_empty() {
                String::new()
            } else {
                format!(" after {}", after.join(", "))
            };
            writeln!(
                out,
                "task {} ({}){after}",
                fusebox_types::failure::printable(&task.id),
                self.graph.agent_of(task)
            )?;
        }
        Ok(())
    }

    fn name_of(&self, dependency: &Dependency) -> String {
        let id = match dependency {
            Dependency::Task { task: at, .. } => self.graph.task(*at).map_or("", |task| &*task.id),
            Dependency::Text { id, .. } => id,
        };
        fusebox_types::failure::printable(id).into_owned()
    }
}
