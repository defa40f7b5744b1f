//! Results that are on the disk before anybody is told of them.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{OutputDir, OutputError, file_name};
use fusebox_system::durable;
use fusebox_types::Output;
use fusebox_types::digest::Digest;

/// What a file is called until it is whole and on the disk.
const DRAFT: &str = "results/new";

/// The results that are files already, by name: the report does not write them
/// again, so that a host that is killed meanwhile leaves no part of one.
#[derive(Debug, Default)]
pub(super) struct Files(Mutex<HashMap<String, Digest>>);

impl Files {
    /// The digest of a file, if it is there; it is asked for once.
    pub(super) fn take(&self, name: &str) -> Option<Digest> {
        self.lock().remove(name)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Digest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OutputDir {
    /// What writes results that have to be durable. One at a time.
    pub fn durable(self: Arc<Self>) -> Durable {
        Durable {
            out: self,
            any: false,
        }
    }

    /// Says that a result's file is there and durable.
    pub fn is_durable(&self, name: &str, digest: Digest) {
        self.files.lock().insert(name.to_owned(), digest);
    }

    /// Puts a whole file in place; readers see the old or the new. It is on the
    /// disk when this returns.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), OutputError> {
        durable::replace(&self.path, &format!("{name}.new"), name, &[bytes])
            .map_err(|source| self.error(name, source))
    }
}

/// Results on their way to the disk.
#[derive(Debug)]
pub struct Durable {
    out: Arc<OutputDir>,
    any: bool,
}

impl Durable {
    /// Writes a result and gives its file's name. It is on the disk once
    /// [`sync`](Self::sync) has returned.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn keep(
        &mut self,
        task: &str,
        kind: &str,
        output: &Output,
        digest: Digest,
    ) -> Result<String, OutputError> {
        let name = file_name(task, kind, output);
        let mut file = self.out.file(DRAFT)?;
        let written = file.write_all(&output.bytes).and_then(|()| file.sync_all());
        written.map_err(|source| self.out.error(&name, source))?;
        self.out.rename(DRAFT, &name)?;
        self.out.is_durable(&name, digest);
        self.any = true;
        Ok(name)
    }

    /// Returns once the names of all files are on the disk too.
    ///
    /// # Errors
    /// If that does not work.
    pub fn sync(self) -> Result<(), OutputError> {
        if !self.any {
            return Ok(());
        }
        let folder = self.out.path.join("results");
        durable::sync_folder(&folder).map_err(|source| self.out.error("results", source))
    }
}
