//! What crosses the socket: one line of JSON each way.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::view::{SessionView, TaskView};
use fusebox_events::{BreakerView, InstanceView};
use fusebox_runtime::breakers::Order;

/// Longest request, in bytes. A task's id may be long: it comes from a board.
pub(super) const REQUEST_BYTES: usize = 256 << 10;
/// Longest response, in bytes.
pub(super) const RESPONSE_BYTES: usize = 4 << 20;

/// What is asked of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// The status of the session, or of one of its tasks.
    Status {
        /// The task's id.
        task: Option<String>,
    },
    /// The breakers of the session, or one of them.
    Breakers {
        /// The breaker's key.
        key: Option<String>,
    },
    /// Something is ordered of a breaker.
    OrderBreaker {
        /// The breaker's key.
        key: String,
        /// What.
        order: Order,
    },
    /// How the instances of the session are doing.
    Instances,
    /// An instance is to be brought back into its pool.
    Release {
        /// The agent.
        agent: String,
        /// The instance.
        instance: String,
    },
    /// The end of the session, or of one of its tasks.
    Cancel {
        /// The task's id.
        task: Option<String>,
    },
}

/// What a session answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "response", rename_all = "kebab-case")]
pub enum Response {
    /// The session; after a cancellation as it was just before.
    Session(Box<SessionView>),
    /// The task; after a cancellation as it was just before.
    Task(Box<TaskView>),
    /// The breakers that were asked for; after an order as they are now.
    Breakers {
        /// By key.
        breakers: Vec<BreakerView>,
    },
    /// The instances that were asked for; after an order as they are now.
    Instances {
        /// By agent and id.
        instances: Vec<InstanceView>,
    },
    /// The session has no such agent or instance.
    UnknownInstance {
        /// Which, and which it has.
        message: String,
    },
    /// The session has no such breaker.
    UnknownBreaker {
        /// Which, and which it has.
        message: String,
    },
    /// The session has no such task.
    UnknownTask {
        /// The id that was asked for.
        task: String,
    },
    /// The request cannot be answered.
    Refused {
        /// Why not.
        message: String,
    },
}

/// Reads one line of JSON of at most so many bytes, within a time in all: a
/// peer that sends a byte now and then gets no more of it.
pub(super) fn receive<T: DeserializeOwned>(
    stream: &mut UnixStream,
    most: usize,
    within: Duration,
) -> io::Result<T> {
    let until = Instant::now() + within;
    let mut line = Vec::new();
    let mut chunk = [0; 4096];
    while line.last() != Some(&b'\n') {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        let count = match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        line.extend_from_slice(chunk.get(..count).unwrap_or(&[]));
        if line.len() > most {
            return Err(invalid(format!("a line of more than {most} bytes")));
        }
    }
    serde_json::from_slice(&line).map_err(|error| invalid(error.to_string()))
}

/// Sends one line of JSON; no write may take longer than this.
pub(super) fn send(stream: &mut UnixStream, line: &impl Serialize, within: Duration) -> io::Result<()> {
    let mut bytes = fusebox_system::json::to_vec(line)?;
    bytes.push(b'\n');
    stream.set_write_timeout(Some(within))?;
    stream.write_all(&bytes)
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(10);

    #[test]
    fn lines_come_through_and_long_or_foreign_ones_are_refused() {
        let (mut one, mut other) = UnixStream::pair().unwrap();
        let request = Request::Cancel {
            task: Some("a\n\u{1b}[2J".into()),
        };
        send(&mut one, &request, LONG).unwrap();
        assert_eq!(receive::<Request>(&mut other, 100, LONG).unwrap(), request);
        for line in [
            "{\"request\":\"status\",\"task\":null,\"x\":1}\n",
            "{\"request\":\"stop\"}\n",
            "[]\n",
            "\n",
        ] {
            one.write_all(line.as_bytes()).unwrap();
            let error = receive::<Request>(&mut other, 100, LONG).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{line}");
        }
        one.write_all(&[b'x'; 101]).unwrap();
        assert!(receive::<Request>(&mut other, 100, LONG).is_err());
    }

    #[test]
    fn a_peer_that_says_nothing_is_given_up() {
        let (_one, mut other) = UnixStream::pair().unwrap();
        let error = receive::<Request>(&mut other, 100, Duration::from_millis(1)).unwrap_err();
        assert!(
            matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut),
            "{error}"
        );
    }
}
