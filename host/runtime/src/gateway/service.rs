//! Upstreams as the configuration has them, ready to be called.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::breakers::JudgeBreaker;
use fusebox_resilience::breaker::BreakerRules;
use fusebox_types::failure::Failure;
use fusebox_upstream::address::{self, Address, Target, choose};
use fusebox_upstream::rules::{UpstreamLimits, UpstreamRules};
use fusebox_upstream::{Denial, Upstream};

use super::Ledgers;

/// All upstreams of a configuration, by name.
#[derive(Debug, Default)]
pub struct Services {
    /// The upstreams.
    pub by_name: BTreeMap<String, Arc<Service>>,
    /// Where it is counted what was asked of them.
    pub ledgers: Ledgers,
}

/// Upstreams as they are now; a reload puts others here.
pub type Current = Arc<ArcSwap<Services>>;

/// One upstream.
#[derive(Debug)]
pub struct Service {
    /// What was written of it.
    pub rules: UpstreamRules,
    /// When its breaker opens and closes.
    pub breaker: BreakerRules,
    /// Where it is.
    pub address: Address,
    /// None if no agent here was granted it.
    pub upstream: Option<Upstream>,
    /// Who judges its breaker; none leaves it to the built-in policy.
    pub policy: Option<Arc<dyn JudgeBreaker>>,
    /// The agents that were granted it.
    pub parties: BTreeSet<String>,
}

impl Service {
    /// When its breaker opens and closes.
    pub const fn breaker(&self) -> &BreakerRules {
        &self.breaker
    }

    /// Whether the other one would be asked in the same way: what the one refuses,
    /// the other does as well.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let sends_same = match (&self.upstream, &other.upstream) {
            (Some(one), Some(other)) => one.sends_as(other),
            (one, other) => one.is_none() && other.is_none(),
        };
        sends_same && self.rules == other.rules
    }

    /// How much may be asked of it.
    pub const fn limits(&self) -> &UpstreamLimits {
        &self.rules.limits
    }
}

impl Services {
    /// The upstream that a request is meant for.
    ///
    /// # Errors
    /// If the agent may not send it; the message says what to grant.
    pub(super) fn choose(
        &self,
        agent: &str,
        granted: &[String],
        request: &http::request::Parts,
    ) -> Result<(&str, &Arc<Service>), Failure> {
        self.choose_for(agent, granted, &request.uri, &request.method)
    }

    /// The same by address and method.
    pub(super) fn choose_for(
        &self,
        agent: &str,
        granted: &[String],
        uri: &http::Uri,
        method: &http::Method,
    ) -> Result<(&str, &Arc<Service>), Failure> {
        let denied = |denial: Denial| {
            let failure = Failure::new(denial.code(), denial.to_string());
            match &denial {
                // What the report's command adds.
                Denial::NotGranted { upstream, .. } => failure.with("grant", upstream),
                _ => failure,
            }
        };
        let target = Target::of(uri).map_err(denied)?;
        let services = self.by_name.iter().map(|(name, service)| address::Service {
            name,
            address: &service.address,
            paths: &service.rules.paths,
            methods: &service.rules.methods,
        });
        let name = choose(services, granted, agent, &target, method).map_err(denied)?;
        let found = self.by_name.get(name).map(|service| (name, service));
        // `choose` picks one of these.
        found.ok_or_else(|| Failure::new(fusebox_types::failure::Code::DeniedUpstream, name))
    }
}
