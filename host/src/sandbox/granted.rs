//! What an instance can reach, and what it is trusted with.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::{Grants, Secret};
use crate::digest::Digest;

/// What one instance was granted beyond the closed world.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(super) environment: Vec<(String, String)>,
    secrets: BTreeMap<String, Secret>,
}

impl Granted {
    /// What there is, if there is anything.
    pub(crate) fn new(grants: &Grants, secrets: BTreeMap<String, Secret>) -> Option<Arc<Self>> {
        if grants.environment.is_empty() && secrets.is_empty() {
            return None;
        }
        Some(Arc::new(Self {
            environment: grants.environment.clone().into_iter().collect(),
            secrets,
        }))
    }

    /// Tells these secrets from others without showing them; none if there are
    /// none.
    pub(crate) fn fingerprint(&self) -> Option<Digest> {
        let texts = self.secrets.values().map(|secret| secret.reveal().as_bytes());
        let texts: Vec<_> = texts.collect();
        (!texts.is_empty()).then(|| Digest::of_parts(&texts))
    }

    /// What is told as environment variables.
    pub(crate) fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    /// Whether there is a secret of a name.
    pub(crate) fn is_secret(&self, name: &str) -> bool {
        self.secrets.contains_key(name)
    }

    /// What the instance knows a secret as, if it was handed it.
    pub(super) fn name_of(&self, secret: &Secret) -> Option<&str> {
        let mut own = self.secrets.iter();
        own.find(|(_, own)| *own == secret).map(|(name, _)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_granted_is_nothing() {
        assert!(Granted::new(&Grants::default(), BTreeMap::new()).is_none());
    }

    #[test]
    fn secrets_are_told_apart_and_not_shown() {
        let granted = |text: &str| {
            let secrets = [("key".to_owned(), Secret::of(text))].into_iter().collect();
            Granted::new(&Grants::default(), secrets).unwrap()
        };
        let (one, other) = (granted("hunter22"), granted("hunter33"));
        assert_ne!(one.fingerprint(), other.fingerprint());
        assert_eq!(one.name_of(&Secret::of("hunter22")), Some("key"));
        assert_eq!(one.name_of(&Secret::of("hunter33")), None);
        assert!(!format!("{one:?}").contains("hunter22"));
    }
}
