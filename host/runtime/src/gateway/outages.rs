//! Upstreams that are down: what a request would meet now, and what they failed with.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::service::Service;
use super::{Gateway, UpstreamState};
use crate::breakers::Way;
use fusebox_resilience::breaker::{Admission, Outcome};
use fusebox_resilience::outage::{FailedCall, Outage, Quota};
use fusebox_types::failure::{Code, Failure};

/// What is known of an upstream's outage besides its breakers.
#[derive(Debug, Default)]
pub(super) struct Outages(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    outage: Outage,
    /// What the breaker counted last as a failure.
    last_failure: Option<Arc<Failure>>,
}

/// A request that has ended, as far as its upstream's health goes.
pub(super) struct Counted<'a> {
    pub(super) outcome: Outcome,
    pub(super) was_probe: bool,
    pub(super) failure: Option<&'a Failure>,
}

impl Outages {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UpstreamState {
    /// Notes what a request came to at this service.
    pub(super) fn counted(&self, counted: &Counted<'_>, service: &Service, now: Duration) {
        let mut known = self.outages.lock();
        match (counted.outcome, counted.failure) {
            (Outcome::Success, _) => known.outage.is_over(),
            (Outcome::Failure, failure) => {
                let asked = failure.and_then(|failure| failure.retry_after_ms);
                let call = FailedCall {
                    asked: asked.map(Duration::from_millis),
                    was_probe: counted.was_probe,
                };
                known.outage.failed(call, quotas(service), now);
                if let Some(failure) = failure {
                    known.last_failure = Some(Arc::new(failure.clone()));
                }
            }
            (Outcome::Ignored, _) => {}
        }
    }

    /// Before when it is not to be probed, if that is known.
    fn not_before(&self, now: Duration) -> Option<Duration> {
        self.outages.lock().outage.not_before(now)
    }
}

fn quotas(service: &Service) -> impl Iterator<Item = Quota> {
    service.limits().quotas.iter().map(|quota| Quota {
        calls: quota.requests,
        window: quota.window,
    })
}

impl Gateway {
    /// What a request of an agent to an upstream would meet now: the upstream's breaker,
    /// that of the agent's own way, and, while one of them is not closed, the time that
    /// the upstream or its quotas ask for. An upstream that nobody knows has none.
    pub fn admission(&self, agent: &str, upstream: &str) -> Admission {
        let services = self.services.load();
        let service = services.by_name.get(upstream);
        service.map_or(Admission::Free, |service| self.meets(agent, upstream, service))
    }

    fn meets(&self, agent: &str, upstream: &str, service: &Service) -> Admission {
        let admission = self.way(agent, upstream, service).admission(service.breaker());
        if let Admission::Free = admission {
            return admission;
        }
        let not_before = self.upstream_state(upstream).not_before(self.breakers.now());
        admission.and(not_before.map_or(Admission::Free, Admission::Until))
    }

    /// Why a request would be refused now, without asking for a permit.
    pub(super) fn refusal(&self, agent: &str, upstream: &str, service: &Service) -> Option<Failure> {
        if let Some(refusal) = self.way(agent, upstream, service).refusal(service.breaker()) {
            return Some(refusal.with("upstream", upstream));
        }
        let Admission::Until(until) = self.meets(agent, upstream, service) else {
            return None;
        };
        let message = format!(
            "upstream {upstream} is not asked until {:.3}: it asked for that, or its quota is spared",
            self.breakers.timestamp(until)
        );
        let mut failure = Failure::new(Code::ShedBreaker, message).with("upstream", upstream);
        let wait = until.saturating_sub(self.breakers.now());
        failure.retry_after_ms = u64::try_from(wait.as_millis()).ok();
        Some(failure)
    }

    /// The breakers on an agent's way to an upstream.
    pub(super) fn way(&self, agent: &str, upstream: &str, service: &Service) -> Way {
        self.breakers
            .way(upstream, agent, &service.parties, service.breaker())
    }

    /// What the breaker of an upstream counted last as a failure.
    pub fn last_failure(&self, upstream: &str) -> Option<Arc<Failure>> {
        self.upstream_state(upstream).outages.lock().last_failure.clone()
    }
}
