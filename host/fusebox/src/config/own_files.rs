//! The files that a configuration is in, and those that it names for the host.

use std::path::PathBuf;

use super::{Config, PolicyRules};
use fusebox_secrets::SecretRef;

impl Config {
    /// What the host itself reads or starts: the configuration's files, plugins,
    /// policies, secrets and certificates.
    pub fn own_files(&self) -> Vec<PathBuf> {
        let mut own = self.files.clone();
        own.extend(self.agents.values().map(|agent| agent.plugin.clone()));
        own.extend(self.policy_files());
        let secrets = self.secrets().into_iter().filter_map(|(_, place)| match place {
            SecretRef::File(file) => Some(file.clone()),
            SecretRef::Env(_) => None,
        });
        own.extend(secrets);
        own.extend(
            self.upstreams
                .values()
                .filter_map(|upstream| upstream.rules.ca_file.clone()),
        );
        own
    }

    /// The policies that are components.
    pub fn policy_files(&self) -> Vec<PathBuf> {
        let of_agents = self.agents.values().flat_map(|agent| {
            let instances = agent.instances.iter().map(|instance| &instance.policy);
            instances.chain([&agent.policy])
        });
        let of_upstreams = self.upstreams.values().map(|upstream| &upstream.policy);
        let mut paths: Vec<_> = of_agents
            .chain(of_upstreams)
            .flat_map(PolicyRules::components)
            .collect();
        paths.sort();
        paths.dedup();
        paths
    }
}
