//! Waiting for the word of a test.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// Opens a gate, a step at a time. Dropped, it leaves the gate open for good.
pub(crate) struct Opener(Sender<()>);

/// Where a server waits for the word of a test.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Mutex<Receiver<()>>>);

impl Gate {
    /// A closed gate, and what opens it.
    pub(crate) fn closed() -> (Self, Opener) {
        let (sender, receiver) = channel();
        (Self(Arc::new(Mutex::new(receiver))), Opener(sender))
    }

    /// Waits until the gate is opened for one step, or for good.
    pub(super) fn pass(&self) {
        // An error says that the opener is gone: nobody holds anything any more.
        let _ = self.0.lock().unwrap().recv();
    }
}

impl Opener {
    /// Lets one step pass.
    pub(crate) fn step(&self) {
        // If nobody is at the gate any more, there is nothing to let pass.
        let _ = self.0.send(());
    }
}
