//! The reader of events that tells people.

use std::io;
use std::sync::Arc;

use super::channels::Print;
use super::dispatcher;
use super::ending::Ending;
use super::notice::About;
use super::outlet::Undelivered;
use super::reading::Reading;
use crate::config::NotifyRules;
use crate::report::{OutputDir, OutputError, Reader};
use crate::session::Graph;
use fusebox_events::Event;
use fusebox_secrets::Vault;

/// Tells people of what needs them, while a session runs and at its end.
pub struct Notifier {
    reading: Reading,
    dispatcher: dispatcher::Handle,
}

/// Where lines go.
#[derive(Default)]
pub struct Outlets {
    /// What writes a line to the terminal; none for silence there. It is called
    /// on another thread.
    pub print: Option<Print>,
    /// The directory whose `logs/notices.jsonl` is written; none for no log.
    pub out: Option<Arc<OutputDir>>,
    /// Learns the secrets of the channels, and keeps all that it knows out of
    /// what is said of deliveries.
    pub vault: Arc<Vault>,
}

impl Notifier {
    /// Begins to tell. Secrets and certificates are fetched on another thread; a
    /// channel that lacks one is said in the log of the host's own work, and no
    /// session waits or fails for it.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn start(rules: &NotifyRules, about: About, graph: Arc<Graph>, to: Outlets) -> io::Result<Self> {
        Ok(Self {
            reading: Reading::new(&about, graph),
            dispatcher: dispatcher::open(rules.clone(), about, to, dispatcher::FLUSH)?,
        })
    }

    /// Tells how the session ended and waits until all is delivered, or for
    /// [`FLUSH`](super::FLUSH); what could not be delivered.
    pub fn finish(self, ending: Ending) -> Vec<Undelivered> {
        self.dispatcher.close(ending)
    }
}

impl Reader for Notifier {
    fn read(&mut self, event: &Event) -> Result<(), OutputError> {
        for said in self.reading.read(event) {
            self.dispatcher.say(said);
        }
        Ok(())
    }
}
