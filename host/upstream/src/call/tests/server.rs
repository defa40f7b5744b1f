//! A server that says exactly what it is told to.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// What the server does on a connection.
#[derive(Debug, Clone)]
pub(super) enum Do {
    /// Reads a request's head, and what of its body has come with it.
    Read,
    /// Reads until the connection is closed.
    ReadAll,
    /// Writes.
    Write(Vec<u8>),
    /// Writes the same until the connection is closed.
    WriteForever(Vec<u8>),
    /// Waits until the other end closes the connection.
    Hang,
    /// Waits, on the test's own clock.
    Pause(Duration),
    /// Closes the connection with a reset.
    Reset,
    /// Lets a clock go on that was held.
    GoOn(std::sync::mpsc::Sender<()>),
}

/// Keeps a paused clock from jumping until the server has come to this step: what
/// goes over the network takes no time then.
pub(super) fn clock_goes_on() -> Do {
    let (go_on, wait) = std::sync::mpsc::channel();
    // A clock does not jump while a blocking call is under way.
    tokio::task::spawn_blocking(move || wait.recv());
    Do::GoOn(go_on)
}

pub(super) fn write(text: impl Into<Vec<u8>>) -> Do {
    Do::Write(text.into())
}

/// A server on this machine; each connection goes by the same script.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    requests: mpsc::UnboundedReceiver<Vec<u8>>,
}

impl Server {
    pub(super) async fn start(script: impl Into<Vec<Do>>) -> Self {
        let (listener, script) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), script.into());
        let address = listener.local_addr().unwrap();
        let (seen, requests) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if script.iter().any(|step| matches!(step, Do::Reset)) {
                    stream.set_zero_linger().unwrap();
                }
                let (script, seen) = (script.clone(), seen.clone());
                tokio::spawn(async move { serve(stream, script, seen).await });
            }
        });
        Self { address, requests }
    }

    /// One that reads a request and answers with this.
    pub(super) async fn answers(text: impl Into<Vec<u8>>) -> Self {
        Self::start([Do::Read, write(text), Do::Hang]).await
    }

    /// What it has read of the next request.
    pub(super) async fn request(&mut self) -> String {
        String::from_utf8(self.requests.recv().await.unwrap()).unwrap()
    }

    /// Whether it was sent nothing at all.
    pub(super) fn saw_nothing(&mut self) -> bool {
        self.requests.try_recv().is_err()
    }
}

/// Goes by a script on a connection.
pub(super) async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    script: Vec<Do>,
    seen: mpsc::UnboundedSender<Vec<u8>>,
) {
    let mut read = Vec::new();
    for step in script {
        match step {
            Do::Read => {
                while !read.windows(4).any(|end| end == b"\r\n\r\n") {
                    if !matches!(stream.read_buf(&mut read).await, Ok(1..)) {
                        break;
                    }
                }
                let _ = seen.send(std::mem::take(&mut read));
            }
            Do::ReadAll => {
                while matches!(stream.read_buf(&mut read).await, Ok(1..)) {}
                let _ = seen.send(std::mem::take(&mut read));
            }
            Do::Write(bytes) => drop(stream.write_all(&bytes).await),
            Do::WriteForever(bytes) => while stream.write_all(&bytes).await.is_ok() {},
            Do::Hang => while matches!(stream.read(&mut [0; 1024]).await, Ok(1..)) {},
            Do::Pause(time) => tokio::time::sleep(time).await,
            Do::Reset => return,
            Do::GoOn(clock) => drop(clock.send(())),
        }
    }
}
