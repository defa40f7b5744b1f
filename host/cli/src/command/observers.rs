//! Whoever is told while a session runs: the person at the terminal, and all
//! whom the configuration names.

use std::path::Path;
use std::sync::Arc;

use super::Fault;
use crate::progress::Progress;
use fusebox::config::NotifyRules;
use fusebox::event::Event;
use fusebox::notices::{About, Ending, Notifier, Outlets, Print};
use fusebox::recorder::Recorded;
use fusebox::report::{OutputDir, OutputError, Reader};
use fusebox::session::Graph;
use fusebox_secrets::Vault;

/// Progress and notices.
pub(super) struct Observers {
    /// None for silence.
    progress: Option<Progress>,
    notifier: Notifier,
}

impl Observers {
    pub(super) fn begin(
        rules: &NotifyRules,
        vault: &Arc<Vault>,
        id: &str,
        graph: &Arc<Graph>,
        out: &Arc<OutputDir>,
        quiet: bool,
    ) -> Result<Self, Fault> {
        let progress = (!quiet).then(|| Progress::new(graph.len()));
        let about = About {
            session: id.to_owned(),
            folder: Some(out.path().to_owned()),
        };
        let print = |progress: &Progress| Box::new(progress.printer()) as Print;
        let to = Outlets {
            print: progress.as_ref().map(print),
            out: Some(out.clone()),
            vault: vault.clone(),
        };
        Ok(Self {
            progress,
            notifier: Notifier::start(rules, about, graph.clone(), to)?,
        })
    }

    /// Tells how it ended, and hands that on. What could not be delivered is
    /// said once, here.
    pub(super) fn end(self, recorded: Result<Recorded, Fault>, folder: &Path) -> Result<Recorded, Fault> {
        // The bar is gone before the last lines.
        drop(self.progress);
        let ending = match &recorded {
            Ok(recorded) => Ending::of(recorded),
            Err(fault) => Ending::broken(fault.error.as_ref(), folder),
        };
        for undelivered in self.notifier.finish(ending) {
            say!("warning: {undelivered}");
        }
        recorded
    }
}

impl Reader for Observers {
    fn read(&mut self, event: &Event) -> Result<(), OutputError> {
        if let Some(progress) = &mut self.progress {
            progress.read(event)?;
        }
        self.notifier.read(event)
    }
}
