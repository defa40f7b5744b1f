//! The upstreams of a configuration, made ready for the agents that are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::load_error::LoadError;
use super::policies::Policies;
use crate::config::{self, Config};
use fusebox_runtime::breakers::JudgeBreaker;
use fusebox_runtime::gateway::{Ledgers, Service, Services};
use fusebox_runtime::plugin::PolicyUse;
use fusebox_runtime::sandbox::Breaker;
use fusebox_secrets::Vault;
use fusebox_store::state::StateStore;
use fusebox_upstream::connect::Roots;
use fusebox_upstream::{Address, Upstream};

/// Makes the upstreams ready that these agents were granted. The others are
/// known by their addresses, so that a request to one can be told what to ask
/// for.
///
/// # Errors
/// The first that is not ready, and why.
pub(super) fn load<'a>(
    config: &Config,
    agents: impl Iterator<Item = &'a String>,
    policies: &mut Policies<'_>,
    vault: &Vault,
) -> Result<Services, LoadError> {
    let agents: BTreeSet<&String> = agents.collect();
    let roots = std::cell::LazyCell::new(Roots::of_system);
    let mut by_name = BTreeMap::new();
    for (name, upstream) in &config.upstreams {
        let parties = parties(config, name);
        let is_used = parties.iter().any(|agent| agents.contains(agent));
        let failed = |source| LoadError::Upstream {
            name: name.clone(),
            source,
        };
        let ready = is_used.then(|| Upstream::new(name, &upstream.rules, &roots, vault));
        let address = Address::parse(&upstream.rules.address).map_err(|error| failed(error.into()))?;
        let service = Service {
            address,
            upstream: ready.transpose().map_err(failed)?,
            policy: match is_used {
                true => judge(policies.breaker(name, upstream.policy.breaker())?),
                false => None,
            },
            rules: upstream.rules.clone(),
            breaker: upstream
                .breaker
                .over_calls_in_flight(upstream.rules.limits.in_flight),
            parties,
        };
        by_name.insert(name.clone(), Arc::new(service));
    }
    let counted = by_name.values().any(|service| is_counted(service));
    let open = || StateStore::of(&config.state)?.open();
    let state = counted.then(open).transpose().map_err(LoadError::State)?;
    Ok(Services {
        by_name,
        ledgers: Ledgers::new(state.map(Arc::new)),
    })
}

/// A policy, for breakers that know nothing of components.
fn judge(policy: Option<PolicyUse<Breaker>>) -> Option<Arc<dyn JudgeBreaker>> {
    Some(Arc::new(policy?))
}

/// The agents that were granted an upstream.
fn parties(config: &Config, upstream: &str) -> BTreeSet<String> {
    let has = |agent: &config::Agent| {
        let mut instances = agent.instances.iter();
        instances.any(|instance| instance.grants.upstreams.iter().any(|name| name == upstream))
    };
    let agents = config.agents.iter().filter(|(_, agent)| has(agent));
    agents.map(|(name, _)| name.clone()).collect()
}

fn is_counted(service: &Service) -> bool {
    service.upstream.is_some() && Ledgers::is_needed(service.limits())
}
