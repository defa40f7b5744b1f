//! What a session that is over left to the next one: its breakers and
//! quarantines, shown and ordered.

use std::path::Path;

use super::resume::sources;
use super::{ConfigArguments, Exit, Fault};
use fusebox::breakers::{self, NamedBreaker, Order};
use fusebox::config::{Agent, Config};
use fusebox::event::{BreakerView, QuarantineView};
use fusebox::pools;
use fusebox::state::{Identity, StateError, StateStore};
use fusebox_resilience::breaker::BreakerRules;
use fusebox_resilience::isolation::KeptInstance;
use fusebox_store::journal::SessionLock;
use fusebox_types::digest::Digest;
use fusebox_types::failure::printable;

/// What is kept in the state of a session that is over, under its configuration.
pub(super) struct KeptState {
    shelf: StateStore,
    config: Config,
}

impl KeptState {
    /// That of the session in a folder.
    ///
    /// # Errors
    /// If there is none, a process still has it, or its configuration cannot be
    /// read any more.
    pub(super) fn of(folder: &Path, arguments: &ConfigArguments) -> Result<Self, Fault> {
        SessionLock::check(folder)?;
        let recovered = fusebox_store::journal::recover(folder)?;
        let config = arguments.load(&sources(&recovered.started, arguments))?.config;
        let shelf = StateStore::of(&config.state).map_err(unusable)?;
        Ok(Self { shelf, config })
    }

    /// The breakers that are kept.
    ///
    /// # Errors
    /// If they cannot be read.
    pub(super) fn breakers(&self) -> Result<Vec<BreakerView>, Fault> {
        let (mut found, time) = (Vec::new(), self.shelf.time());
        for key in self.keys() {
            // Nothing that is kept counts for an agent whose plugin is gone.
            let Ok((identity, _)) = self.breaker(&key) else {
                continue;
            };
            let kept = self.shelf.breaker(&identity).map_err(unusable)?;
            found.extend(kept.map(|kept| breakers::kept_view(&key, &kept, time)));
        }
        Ok(found)
    }

    /// Does what is ordered of a breaker, for the next run.
    ///
    /// # Errors
    /// If there is no such breaker, or it cannot be read or written.
    pub(super) fn order(&self, key: &str, order: Order) -> Result<BreakerView, Fault> {
        let (identity, rules) = self.breaker(key)?;
        let kept = self.shelf.breaker(&identity).map_err(unusable)?;
        let time = self.shelf.time();
        let breaker = NamedBreaker::left(key, kept.as_ref(), &rules, time.now());
        breaker.order(order, &rules);
        let kept = breaker.keep(&rules, time.now());
        self.shelf.set_breaker(&identity, kept).map_err(unusable)?;
        Ok(breaker.view(&rules))
    }

    /// The instances that are out.
    ///
    /// # Errors
    /// If they cannot be read.
    pub(super) fn quarantined(&self) -> Result<Vec<QuarantineView>, Fault> {
        let (mut found, time) = (Vec::new(), self.shelf.time());
        for (name, agent) in &self.config.agents {
            if !agent.plugin.is_file() {
                continue;
            }
            let kept = self.instances(name, agent)?.1;
            found.extend(kept.iter().filter_map(|kept| pools::kept_view(name, kept, time)));
        }
        Ok(found)
    }

    /// Forgets the quarantines of an instance, for the next run; what there was,
    /// if it was out.
    ///
    /// # Errors
    /// If there is no such instance, or they cannot be read or written.
    pub(super) fn release(&self, agent: &str, instance: &str) -> Result<Option<QuarantineView>, Fault> {
        let Some(found) = self.config.agents.get(agent) else {
            let known: Vec<_> = self.config.agents.keys().cloned().collect();
            return Err(unknown("agent", agent, &known));
        };
        if !found.instances.iter().any(|one| one.id == instance) {
            let known: Vec<_> = found.instances.iter().map(|one| one.id.clone()).collect();
            return Err(unknown("instance", instance, &known));
        }
        let (identity, kept) = self.instances(agent, found)?;
        let (gone, left): (Vec<_>, Vec<_>) = kept.into_iter().partition(|kept| kept.instance == instance);
        self.shelf.set_instances(&identity, left).map_err(unusable)?;
        Ok(gone
            .iter()
            .find_map(|kept| pools::kept_view(agent, kept, self.shelf.time())))
    }

    /// What is kept of the instances of an agent with the plugin that it has now.
    fn instances(&self, name: &str, agent: &Agent) -> Result<(Identity, Vec<KeptInstance>), Fault> {
        let digest = digest(agent)?;
        let identity = Identity::agent(name, &agent.plugin, digest);
        let mut kept = self.shelf.instances(&identity).map_err(unusable)?;
        kept.retain(|kept| kept.plugin == digest.to_string());
        Ok((identity, kept))
    }

    /// Who a breaker belongs to, and its rules.
    fn breaker(&self, key: &str) -> Result<(Identity, BreakerRules), Fault> {
        if let Some((name, agent)) = named(key, "agent:", &self.config.agents) {
            return Ok((
                Identity::agent(name, &agent.plugin, digest(agent)?),
                agent.breaker,
            ));
        }
        if let Some((name, upstream)) = named(key, "upstream:", &self.config.upstreams) {
            return Ok((
                Identity::upstream(name, &upstream.rules.address),
                upstream.breaker,
            ));
        }
        Err(unknown("breaker", key, &self.keys()))
    }

    fn keys(&self) -> Vec<String> {
        let agents = self.config.agents.keys().map(|name| format!("agent:{name}"));
        let upstreams = self.config.upstreams.keys();
        agents
            .chain(upstreams.map(|name| format!("upstream:{name}")))
            .collect()
    }
}

fn named<'a, T>(
    key: &str,
    prefix: &str,
    all: &'a std::collections::BTreeMap<String, T>,
) -> Option<(&'a String, &'a T)> {
    all.get_key_value(key.strip_prefix(prefix)?)
}

/// What was found; none where it was not and the report speaks in its place,
/// which is said.
///
/// # Errors
/// If there is no report either.
pub(super) fn unless_reported<T>(found: Result<T, Fault>, report: &Path) -> Result<Option<T>, Fault> {
    match found {
        Err(fault) if report.exists() => {
            let why = format!("{:#}", fault.error);
            say!(
                "warning: cannot read the saved state; this is what the report says: {}",
                printable(&why)
            );
            Ok(None)
        }
        found => found.map(Some),
    }
}

/// The digest of an agent's plugin as it is now.
fn digest(agent: &Agent) -> Result<Digest, Fault> {
    let path = &agent.plugin;
    super::plan::digest(path).ok_or_else(|| {
        let message = format!(
            "cannot read {}: it says what is kept of its agent",
            path.display()
        );
        Fault::new(Exit::NoInput, anyhow::Error::msg(message))
    })
}

fn unknown(what: &str, name: &str, known: &[String]) -> Fault {
    Fault::usage(format!(
        "the session is over, and nothing is kept of {what} `{}` (there are: {})",
        printable(name),
        known.join(", ")
    ))
}

fn unusable(error: StateError) -> Fault {
    Fault::new(Exit::Host, error)
}
