//! Every secret that a configuration names.

use std::collections::BTreeMap;

use super::Config;
use fusebox_secrets::{SecretRef, Unhidden, Vault};
use fusebox_upstream::rules::{HeaderRule, header_secret};

impl Config {
    /// Has the vault learn every secret that is named, whoever needs it: what
    /// nobody here is handed may be said all the same. One that cannot be had is
    /// said where it is needed.
    ///
    /// # Errors
    /// If they could not be hidden.
    pub(crate) fn teach(&self, vault: &Vault) -> Result<(), Unhidden> {
        for (name, place) in self.secrets() {
            let _ = vault.fetch(place, &name);
        }
        // What looks for them is made here, and not while guests wait for it.
        vault.prepare()
    }

    /// What each is called where its place is shown, and where it is.
    pub fn secrets(&self) -> Vec<(String, &SecretRef)> {
        let mut all = Vec::new();
        for instance in self.agents.values().flat_map(|agent| &agent.instances) {
            all.extend(instance.secrets.iter().map(|(name, place)| (name.clone(), place)));
        }
        for (name, upstream) in &self.upstreams {
            all.extend(of_headers(&format!("upstreams.{name}"), &upstream.rules.headers));
        }
        for (name, webhook) in &self.notify.webhooks {
            let key = format!("notify.webhooks.{name}");
            let path = webhook.secret_path.iter();
            all.extend(path.map(|place| (format!("{key}.secret_path"), place)));
            all.extend(of_headers(&key, &webhook.headers));
        }
        for (name, command) in &self.notify.commands {
            let key = |secret| format!("notify.commands.{name}.secrets.{secret}");
            all.extend(command.secrets.iter().map(|(secret, place)| (key(secret), place)));
        }
        all
    }
}

fn of_headers<'a>(
    key: &str,
    headers: &'a BTreeMap<String, HeaderRule>,
) -> impl Iterator<Item = (String, &'a SecretRef)> {
    let secret = move |(name, rule): (&String, &'a HeaderRule)| {
        Some((header_secret(key, name), rule.secret.as_ref()?))
    };
    headers.iter().filter_map(secret)
}
