//! An upstream that plays back a script: a real HTTP/1.1 server on the loopback
//! interface, an answer or a mishap for each request, in their order.
//!
//! Nothing in it sleeps. What has to wait waits for a [`Gate`] that the test
//! opens, so that a test decides what comes first.

mod answer;
mod gate;
mod received;
mod serve;
mod tests;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

pub(crate) use answer::{Answer, Delivery};
pub(crate) use gate::Gate;
pub(crate) use received::Received;

/// A server that plays back a script until it is dropped.
pub(crate) struct PlayedApi {
    address: SocketAddr,
    state: Arc<State>,
    acceptor: Option<JoinHandle<()>>,
}

/// What a request is answered with; none when the script is over.
type Script = Box<dyn FnMut(&Received) -> Option<Answer> + Send>;

/// What the threads of a server share.
struct State {
    script: Mutex<Script>,
    received: Mutex<Vec<Received>>,
    connections: AtomicUsize,
    over: AtomicBool,
}

impl PlayedApi {
    /// Starts a server. A request past the end of the script is answered with
    /// 500 and `the script is over`, and recorded like any other.
    pub(crate) fn start(script: Vec<Answer>) -> Self {
        let mut script = script.into_iter();
        Self::answering(move |_| script.next())
    }

    /// Starts a server that looks at each request to answer it.
    pub(crate) fn answering(script: impl FnMut(&Received) -> Option<Answer> + Send + 'static) -> Self {
        Self::listening(SocketAddr::from(([127, 0, 0, 1], 0)), script)
    }

    /// The same at an address at which nobody listens yet.
    pub(crate) fn listening(
        address: SocketAddr,
        script: impl FnMut(&Received) -> Option<Answer> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            script: Mutex::new(Box::new(script)),
            received: Mutex::default(),
            connections: AtomicUsize::new(0),
            over: AtomicBool::new(false),
        });
        let shared = Arc::clone(&state);
        Self {
            address,
            state,
            acceptor: Some(std::thread::spawn(move || accept(&listener, &shared))),
        }
    }

    /// Scheme, host and port, as `upstreams.<name>.address` wants it.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A URL of it; the path begins with `/`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    /// The port.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// All requests that came whole, in their order.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.state.received.lock().unwrap().clone()
    }

    /// How often somebody connected, whether a request came or not.
    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }
}

impl Drop for PlayedApi {
    fn drop(&mut self) {
        self.state.over.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection.
        drop(TcpStream::connect(self.address));
        if let Some(acceptor) = self.acceptor.take() {
            acceptor.join().unwrap();
        }
    }
}

/// A thread for each connection; one that is held ends with its gate or with
/// the process.
fn accept(listener: &TcpListener, state: &Arc<State>) {
    for connection in listener.incoming() {
        if state.over.load(Ordering::SeqCst) {
            return;
        }
        state.connections.fetch_add(1, Ordering::SeqCst);
        let state = Arc::clone(state);
        let Ok(connection) = connection else { continue };
        std::thread::spawn(move || serve::serve(&connection, &state));
    }
}
