//! Services on this machine, and a clock that is held.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A service that answers every request after the same time, or never.
pub(super) struct Played {
    pub(super) address: SocketAddr,
    waiting: Arc<AtomicU32>,
}

impl Played {
    pub(super) async fn answers_after(time: Duration) -> Self {
        Self::start(Some(time)).await
    }

    pub(super) async fn mute() -> Self {
        Self::start(None).await
    }

    async fn start(answers_after: Option<Duration>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let waiting = Arc::new(AtomicU32::new(0));
        let counted = waiting.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answers_after, counted.clone()));
            }
        });
        Self { address, waiting }
    }

    /// How many requests it has not answered.
    pub(super) fn waiting(&self) -> u32 {
        self.waiting.load(Ordering::Relaxed)
    }
}

async fn serve(mut stream: TcpStream, answers_after: Option<Duration>, waiting: Arc<AtomicU32>) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if !matches!(stream.read_buf(&mut request).await, Ok(1..)) {
            return;
        }
    }
    waiting.fetch_add(1, Ordering::Relaxed);
    match answers_after {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
    waiting.fetch_sub(1, Ordering::Relaxed);
    stream.write_all(ANSWER).await.unwrap();
    // Whoever asked closes the connection.
    let _ = stream.read(&mut [0]).await;
}

/// Keeps a paused clock from jumping: it goes on only where a test says so, and what
/// goes over the network takes no time.
pub(super) struct Held(#[expect(dead_code, reason = "lets it go on when it is dropped")] mpsc::Sender<()>);

impl Held {
    pub(super) fn clock() -> Self {
        let (go_on, wait) = mpsc::channel();
        // A clock does not jump while a blocking call is under way.
        tokio::task::spawn_blocking(move || wait.recv());
        Self(go_on)
    }
}

/// Lets all others go on until something is so, once at least.
pub(super) async fn until(is_so: impl Fn() -> bool) {
    loop {
        tokio::task::yield_now().await;
        if is_so() {
            return;
        }
    }
}
