//! The configuration as the host uses it, as a type.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Agent, BoardRules, LogRules, NotifyRules, SessionRules, Upstream};
use fusebox_runtime::engine::LoadingRules;
use fusebox_store::state::StateRules;

/// The whole configuration.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    /// The files that it was read from.
    pub files: Vec<PathBuf>,
    /// How a session is run.
    pub session: SessionRules,
    /// What the host says of its own work.
    pub log: LogRules,
    /// Who is told of what needs a person, and how.
    pub notify: NotifyRules,
    /// Where it is kept what outlives a session.
    pub state: StateRules,
    /// What loading a plugin may take.
    pub loading: LoadingRules,
    /// The agents by name.
    pub agents: BTreeMap<String, Agent>,
    /// The outside services that agents call, by name.
    pub upstreams: BTreeMap<String, Upstream>,
    /// Which nodes of a board are tasks, and how results look.
    pub boards: BoardRules,
}
