//! Which instances were taken out, folded from a session's events.

use std::collections::BTreeMap;
use std::sync::Arc;

use fusebox_events::{Event, QuarantineView, Standing};
use fusebox_resilience::isolation::Kind;
use fusebox_types::InstanceId;

/// The last quarantine of each instance that had one.
#[derive(Debug, Default)]
pub(crate) struct Quarantines(BTreeMap<(Arc<str>, InstanceId), QuarantineView>);

impl Quarantines {
    /// Takes note of an event, if it is about an instance.
    pub(crate) fn read(&mut self, event: &Event) {
        let Event::Instance {
            agent,
            instance,
            at,
            until,
            change,
        } = event
        else {
            return;
        };
        let key = (agent.clone(), *instance);
        if let Kind::Released { why, .. } = change {
            if let Some(known) = self.0.get_mut(&key) {
                known.released(*why, *at);
            }
        } else if let Some(view) = QuarantineView::new((agent, instance), (*at, *until), change) {
            self.0.insert(key, view);
        }
    }

    /// Takes a quarantine as it was told elsewhere.
    pub(crate) fn put(&mut self, view: QuarantineView) {
        let key = (view.agent.as_str().into(), InstanceId::new(&view.instance));
        self.0.insert(key, view);
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &QuarantineView> {
        self.0.values()
    }

    /// Those that are out or held.
    pub(crate) fn now(&self) -> impl Iterator<Item = &QuarantineView> {
        self.all().filter(|view| view.state != Standing::Released)
    }
}
