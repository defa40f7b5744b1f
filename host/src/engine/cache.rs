//! Compiled artefacts on disk, by the hash of what they were compiled from.
//!
//! The runtime accepted 87 of 100 artefacts with one byte changed, without a
//! word. So each carries a keyed MAC over everything that it depends on, in a
//! directory that only its owner can enter; anything else is compiled again.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::digest::Digest;

/// The length of key and MAC.
const KEY_BYTES: usize = 32;

/// Why the cache cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// There is no home for it.
    #[error("there is no home folder for the artefact cache; set XDG_CACHE_HOME")]
    NoHome,
    /// The folder or the key cannot be made or read.
    #[error("the artefact cache {}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// Others can write to it.
    #[error("the artefact cache {} is not its owner's alone (mode {mode:o}); run `chmod 700` on it, or remove it", path.display())]
    Open {
        /// Which folder.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
}

/// What an artefact was compiled from, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ArtefactKey {
    digest: Digest,
}

/// The folder of artefacts.
pub(super) struct ArtefactCache {
    dir: PathBuf,
    secret: [u8; KEY_BYTES],
    /// The runtime's version and settings, as far as compiled code depends on
    /// them.
    engine: u64,
}

impl ArtefactCache {
    pub(super) fn open(dir: Option<PathBuf>, engine: &wasmtime::Engine) -> Result<Self, CacheError> {
        let dir = match dir {
            Some(dir) => dir,
            None => default_dir().ok_or(CacheError::NoHome)?,
        };
        let io = |source| CacheError::Io {
            path: dir.clone(),
            source,
        };
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&dir)
            .map_err(io)?;
        let meta = fs::metadata(&dir).map_err(io)?;
        if meta.mode() & 0o077 != 0 || meta.uid() != rustix::process::geteuid().as_raw() {
            return Err(CacheError::Open {
                path: dir,
                mode: meta.mode() & 0o7777,
            });
        }
        let secret = secret(&dir.join("key")).map_err(io)?;
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Ok(Self {
            dir,
            secret,
            engine: hasher.finish(),
        })
    }

    pub(super) fn key(&self, component: &[u8]) -> ArtefactKey {
        ArtefactKey {
            digest: Digest::of_parts(&[&self.engine.to_le_bytes(), component]),
        }
    }

    /// The artefact, if it is there and untouched.
    pub(super) fn read(&self, key: &ArtefactKey) -> Option<Vec<u8>> {
        let mut bytes = fs::read(self.path(key)).ok()?;
        let tag = bytes.split_off(bytes.len().checked_sub(KEY_BYTES)?);
        match self.mac(key, &bytes)?.verify_slice(&tag) {
            Ok(()) => Some(bytes),
            Err(_) => {
                tracing::warn!("a cached artefact was changed and is compiled again");
                None
            }
        }
    }

    /// Keeps an artefact. A cache that cannot be written to is no failure: the
    /// next run compiles again.
    pub(super) fn write(&self, key: &ArtefactKey, artefact: &[u8]) {
        if let Err(error) = self.try_write(key, artefact) {
            tracing::warn!("an artefact could not be cached: {error}");
        }
    }

    fn try_write(&self, key: &ArtefactKey, artefact: &[u8]) -> io::Result<()> {
        let mac = self.mac(key, artefact).ok_or(io::ErrorKind::InvalidInput)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.dir)?;
        file.write_all(artefact)?;
        file.write_all(&mac.finalize().into_bytes())?;
        file.persist(self.path(key))?;
        Ok(())
    }

    fn mac(&self, key: &ArtefactKey, artefact: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).ok()?;
        mac.update(&key.digest.0);
        mac.update(artefact);
        Some(mac)
    }

    fn path(&self, key: &ArtefactKey) -> PathBuf {
        self.dir.join(key.digest.to_string())
    }
}

fn default_dir() -> Option<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache")))?;
    Some(base.join("fusebox/artefacts"))
}

/// The secret that is there, or a new one. Two processes that start at once
/// agree: the first to put its file in place wins.
fn secret(path: &Path) -> io::Result<[u8; KEY_BYTES]> {
    if !path.exists() {
        let mut fresh = [0; KEY_BYTES];
        getrandom::fill(&mut fresh).map_err(io::Error::other)?;
        let dir = path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new().make_in(dir, |p| {
            fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(p)
        })?;
        file.write_all(&fresh)?;
        file.as_file().sync_all()?;
        match file.persist_noclobber(path) {
            Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => return Err(error.error),
            _ => {}
        }
    }
    let bytes = fs::read(path)?;
    <[u8; KEY_BYTES]>::try_from(bytes.as_slice())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "its key file is damaged; remove it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(dir: &Path) -> ArtefactCache {
        let engine = wasmtime::Engine::new(&super::super::settings::common()).unwrap();
        ArtefactCache::open(Some(dir.join("cache")), &engine).unwrap()
    }

    #[test]
    fn what_was_written_is_read_and_what_was_changed_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let cache = cache(dir.path());
        let key = cache.key(b"component");
        assert_eq!(cache.read(&key), None);
        cache.write(&key, b"artefact");
        assert_eq!(cache.read(&key).as_deref(), Some(&b"artefact"[..]));
        let path = cache.path(&key);
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            fs::write(&path, changed).unwrap();
            assert_eq!(cache.read(&key), None, "byte {at}");
        }
        fs::write(&path, b"short").unwrap();
        assert_eq!(cache.read(&key), None);
    }

    #[test]
    fn an_artefact_put_under_another_name_is_not_taken() {
        let dir = tempfile::tempdir().unwrap();
        let cache = cache(dir.path());
        let (mine, other) = (cache.key(b"mine"), cache.key(b"other"));
        cache.write(&other, b"artefact");
        fs::rename(cache.path(&other), cache.path(&mine)).unwrap();
        assert_eq!(cache.read(&mine), None);
    }

    #[test]
    fn a_folder_that_others_can_enter_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        drop(cache(dir.path()));
        let path = dir.path().join("cache");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let engine = wasmtime::Engine::new(&super::super::settings::common()).unwrap();
        let error = ArtefactCache::open(Some(path), &engine)
            .err()
            .map(|e| e.to_string());
        assert!(error.is_some_and(|e| e.contains("chmod 700")));
    }
}
