//! Compiled artefacts on disk, by the hash of what they were compiled from.
//!
//! The runtime accepted 87 of 100 artefacts with one byte changed, without a
//! word. So each carries a keyed MAC over everything that it depends on, in a
//! directory that only its owner can enter; anything else is compiled again.
//!
//! An artefact is opened once: what is checked is what is mapped. Nothing is
//! written to a file that has its name, and one that is removed stays there for
//! whoever has it open.

mod evict;

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use rustix::fs::{Timespec, Timestamps, UTIME_NOW};
use sha2::Sha256;
use tempfile::NamedTempFile;

use super::child::TRAILER;
use crate::engine::LoadingRules;
use fusebox_system::regular_file;
use fusebox_types::digest::Digest;

/// Changes when what is in the files does.
const FORMAT: u8 = 2;
/// Now, by the system's clock, as the times of files are.
const NOW: Timestamps = Timestamps {
    last_access: Timespec {
        tv_sec: 0,
        tv_nsec: UTIME_NOW,
    },
    last_modification: Timespec {
        tv_sec: 0,
        tv_nsec: UTIME_NOW,
    },
};
/// How much of a file is read at once.
const PIECE: usize = 64 << 10;
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
    rules: LoadingRules,
}

impl ArtefactCache {
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn open(
        dir: Option<PathBuf>,
        engine: &wasmtime::Engine,
        rules: LoadingRules,
    ) -> Result<Self, CacheError> {
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
        // What was compiled under other bounds may be over these.
        LoadingRules { cache: 0, ..rules }.hash(&mut hasher);
        Ok(Self {
            dir,
            secret,
            engine: hasher.finish(),
            rules,
        })
    }

    pub(super) fn key(&self, component: &[u8]) -> ArtefactKey {
        ArtefactKey {
            digest: Digest::of_parts(&[&[FORMAT], &self.engine.to_le_bytes(), component]),
        }
    }

    /// The artefact, if it is there and untouched.
    pub(super) fn read(&self, key: &ArtefactKey) -> Option<File> {
        let file = regular_file::open_own(&self.path(key)).ok()?;
        let whole = file.metadata().ok()?.len();
        let bytes = whole.checked_sub(KEY_BYTES as u64)?;
        if bytes > self.rules.artefact + TRAILER.len() as u64 {
            return None;
        }
        let mut tag = [0; KEY_BYTES];
        file.read_exact_at(&mut tag, bytes).ok()?;
        if self.mac(key, &file, bytes).ok()?.verify_slice(&tag).is_err() {
            tracing::warn!("a cached artefact was changed and is compiled again");
            return None;
        }
        // What was used last goes last.
        let _ = rustix::fs::futimens(&file, &NOW);
        Some(file)
    }

    /// A file for an artefact that has no name in the cache yet. Where the folder
    /// has no room for one it is only in memory.
    pub(super) fn draft(&self) -> io::Result<Draft> {
        match NamedTempFile::new_in(&self.dir) {
            Ok(file) => Ok(Draft::Named(file)),
            Err(error) => {
                tracing::warn!("an artefact is not cached: {error}");
                let memory = rustix::fs::memfd_create("artefact", rustix::fs::MemfdFlags::CLOEXEC)?;
                Ok(Draft::InMemory(File::from(memory)))
            }
        }
    }

    /// Takes what a child has written, and keeps it. A cache that it cannot be
    /// kept in is no failure: the next run compiles again.
    pub(super) fn keep(&self, key: &ArtefactKey, draft: Draft) -> io::Result<File> {
        let file = draft.file().try_clone()?;
        let whole = file.metadata()?.len();
        let mut end = [0; TRAILER.len()];
        let at = whole.checked_sub(TRAILER.len() as u64);
        file.read_exact_at(&mut end, at.ok_or(io::ErrorKind::UnexpectedEof)?)?;
        if end != TRAILER {
            return Err(io::Error::other("the program that was to compile is another one"));
        }
        if let Draft::Named(named) = draft
            && let Err(error) = self.persist(key, named, whole)
        {
            tracing::warn!("an artefact could not be cached: {error}");
        }
        Ok(file)
    }

    fn persist(&self, key: &ArtefactKey, draft: NamedTempFile, bytes: u64) -> io::Result<()> {
        let tag = self.mac(key, draft.as_file(), bytes)?.finalize().into_bytes();
        draft.as_file().write_all_at(&tag, bytes)?;
        let path = self.path(key);
        draft.persist(&path)?;
        evict::evict(&self.dir, self.rules.cache, &path);
        Ok(())
    }

    /// The MAC over so many bytes of a file, of which a piece at a time is in
    /// memory.
    fn mac(&self, key: &ArtefactKey, file: &File, bytes: u64) -> io::Result<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).map_err(io::Error::other)?;
        mac.update(&key.digest.0);
        let mut piece = vec![0; PIECE];
        let mut at = 0;
        while at < bytes {
            let most = usize::try_from(bytes - at).map_or(PIECE, |left| left.min(PIECE));
            let piece = piece.get_mut(..most).unwrap_or_default();
            file.read_exact_at(piece, at)?;
            mac.update(piece);
            at += most as u64;
        }
        Ok(mac)
    }

    fn path(&self, key: &ArtefactKey) -> PathBuf {
        self.dir.join(key.digest.to_string())
    }
}

/// A file that an artefact is written to.
pub(super) enum Draft {
    Named(NamedTempFile),
    InMemory(File),
}

impl Draft {
    pub(super) fn file(&self) -> &File {
        match self {
            Self::Named(file) => file.as_file(),
            Self::InMemory(file) => file,
        }
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
    if fs::symlink_metadata(path).is_err() {
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
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "its file `key` is damaged; remove it");
    let file = regular_file::open_own(path).map_err(|_| damaged())?;
    let mut secret = [0; KEY_BYTES];
    if file.metadata()?.len() != KEY_BYTES as u64 {
        return Err(damaged());
    }
    file.read_exact_at(&mut secret, 0)?;
    Ok(secret)
}

#[cfg(test)]
mod tests;
