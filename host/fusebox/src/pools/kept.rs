//! A pool from one run to the next.

use super::pool::{AgentPool, members};
use crate::agents::Agent;
use fusebox_events::quarantine_view::{before, counted, time};
use fusebox_events::{Event, QuarantineStatus, QuarantineView};
use fusebox_resilience::isolation::{IsolationRules, KeptFailure, KeptInstance, Kind, Pool, Quarantined};
use fusebox_store::state::Timeline;
use fusebox_types::failure::printable;

impl AgentPool {
    /// What the next run has to know of it, when it is this time in the state.
    pub(crate) fn keep(&self, rules: &IsolationRules, unix: u64) -> Vec<KeptInstance> {
        self.lock().keep(rules, self.clock.now(), unix)
    }

    /// Goes on from what was kept of these instances, and says who is out.
    pub(crate) fn restore(&self, kept: &[KeptInstance], agent: &Agent, unix: u64) -> Vec<Event> {
        let (rules, now) = (&agent.isolation, self.clock.now());
        let (pool, changes) = Pool::restore(&members(agent), kept, rules, now, unix);
        let out = pool.quarantined(rules, now);
        *self.lock() = pool;
        let changes = changes.into_iter().filter_map(|change| self.event(change));
        let out = out.into_iter().map(|out| self.left_out(out));
        changes.chain(out).collect()
    }

    /// That an instance is out since before this run, as it was told then.
    fn left_out(&self, mut out: Quarantined) -> Event {
        let now = self.clock.now();
        let at = before(self.clock.timestamp(now), out.lasted);
        let until = self.clock.timestamp(now.saturating_add(out.remaining));
        for failure in &mut out.failures {
            failure.ago = failure.ago.saturating_sub(out.lasted);
        }
        out.remaining = out.remaining.saturating_add(out.lasted);
        out.lasted = std::time::Duration::ZERO;
        Event::Instance {
            agent: self.agent().into(),
            instance: out.instance,
            at,
            until: Some(until),
            change: Kind::Quarantined(Box::new(out)),
        }
    }
}

/// An instance of this agent as it is kept; none if it is in its pool.
pub fn kept_view(agent: &str, kept: &KeptInstance, by: Timeline) -> Option<QuarantineView> {
    let out = kept.quarantine.as_ref()?;
    let told = |failure: &KeptFailure| {
        let at = time(by.shown(failure.at));
        format!("{at} {}: {}", failure.code, printable(&failure.message))
    };
    let evidence = std::iter::once(counted(&out.counts)).chain(out.failures.iter().map(told));
    Some(QuarantineView {
        agent: agent.to_owned(),
        instance: kept.instance.clone(),
        state: QuarantineStatus::Quarantined,
        reason: out.reason.to_string(),
        evidence: evidence.collect(),
        since: time(by.shown(kept.since)),
        until: Some(time(by.shown(out.until))),
        times: kept.times,
        released_by: None,
    })
}
