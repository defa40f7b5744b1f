//! Sessions: a graph of tasks, run in parallel; what fails stays by itself.
//!
//! `file` reads a session file into a [`Graph`]; `board` makes one of a board.
//! `scheduler` says which task is next. `executor` and `job` run one task until it is
//! over or has to wait; `task_input` says what it is given. `live_settings` holds what
//! a reload may change, `persistence` what outlives the session, and `resumed` what
//! was over before. `run` puts them together.

mod answers;
mod breakers;
mod checks;
mod executor;
mod file;
mod gatekeeper;
mod graph;
mod instances;
mod job;
mod left;
mod live_settings;
mod persistence;
mod propagation;
mod question;
mod remember;
mod resumed;
mod run;
mod scheduler;
mod shared;
mod tally;
mod task_input;
mod workers;

pub use crate::config::OnUpstreamFailure;
pub(crate) use answers::Answers;
pub use breakers::{Breakers, UnknownBreaker};
pub(crate) use file::{Agents, content_of_file};
pub use file::{SessionFileError, load};
pub use fusebox_resilience::GiveUp;
pub(crate) use graph::task_dependencies;
pub use graph::{Dependency, Graph, GraphError, Input, Task};
pub use instances::{InstanceError, Instances};
pub use job::ResumedKeys;
pub use live_settings::LiveSettings;
pub(crate) use persistence::{Changed, Memory, News};
pub(crate) use remember::Remember;
pub use resumed::{AskedWaits, Attempted, Over, ResumeState};
pub use run::{Session, SessionOutcome, drawn_seed};
