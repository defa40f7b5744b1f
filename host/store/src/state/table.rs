//! Tables: keys to values of one type.

use std::fs;
use std::marker::PhantomData;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::State;
use super::entry::Entry;
use super::error::StateError;
use super::lock::TableLock;
use super::name::file_name;
use super::state_store::SavedBreaker;
use fusebox_resilience::isolation::KeptInstance;
use fusebox_system::durable;
use fusebox_upstream::limits::Ledger;

/// A table: its name, and the type of its values.
#[derive(Debug)]
pub struct Table<T> {
    name: &'static str,
    values: PhantomData<fn() -> T>,
}

/// What was asked of upstreams, by their names.
pub const QUOTAS: Table<Ledger> = Table::new("quotas");
/// Breakers of agents and upstreams, by who they are.
pub const CIRCUITS: Table<SavedBreaker> = Table::new("circuits");
/// The instances that are out or have been lately, by their agents.
pub const QUARANTINES: Table<Vec<KeptInstance>> = Table::new("quarantines");

/// A change in the making, under this name and the table's lock.
pub(super) const DRAFT: &str = "draft";
/// The most bytes of one value. A ledger is far smaller.
pub(super) const MAX_VALUE: usize = 1 << 20;

impl<T> Table<T> {
    pub(super) const fn new(name: &'static str) -> Self {
        Self {
            name,
            values: PhantomData,
        }
    }
}

impl State {
    /// The value of a key. Waits for nobody: changes put whole files in place.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn get<T: DeserializeOwned>(&self, table: &Table<T>, key: &str) -> Result<Option<T>, StateError> {
        let path = self.dir.join(table.name).join(file_name(key));
        Ok(Entry::read_of(&path, key)?.map(|entry| entry.value))
    }

    /// Changes the value of a key. The table is locked while `change` looks at
    /// the value and says what it is to be, none to remove it, and what to give
    /// back. When this returns the new value is on the disk.
    ///
    /// # Errors
    /// If it cannot be read or written, or the lock is not to be had. The old
    /// value is as it was then.
    pub fn update<T, R>(
        &self,
        table: &Table<T>,
        key: &str,
        change: impl FnOnce(Option<T>) -> (Option<T>, R),
    ) -> Result<R, StateError>
    where
        T: Serialize + DeserializeOwned + PartialEq + Clone,
    {
        let folder = self.folder(table.name)?;
        let name = file_name(key);
        let path = folder.join(&name);
        let _lock = TableLock::take(&folder)?;
        let old = Entry::<T>::read_of(&path, key)?.map(|entry| entry.value);
        let (new, given) = change(old.clone());
        match new {
            None => remove(&folder, &path)?,
            // What does not change costs no sync.
            Some(_) if new == old => {}
            Some(value) => put(&folder, &name, key, value)?,
        }
        Ok(given)
    }
}

fn put<T: Serialize>(folder: &Path, name: &str, key: &str, value: T) -> Result<(), StateError> {
    let path = folder.join(name);
    let entry = Entry {
        key: key.to_owned(),
        value,
    };
    let (line, body) = entry.encode(&path)?;
    if body.len() > MAX_VALUE {
        let (key, bytes, limit) = (entry.key, body.len(), MAX_VALUE);
        return Err(StateError::TooLarge { key, bytes, limit });
    }
    durable::replace(folder, DRAFT, name, &[line.as_bytes(), &body])
        .map_err(|source| StateError::io(&path, source))
}

fn remove(folder: &Path, path: &Path) -> Result<(), StateError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        removed => removed
            .and_then(|()| durable::sync_folder(folder))
            .map_err(|source| StateError::io(path, source)),
    }
}
