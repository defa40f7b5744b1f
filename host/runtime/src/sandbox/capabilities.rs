//! What an instance can reach, and what it is trusted with.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files::{Mount, ScratchFolders};
use crate::sandbox::Grants;
use fusebox_secrets::Secret;
use fusebox_types::digest::Digest;

/// What one instance was granted beyond the closed world.
#[derive(Debug)]
pub struct Capabilities {
    pub(super) environment: Vec<(String, String)>,
    secrets: BTreeMap<String, Secret>,
    mounts: Vec<Arc<Mount>>,
    scratch: Option<ScratchFolders>,
}

/// A folder that was granted and cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be granted", folder.display())]
pub struct GrantError {
    /// The folder.
    pub folder: PathBuf,
    /// Why not.
    pub source: io::Error,
}

impl Capabilities {
    /// What there is, if there is anything.
    ///
    /// # Errors
    /// If a folder cannot be opened.
    pub fn new(grants: &Grants, secrets: BTreeMap<String, Secret>) -> Result<Option<Arc<Self>>, GrantError> {
        if grants.environment.is_empty()
            && grants.files.is_empty()
            && !grants.scratch.is_granted()
            && secrets.is_empty()
        {
            return Ok(None);
        }
        let error = |folder: &Path, source| GrantError {
            folder: folder.to_owned(),
            source,
        };
        let mounts = grants.files.iter().map(|grant| {
            let opened = Mount::open(grant).map_err(|source| error(&grant.path, source))?;
            Ok(Arc::new(opened))
        });
        let scratch = grants.scratch.is_granted().then(|| {
            let made = ScratchFolders::new(&grants.scratch);
            made.map_err(|source| {
                let said = format!(
                    "no scratch folders can be made there ({source}); make the folder, or set TMPDIR"
                );
                error(&std::env::temp_dir(), io::Error::other(said))
            })
        });
        Ok(Some(Arc::new(Self {
            environment: grants.environment.clone().into_iter().collect(),
            secrets,
            mounts: mounts.collect::<Result<_, _>>()?,
            scratch: scratch.transpose()?,
        })))
    }

    /// The folders that it can reach.
    pub(super) fn mounts(&self) -> &[Arc<Mount>] {
        &self.mounts
    }

    /// Those that it can write to.
    pub fn writable(&self) -> impl Iterator<Item = &Path> {
        self.mounts.iter().filter_map(|mount| mount.writable())
    }

    /// Where its attempts have folders of their own, if they do.
    pub(super) fn scratch(&self) -> Option<&ScratchFolders> {
        self.scratch.as_ref()
    }

    /// Tells these secrets from others without showing them; none if there are
    /// none.
    pub fn fingerprint(&self) -> Option<Digest> {
        let texts = self.secrets.values().map(|secret| secret.reveal().as_bytes());
        let texts: Vec<_> = texts.collect();
        (!texts.is_empty()).then(|| Digest::of_parts(&texts))
    }

    /// What is told as environment variables.
    pub fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    /// Whether there are secrets.
    pub(super) fn has_secrets(&self) -> bool {
        !self.secrets.is_empty()
    }

    /// Whether there is a secret of a name.
    pub fn is_secret(&self, name: &str) -> bool {
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
        assert!(
            Capabilities::new(&Grants::default(), BTreeMap::new())
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn secrets_are_told_apart_and_not_shown() {
        let granted = |text: &str| {
            let secrets = [("key".to_owned(), Secret::of(text))].into_iter().collect();
            Capabilities::new(&Grants::default(), secrets).unwrap().unwrap()
        };
        let (one, other) = (granted("hunter22"), granted("hunter33"));
        assert_ne!(one.fingerprint(), other.fingerprint());
        assert_eq!(one.name_of(&Secret::of("hunter22")), Some("key"));
        assert_eq!(one.name_of(&Secret::of("hunter33")), None);
        assert!(!format!("{one:?}").contains("hunter22"));
    }
}
