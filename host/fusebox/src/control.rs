//! What can be asked of a session under way, and done to it: its status, and
//! the end of it or of one of its tasks.
//!
//! A session is asked through a Unix socket in its output directory, one line
//! of JSON each way. Whoever may open that socket (mode 0600: its owner) may
//! cancel; there is no other check.
//!
//! | file | one idea |
//! |---|---|
//! | `status` | events to what each task is doing now and did before |
//! | `view` | that, as it is handed out |
//! | `protocol` | the lines that cross the socket |
//! | `address` | a socket's address, however long the path of its folder is |
//! | `socket` | a socket that is its owner's alone from the start |
//! | `server` | answers, on a thread of its own |
//! | `client` | asks |
//! | `live` | where a user's live sessions are found by their ids |

mod address;
mod client;
mod live;
mod protocol;
mod server;
mod socket;
mod status;
mod view;

pub use client::{AskError, ask};
pub use live::{LiveSession, LiveSessions, Registered};
pub use protocol::{Request, Response};
pub use server::Server;
pub use socket::SOCKET;
pub(crate) use status::Status;
pub use view::{Attempt, Ending, FailureView, HoldView, ReasonCount, SessionView, State, TaskView};
