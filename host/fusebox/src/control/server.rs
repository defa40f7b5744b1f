//! Answers what is asked of a session, on a thread of its own, which no guest
//! can keep busy.

use std::io;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};

use super::protocol::{REQUEST_BYTES, RESPONSE_BYTES, Request, Response, receive, send};
use super::socket::Socket;

/// How long a client may take for its line. One is answered after the other, so
/// one that says nothing holds the others up for as long.
const PATIENCE: Duration = Duration::from_secs(1);

/// Listens until it is dropped.
#[derive(Debug)]
pub struct Server {
    /// Closed to stop the thread.
    stop: Option<UnixStream>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens in a session's output directory, at [`SOCKET`](super::SOCKET),
    /// which only this user can open; what is asked is handed to `answer`.
    ///
    /// # Errors
    /// If a session listens there already, or the socket or the thread cannot
    /// be made.
    pub fn start(folder: &Path, answer: impl Fn(&Request) -> Response + Send + 'static) -> io::Result<Self> {
        let socket = Socket::bind(folder)?;
        // A client that went away again must not be waited for.
        socket.listener().set_nonblocking(true)?;
        let (stop, stopped) = UnixStream::pair()?;
        let thread = std::thread::Builder::new()
            .name("fusebox-status".into())
            .spawn(move || listen(&socket, &stopped, &answer))?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn listen(socket: &Socket, stopped: &UnixStream, answer: &dyn Fn(&Request) -> Response) {
    loop {
        let mut wait = [
            PollFd::new(socket.listener(), PollFlags::IN),
            PollFd::new(stopped, PollFlags::IN),
        ];
        match poll(&mut wait, None) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return tracing::warn!("status and cancel end here: {error}"),
        }
        let [_, stop] = &wait;
        if !stop.revents().is_empty() {
            return;
        }
        match socket.listener().accept() {
            Ok((stream, _)) => serve(stream, answer),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            // Too many open files, say: they may be fewer soon.
            Err(error) => {
                tracing::warn!("a status or cancel command was not heard: {error}");
                std::thread::sleep(PATIENCE);
            }
        }
    }
}

fn serve(mut stream: UnixStream, answer: &dyn Fn(&Request) -> Response) {
    if let Err(error) = converse(&mut stream, answer) {
        tracing::debug!("a status or cancel command went wrong: {error}");
    }
}

fn converse(stream: &mut UnixStream, answer: &dyn Fn(&Request) -> Response) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    let response = match receive(stream, REQUEST_BYTES, PATIENCE) {
        Ok(request) => fitting(answer(&request))?,
        Err(error) if error.kind() == io::ErrorKind::InvalidData => refused(&error.to_string()),
        Err(error) => return Err(error),
    };
    send(stream, &response, PATIENCE)
}

/// A response that a client will read to its end.
fn fitting(response: Response) -> io::Result<Response> {
    let bytes = fusebox_system::json::to_vec(&response)?.len();
    if bytes < RESPONSE_BYTES {
        return Ok(response);
    }
    Ok(refused("the answer is too long: ask for one task"))
}

fn refused(message: &str) -> Response {
    Response::Refused {
        message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::super::client::ask;
    use super::super::socket::connect;
    use super::*;

    fn echo(request: &Request) -> Response {
        let (Request::Status { task } | Request::Cancel { task }) = request else {
            panic!("{request:?}");
        };
        Response::UnknownTask {
            task: task.clone().unwrap_or_default(),
        }
    }

    #[test]
    fn it_answers_and_its_socket_goes_with_it() {
        let base = tempfile::tempdir().unwrap();
        let server = Server::start(base.path(), echo).unwrap();
        // One that went away without a word.
        drop(connect(base.path()).unwrap());
        let request = Request::Status {
            task: Some("x".into()),
        };
        assert_eq!(ask(base.path(), &request).unwrap(), echo(&request));
        drop(server);
        assert_eq!(std::fs::read_dir(base.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_no_request_is_refused_and_the_next_one_answered() {
        let base = tempfile::tempdir().unwrap();
        let _server = Server::start(base.path(), echo).unwrap();
        let mut stream = connect(base.path()).unwrap();
        stream.write_all(b"GET / HTTP/1.1\n").unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        assert!(said.contains("refused"), "{said}");
        assert!(ask(base.path(), &Request::Status { task: None }).is_ok());
    }

    #[test]
    fn a_response_that_is_too_long_is_replaced() {
        let base = tempfile::tempdir().unwrap();
        let long = |_: &Request| Response::UnknownTask {
            task: "x".repeat(RESPONSE_BYTES),
        };
        let _server = Server::start(base.path(), long).unwrap();
        let response = ask(base.path(), &Request::Status { task: None }).unwrap();
        assert!(matches!(response, Response::Refused { .. }));
    }
}
