//! Every secret that was fetched, whoever it is for.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;

use super::{Hide, Redactor, Unhidden};
use crate::{Secret, SecretError, SecretRef};

/// Most bytes of all secrets together. What they are looked for by takes some
/// four hundred times as much memory.
const MOST: usize = 128 << 10;

/// No secret is known.
const EMPTY: u8 = 0;
/// More are known than the redactor knows.
const STALE: u8 = 1;
/// The redactor knows all.
const READY: u8 = 2;

/// Makes what secrets are looked for by.
type Make = fn(&[(String, Secret)]) -> Result<Option<Redactor>, Unhidden>;

/// Every secret that was fetched, whoever it is for. None is ever forgotten: what
/// a reload replaced may still be said.
pub struct Vault {
    secrets: Mutex<Vec<(String, Secret)>>,
    state: AtomicU8,
    redactor: ArcSwapOption<Redactor>,
    make: Make,
}

impl Default for Vault {
    fn default() -> Self {
        Self::making(Redactor::new)
    }
}

impl Vault {
    fn making(make: Make) -> Self {
        Self {
            secrets: Mutex::default(),
            state: AtomicU8::new(EMPTY),
            redactor: ArcSwapOption::empty(),
            make,
        }
    }

    /// Fetches a secret, and learns it under this name: nobody has one that is not
    /// hidden.
    ///
    /// # Errors
    /// If it is not there. The error names the place and never the content.
    pub fn fetch(&self, place: &SecretRef, name: &str) -> Result<Secret, SecretError> {
        let secret = place.read()?;
        match self.learn(name, &secret) {
            true => Ok(secret),
            false => Err(SecretError::TooMuch),
        }
    }

    /// Learns a secret before anybody is handed it. False if that would be too
    /// much to know.
    pub fn learn(&self, name: &str, secret: &Secret) -> bool {
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        if secrets.iter().any(|(_, known)| known == secret) {
            return true;
        }
        let known: usize = secrets.iter().map(|(_, known)| known.reveal().len()).sum();
        if known + secret.reveal().len() > MOST {
            return false;
        }
        secrets.push((name.to_owned(), secret.clone()));
        self.state.store(STALE, Ordering::Release);
        true
    }

    /// Makes what hides all that are known, so that nobody waits for it later.
    ///
    /// # Errors
    /// If it cannot be made. Nothing of any text is left then, and whoever is about
    /// to start should not.
    pub fn prepare(&self) -> Result<(), Unhidden> {
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        self.make_ready(&secrets)
    }

    /// What hides all that are known; none if none are.
    pub fn redactor(&self) -> Option<Arc<Redactor>> {
        self.is_ready().then(|| self.redactor.load_full()).flatten()
    }

    /// Takes secrets out of what is said.
    pub fn hide(&self, said: &mut impl Hide) {
        if self.is_ready()
            && let Some(redactor) = &*self.redactor.load()
        {
            said.hide(redactor);
        }
    }

    /// Whether there is anything to hide. Sees to it that the redactor knows all.
    fn is_ready(&self) -> bool {
        match self.state.load(Ordering::Acquire) {
            EMPTY => false,
            READY => true,
            _ => {
                // Where it cannot be made, everything is hidden.
                let _ = self.prepare();
                true
            }
        }
    }

    fn make_ready(&self, secrets: &[(String, Secret)]) -> Result<(), Unhidden> {
        if self.state.load(Ordering::Acquire) != STALE {
            return Ok(());
        }
        let (made, failed) = match (self.make)(secrets) {
            Ok(made) => (made, None),
            Err(error) => (Some(Redactor::of_everything()?), Some(error)),
        };
        self.redactor.store(made.map(Arc::new));
        self.state.store(READY, Ordering::Release);
        failed.map_or(Ok(()), Err)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(vault: &Vault, text: &str) -> String {
        let mut text = text.to_owned();
        vault.hide(&mut text);
        text
    }

    #[test]
    fn what_was_learned_once_stays_hidden() {
        let vault = Vault::default();
        assert!(vault.redactor().is_none());
        assert!(vault.learn("old", &Secret::of("hunter22")));
        assert_eq!(hidden(&vault, "hunter22 hunter33"), "[secret old] hunter33");
        assert!(vault.learn("new", &Secret::of("hunter33")));
        assert!(vault.learn("again", &Secret::of("hunter22")));
        assert_eq!(hidden(&vault, "hunter22 hunter33"), "[secret old] [secret new]");
        assert!(!vault.learn("long", &Secret::of(&"x".repeat(MOST))));
    }

    /// It is never said that there is nothing to hide.
    #[test]
    fn where_secrets_cannot_be_looked_for_nothing_is_said() {
        let vault = Vault::making(|_| Err(Unhidden("too large".into())));
        assert!(vault.prepare().is_ok(), "there is nothing to look for");
        assert!(vault.learn("key", &Secret::of("hunter22")));
        assert!(vault.prepare().is_err());
        assert_eq!(hidden(&vault, "anything"), "");
        assert!(vault.redactor().is_some());
    }

    #[test]
    fn a_secret_is_fetched_and_never_shown() {
        let dir = tempfile::tempdir().unwrap();
        let (path, vault) = (dir.path().join("key"), Vault::default());
        std::fs::write(&path, "hunter22\n").unwrap();
        let secret = vault.fetch(&SecretRef::File(path.clone()), "key").unwrap();
        assert_eq!(secret.reveal(), "hunter22");
        let mut said = "it is hunter22".to_owned();
        vault.hide(&mut said);
        assert_eq!(said, "it is [secret key]");
        assert!(!format!("{secret:?}").contains("hunter22"));
        for text in ["\u{feff}hunter22", "\u{feff}hunter22\r\n", "hunter22 \t\r\n\n"] {
            std::fs::write(&path, text).unwrap();
            let secret = vault.fetch(&SecretRef::File(path.clone()), "key").unwrap();
            assert_eq!(secret.reveal(), "hunter22");
        }
        std::fs::write(&path, b"\xff\xfeh\x00u\x00").unwrap();
        let error = vault.fetch(&SecretRef::File(path.clone()), "key").unwrap_err();
        assert!(error.to_string().ends_with("save it as UTF-8"), "{error}");
        std::fs::write(&path, "\n").unwrap();
        let error = vault
            .fetch(&SecretRef::File(path), "key")
            .unwrap_err()
            .to_string();
        assert!(error.ends_with("holds nothing"), "{error}");
        let error = vault
            .fetch(&SecretRef::Env("FUSEBOX_TEST_NO_SUCH_SECRET".into()), "key")
            .unwrap_err();
        assert!(error.to_string().contains("FUSEBOX_TEST_NO_SUCH_SECRET"));
    }
}
