//! The engine's clock: an operating system's thread of its own.
//!
//! A ticker that is a task of the async runtime starves for ever under guests
//! that spin. Deadlines are ticks of each store; nothing here knows of any
//! store, so that no plugin's timeout can touch a neighbour.

use std::io;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use super::EPOCH_TICK;

/// Ticks until it is dropped.
pub(super) struct EpochThread {
    handle: Option<JoinHandle<()>>,
    stop: std::sync::mpsc::Sender<()>,
}

impl EpochThread {
    pub(super) fn start(engine: &wasmtime::Engine) -> io::Result<Self> {
        let engine = engine.weak();
        let (stop, stopped) = std::sync::mpsc::channel();
        let handle = thread::Builder::new()
            .name("fusebox-epoch".into())
            .spawn(move || {
                let mut due = Instant::now();
                loop {
                    due += EPOCH_TICK;
                    let wait = due.saturating_duration_since(Instant::now());
                    match stopped.recv_timeout(wait) {
                        Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {}
                        _ => return,
                    }
                    let Some(engine) = engine.upgrade() else { return };
                    engine.increment_epoch();
                    // After the machine was suspended, go on from now.
                    due = due.max(Instant::now() - EPOCH_TICK);
                }
            })?;
        Ok(Self {
            handle: Some(handle),
            stop,
        })
    }
}

impl Drop for EpochThread {
    fn drop(&mut self) {
        let _ = self.stop.send(());
        if let Some(handle) = self.handle.take() {
            let _ = handle.join();
        }
    }
}
