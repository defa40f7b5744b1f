//! What lets `fusebox status` and `fusebox cancel` find and ask a session that
//! this process runs.

use std::io;
use std::path::Path;

use fusebox::Running;
use fusebox::control::{LiveSessions, Registered, Server};

/// Lets others ask until it is dropped. Fields go in this order: a session that
/// can be found can be asked.
#[derive(Debug, Default)]
pub(super) struct Listening {
    _registered: Option<Registered>,
    _server: Option<Server>,
}

/// Listens in the session's folder. Where that cannot be (some file systems have
/// no sockets), the session runs all the same.
pub(super) fn listen(running: &Running, id: &str, folder: &Path) -> Listening {
    let handle = running.handle();
    let server = Server::start(folder, move |request| handle.answer(request));
    let Some(server) = or_warn("asked or cancelled from elsewhere", server) else {
        return Listening::default();
    };
    let registered = LiveSessions::of_user().and_then(|live| live.register(id, folder));
    Listening {
        _registered: or_warn("found by its id, only by its folder", registered),
        _server: Some(server),
    }
}

fn or_warn<T>(what: &str, done: io::Result<T>) -> Option<T> {
    done.inspect_err(|error| tracing::warn!("this session cannot be {what}: {error}"))
        .ok()
}
