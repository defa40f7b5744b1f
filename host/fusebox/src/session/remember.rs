//! What changes in a session and outlives it, on its way to the disk.

use std::collections::BTreeSet;
use std::io;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;

use crate::session::{Answers, Changed, Memory, News, Session};
use fusebox_events::Event;
use fusebox_store::state::StateStore;

/// Hears what happens in a session, and has what outlives it written down on a
/// thread of its own.
#[derive(Debug)]
pub(crate) struct Remember {
    news: Sender<News>,
}

impl Remember {
    /// Begins for a session, which goes on from what earlier ones left. The
    /// thread ends with this and the session.
    ///
    /// # Errors
    /// If no thread can be started.
    pub(crate) fn begin(shelf: StateStore, session: &mut Session) -> io::Result<(Self, JoinHandle<()>)> {
        let (news, heard) = mpsc::channel();
        let memory = session.remembering(shelf.clone());
        session.answered_by(Answers::new(shelf, news.clone()));
        let thread = std::thread::Builder::new()
            .name("fusebox-state".into())
            .spawn(move || write(memory, &heard))?;
        Ok((Self { news }, thread))
    }

    /// Takes note of events; waits for nothing.
    pub(crate) fn heed(&self, events: &[Event]) {
        let changed = events.iter().filter_map(|event| match event {
            Event::Breaker { key, .. } => Some(Changed::Breaker(key.clone())),
            Event::Instance { agent, .. } => Some(Changed::Pool(agent.clone())),
            _ => None,
        });
        for changed in changed {
            // A thread that is gone has said why.
            let _ = self.news.send(News::Changed(changed));
        }
    }
}

fn write(mut memory: Memory, heard: &Receiver<News>) {
    while let Ok(first) = heard.recv() {
        let (mut changed, mut answers) = (BTreeSet::new(), Vec::new());
        for news in std::iter::once(first).chain(heard.try_iter()) {
            match news {
                // What changed several times meanwhile is written once.
                News::Changed(one) => drop(changed.insert(one)),
                News::Answer(one) => answers.push(one),
            }
        }
        changed.iter().for_each(|changed| memory.write(changed));
        memory.keep(&answers);
    }
    memory.write_all();
}
