//! What changes in a session and outlives it, on its way to the disk.

use std::collections::BTreeSet;
use std::io;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;

use crate::event::Event;
use crate::session::{Changed, Memory};

/// Hears what happens in a session, and has what outlives it written down on a
/// thread of its own.
#[derive(Debug)]
pub(crate) struct Remember {
    changed: Sender<Changed>,
}

impl Remember {
    /// Begins, and gives the thread, which ends with this.
    ///
    /// # Errors
    /// If no thread can be started.
    pub(super) fn begin(memory: Memory) -> io::Result<(Self, JoinHandle<()>)> {
        let (changed, heard) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("fusebox-state".into())
            .spawn(move || write(memory, &heard))?;
        Ok((Self { changed }, thread))
    }

    /// Takes note of events; waits for nothing.
    pub(crate) fn heed(&self, events: &[Event]) {
        let changed = events.iter().filter_map(|event| match event {
            Event::Circuit { key, .. } => Some(Changed::Circuit(key.clone())),
            Event::Instance { agent, .. } => Some(Changed::Pool(agent.clone())),
            _ => None,
        });
        for changed in changed {
            // A thread that is gone has said why.
            let _ = self.changed.send(changed);
        }
    }
}

fn write(mut memory: Memory, heard: &Receiver<Changed>) {
    while let Ok(first) = heard.recv() {
        // What changed several times meanwhile is written once.
        let all: BTreeSet<_> = std::iter::once(first).chain(heard.try_iter()).collect();
        all.iter().for_each(|changed| memory.write(changed));
    }
    memory.write_all();
}
