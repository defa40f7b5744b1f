//! The way of an agent to an upstream.
//!
//! Where one agent may call an upstream, there is one breaker. Where several may,
//! each has a way of its own (`upstream:<name>@<agent>`), so that what one asks for
//! in vain holds nobody else up:
//!
//! - A request needs the permits of its way and of the upstream's breaker.
//! - What it came to is judged on the way.
//! - The upstream's breaker opens when the ways of two agents are open, and closes
//!   by its probes that succeed. Of a probe of it that fails the way opens.
//!
//! A way is not kept for later sessions: the upstream's breaker is.

use std::sync::Arc;
use std::time::Duration;

use super::judge::JudgeBreaker;
use super::named::Named;
use super::named_breaker::{Ended, NamedBreaker};
use super::owned_permit::OwnedPermit;
use fusebox_events::Event;
use fusebox_resilience::breaker::{Admission, BreakerRules, Cause, Outcome};
use fusebox_types::failure::Failure;

/// The breakers on the way of an agent to an upstream.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    /// The upstream's.
    pub(super) shared: Arc<NamedBreaker>,
    /// The agent's own, and those of all; none if no other may call the upstream.
    pub(super) own: Option<OwnWay>,
}

/// An agent's own way among those of all.
#[derive(Debug, Clone)]
pub(super) struct OwnWay {
    pub(super) breaker: Arc<NamedBreaker>,
    pub(super) all: Arc<Named>,
}

/// The right to send one request, until it is dropped or handed back.
#[derive(Debug)]
pub(crate) struct WayPermit {
    shared: OwnedPermit,
    own: Option<(OwnedPermit, OwnWay)>,
}

impl Way {
    /// What a request would meet now: the stricter of the two.
    pub(crate) fn admission(&self, rules: &BreakerRules) -> Admission {
        let own = self.own.as_ref().map(|own| own.breaker.admission(rules));
        self.shared.admission(rules).and(own.unwrap_or(Admission::Free))
    }

    /// Why no request would be let through now, without asking for one.
    pub(crate) fn refusal(&self, rules: &BreakerRules) -> Option<Failure> {
        let own = self.own.as_ref().map(|own| &own.breaker);
        let mut breakers = [Some(&self.shared), own].into_iter().flatten();
        breakers.find_map(|breaker| Some(breaker.refused(&breaker.refusal(rules)?)))
    }

    /// Asks for the right to send one request, and tells what that changed.
    ///
    /// # Errors
    /// If a breaker is open, or as many probes are under way as may.
    pub(crate) fn acquire(
        &self,
        rules: &BreakerRules,
        mut tell: impl FnMut(Event),
    ) -> Result<WayPermit, Failure> {
        let mut permit_of = |breaker: &Arc<NamedBreaker>| {
            let acquired = OwnedPermit::acquire(breaker.clone(), *rules);
            let (permit, event) = acquired.map_err(|refusal| breaker.refused(&refusal))?;
            event.into_iter().for_each(&mut tell);
            Ok::<_, Failure>(permit)
        };
        let shared = permit_of(&self.shared)?;
        let own = match &self.own {
            None => None,
            Some(own) => Some((permit_of(&own.breaker)?, own.clone())),
        };
        Ok(WayPermit { shared, own })
    }
}

impl WayPermit {
    /// The time that the breakers go by.
    pub(crate) fn now(&self) -> Duration {
        self.shared.breaker().now()
    }

    /// Whether the request is a probe of one of the breakers.
    pub(crate) fn is_probe(&self) -> bool {
        let own = self.own.as_ref().is_some_and(|(permit, _)| permit.is_probe());
        own || self.shared.is_probe()
    }

    /// Hands it back with what the request came to, and says what that changed.
    pub(crate) fn finish(self, outcome: Outcome, took: Duration, random: u64) -> Vec<Event> {
        let Some((permit, way)) = self.own else {
            return self.shared.finish(outcome, took, random).into_iter().collect();
        };
        let entry = Entry::of(&permit);
        let said = permit.finish(outcome, took, random);
        let settled = way.settle(self.shared, entry, (outcome, took), random);
        said.into_iter().chain(settled).collect()
    }

    /// The same, judged by a policy, which is asked once.
    pub(crate) async fn finish_judged(
        self,
        ended: Ended<'_>,
        policy: &dyn JudgeBreaker,
        random: u64,
    ) -> Vec<Event> {
        let Some((permit, way)) = self.own else {
            return self.shared.finish_judged(ended, policy, random).await;
        };
        let (entry, ended_so) = (Entry::of(&permit), (ended.outcome, ended.duration));
        let mut said = permit.finish_judged(ended, policy, random).await;
        said.extend(way.settle(self.shared, entry, ended_so, random));
        said
    }
}

/// How a request entered its way.
struct Entry {
    was_probe: bool,
    generation: u64,
}

impl Entry {
    fn of(permit: &OwnedPermit) -> Self {
        Self {
            was_probe: permit.is_probe(),
            generation: permit.generation(),
        }
    }
}

impl OwnWay {
    /// What a request that was judged on its way comes to for the upstream's
    /// breaker.
    fn settle(
        &self,
        shared: OwnedPermit,
        entry: Entry,
        (outcome, took): (Outcome, Duration),
        random: u64,
    ) -> Vec<Event> {
        let (rules, breaker) = (*shared.rules(), shared.breaker().clone());
        let (was_probe, generation) = (shared.is_probe(), shared.generation());
        let counted = match (outcome, was_probe) {
            (Outcome::Failure, true) => shared.finish(Outcome::Ignored, took, random),
            (_, true) => shared.finish(outcome, took, random),
            (_, false) => {
                shared.count(outcome, took);
                None
            }
        };
        let failed = outcome == Outcome::Failure;
        let fails_as_probe = failed && was_probe && !entry.was_probe;
        let own = fails_as_probe
            .then(|| {
                self.breaker
                    .open(entry.generation, Cause::ProbeFailed, &rules, random)
            })
            .flatten();
        let opened = (failed && self.are_two_open(&rules))
            .then(|| breaker.open(generation, self.breaker.cause(&rules), &rules, random))
            .flatten();
        [counted, own, opened].into_iter().flatten().collect()
    }

    /// Whether this way and that of another agent are open.
    fn are_two_open(&self, rules: &BreakerRules) -> bool {
        let is_open = |breaker: &NamedBreaker| matches!(breaker.admission(rules), Admission::Until(_));
        let mut others = self.all.all().into_iter();
        is_open(&self.breaker)
            && others.any(|(_, other)| !Arc::ptr_eq(&other, &self.breaker) && is_open(&other))
    }
}

#[cfg(test)]
mod tests;
