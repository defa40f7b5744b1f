//! Instances that were taken out of their pools, or would have been.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Event, QuarantineView};
use fusebox_resilience::isolation::Kind;
use fusebox_types::InstanceId;

/// The last quarantine of each instance that had one.
#[derive(Debug, Default)]
pub(super) struct Quarantines(BTreeMap<(Arc<str>, InstanceId), QuarantineView>);

impl Quarantines {
    /// Takes note of an event, if it is about an instance.
    pub(super) fn read(&mut self, event: &Event) {
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
    pub(super) fn put(&mut self, view: QuarantineView) {
        let key = (view.agent.as_str().into(), InstanceId::new(&view.instance));
        self.0.insert(key, view);
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &QuarantineView> {
        self.0.values()
    }
}
