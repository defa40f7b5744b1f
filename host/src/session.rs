//! Sessions: a graph of tasks, run in parallel; what fails stays by itself.
//!
//! `file` reads a session file into a [`Graph`]; a board becomes one in the
//! board room. `scheduler` says which task is next, `executor` carries one task
//! to its end, `handover` says what it is given, `run` puts the two together.

mod executor;
mod file;
mod graph;
mod handover;
mod run;
mod scheduler;
mod status;

pub use crate::resilience::GiveUp;
pub(crate) use file::{Agents, media_type};
pub use file::{SessionFileError, load};
pub use graph::{Dependency, Graph, GraphError, Input, OnUpstreamFailure, Task, TaskIndex};
pub use run::{Session, SessionOutcome};
pub use status::{Counts, SessionStatus, TaskStatus};
