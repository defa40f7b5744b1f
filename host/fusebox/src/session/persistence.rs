//! What a session knows from earlier ones of its breakers and instances, and
//! what it leaves to later ones, its last good outputs among it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::answers::Answer;
use super::live_settings::LiveSettings;
use crate::pools::{AgentPool, Pools};
use fusebox_events::Event;
use fusebox_resilience::breaker::BreakerRules;
use fusebox_resilience::isolation::IsolationRules;
use fusebox_runtime::breakers::{BreakerRegistry, NamedBreaker};
use fusebox_store::state::{Identity, StateError, StateStore};

/// What is to be kept.
#[derive(Debug)]
pub(crate) enum News {
    /// Something has changed, and is to be looked at.
    Changed(Changed),
    /// An output is good.
    Answer(Answer),
}

/// What has changed, and is to be kept.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Changed {
    /// A breaker, by its key.
    Breaker(Arc<str>),
    /// The pool of an agent.
    Pool(Arc<str>),
}

/// Reads and writes what outlives a session. It waits for the disk: not for a
/// thread that guests run on. What cannot be read or written is said, and the
/// session goes on without. Breakers of services are not kept: what a guest says
/// of them is for its session.
#[derive(Debug)]
pub(crate) struct Memory {
    shelf: StateStore,
    breakers: Arc<BreakerRegistry>,
    pools: Arc<Pools>,
    live: Arc<LiveSettings>,
    /// The keys of which this session knows something on the disk. What another
    /// one keeps under others is not this one's to forget.
    breakers_known: BTreeSet<String>,
    pools_known: BTreeSet<String>,
}

/// A breaker that is kept.
struct OfBreaker {
    identity: Identity,
    breaker: Arc<NamedBreaker>,
    rules: BreakerRules,
}

/// A pool whose quarantines are kept.
struct OfPool {
    identity: Identity,
    pool: Arc<AgentPool>,
    rules: IsolationRules,
}

impl Memory {
    pub(super) fn new(
        shelf: StateStore,
        breakers: Arc<BreakerRegistry>,
        pools: Arc<Pools>,
        live: Arc<LiveSettings>,
    ) -> Self {
        Self {
            shelf,
            breakers,
            pools,
            live,
            breakers_known: BTreeSet::new(),
            pools_known: BTreeSet::new(),
        }
    }

    /// Goes on from what earlier sessions left, and says what that is. To be
    /// called before anything is run.
    pub(crate) fn restore(&mut self) -> Vec<Event> {
        let (unix, mut events) = (self.shelf.time().now(), Vec::new());
        for of in self.all_breakers() {
            let kept = said("read", &of.identity, self.shelf.breaker(&of.identity)).flatten();
            if let Some(kept) = kept {
                events.extend(of.breaker.restore(&kept, &of.rules, unix));
                self.breakers_known.insert(of.identity.key().to_owned());
            }
        }
        for (index, pool) in self.pools.all() {
            let Some(agent) = self.live.agent(index) else {
                continue;
            };
            let identity = agent.identity();
            let kept = said("read", &identity, self.shelf.instances(&identity));
            if let Some(kept) = kept.filter(|kept| !kept.is_empty()) {
                events.extend(pool.restore(&kept, &agent, unix));
                self.pools_known.insert(identity.key().to_owned());
            }
        }
        events
    }

    /// Writes down what has changed, as it is now.
    pub(crate) fn write(&mut self, changed: &Changed) {
        match changed {
            Changed::Breaker(key) => {
                let mut all = self.all_breakers().into_iter();
                if let Some(of) = all.find(|of| of.breaker.key() == &**key) {
                    self.write_breaker(&of);
                }
            }
            Changed::Pool(agent) => {
                let mut all = self.all_pools().into_iter();
                if let Some(of) = all.find(|of| of.pool.agent() == &**agent) {
                    self.write_pool(&of);
                }
            }
        }
    }

    /// Writes down outputs that are good.
    pub(crate) fn keep(&self, answers: &[Answer]) {
        if answers.is_empty() {
            return;
        }
        let now = self.shelf.time().now();
        let kept: Vec<_> = answers.iter().map(|answer| answer.kept(now)).collect();
        let questions = answers.iter().map(|answer| answer.question.as_str());
        if let Err(error) = self.shelf.keep_last_good(questions.zip(&kept)) {
            let why = fusebox_types::failure::causes(&error);
            tracing::warn!("{} last good outputs may not be kept: {why}", answers.len());
        }
    }

    /// Writes down all that there is.
    pub(crate) fn write_all(&mut self) {
        self.all_breakers().iter().for_each(|of| self.write_breaker(of));
        self.all_pools().iter().for_each(|of| self.write_pool(of));
    }

    fn write_breaker(&mut self, of: &OfBreaker) {
        let kept = of.breaker.keep(&of.rules, self.shelf.time().now());
        if kept.is_some() || self.breakers_known.contains(of.identity.key()) {
            self.breakers_known.insert(of.identity.key().to_owned());
            said("write", &of.identity, self.shelf.set_breaker(&of.identity, kept));
        }
    }

    fn write_pool(&mut self, of: &OfPool) {
        let kept = of.pool.keep(&of.rules, self.shelf.time().now());
        if !kept.is_empty() || self.pools_known.contains(of.identity.key()) {
            self.pools_known.insert(of.identity.key().to_owned());
            said(
                "write",
                &of.identity,
                self.shelf.set_instances(&of.identity, kept),
            );
        }
    }

    /// The breakers of the agents, and of the upstreams that they may call.
    fn all_breakers(&self) -> Vec<OfBreaker> {
        let agents = (0..self.breakers.agents()).filter_map(|index| {
            let index = u16::try_from(index).ok()?;
            let agent = self.live.agent(index)?;
            Some(OfBreaker {
                identity: agent.identity(),
                breaker: self.breakers.agent(index)?.clone(),
                rules: agent.breaker,
            })
        });
        let services = self.live.services().load();
        let used = services.by_name.iter();
        let used = used.filter(|(_, service)| service.upstream.is_some());
        let upstreams = used.map(|(name, service)| OfBreaker {
            identity: Identity::upstream(name, &service.rules.address),
            breaker: self.breakers.upstream(name),
            rules: *service.breaker(),
        });
        agents.chain(upstreams).collect()
    }

    fn all_pools(&self) -> Vec<OfPool> {
        let of = |(index, pool): (u16, &Arc<AgentPool>)| {
            let agent = self.live.agent(index)?;
            Some(OfPool {
                identity: agent.identity(),
                pool: pool.clone(),
                rules: agent.isolation,
            })
        };
        self.pools.all().filter_map(of).collect()
    }
}

/// What was read or written; none if it could not be, which is said.
fn said<T>(what: &str, of: &Identity, done: Result<T, StateError>) -> Option<T> {
    let warn = |error: &StateError| {
        let why = fusebox_types::failure::causes(error);
        tracing::warn!("cannot {what} what outlives a session of {}: {why}", of.key());
    };
    done.inspect_err(warn).ok()
}
