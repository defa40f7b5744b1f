//! Circuits, quarantines and last good outputs that outlive their session.

use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::StateError;
use super::identity::Identity;
use super::last_good::LastGood;
use super::location::default_dir;
use super::table::{CIRCUITS, QUARANTINES, Table};
use super::{State, StateRules};
use crate::config::CachedRules;
use crate::resilience::breaker::KeptBreaker;
use crate::resilience::isolation::KeptInstance;

/// A circuit as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptCircuit {
    /// The digest of the agent's plugin; none for an upstream.
    plugin: Option<String>,
    breaker: KeptBreaker,
}

/// Where circuits, quarantines and last good outputs are kept. Nothing is made on the disk before
/// there is something to keep.
#[derive(Debug, Clone)]
pub struct Shelf {
    folder: PathBuf,
    cached: CachedRules,
}

impl Shelf {
    /// In the folder of the rules, or the user's.
    ///
    /// # Errors
    /// If the rules name none and the user has no home.
    pub fn of(rules: &StateRules) -> Result<Self, StateError> {
        let folder = match &rules.folder {
            Some(folder) => folder.clone(),
            None => default_dir()?,
        };
        let cached = rules.cached;
        Ok(Self { folder, cached })
    }

    /// The state, made if it is not there.
    ///
    /// # Errors
    /// As [`State::open`].
    pub fn open(&self) -> Result<State, StateError> {
        State::open(&self.folder)
    }

    pub(crate) fn circuit(&self, of: &Identity) -> Result<Option<KeptBreaker>, StateError> {
        let kept = self.get(&CIRCUITS, of)?.filter(|kept| kept.plugin == of.plugin);
        Ok(kept.map(|kept| kept.breaker))
    }

    /// Keeps a circuit; none forgets it.
    pub(crate) fn set_circuit(&self, of: &Identity, breaker: Option<KeptBreaker>) -> Result<(), StateError> {
        let plugin = of.plugin.clone();
        self.set(
            &CIRCUITS,
            of,
            breaker.map(|breaker| KeptCircuit { plugin, breaker }),
        )
    }

    /// The instances of an agent that are out, or have been lately. Those of
    /// another plugin are among them, and say so.
    pub(crate) fn instances(&self, of: &Identity) -> Result<Vec<KeptInstance>, StateError> {
        Ok(self.get(&QUARANTINES, of)?.unwrap_or_default())
    }

    pub(crate) fn set_instances(&self, of: &Identity, kept: Vec<KeptInstance>) -> Result<(), StateError> {
        self.set(&QUARANTINES, of, Some(kept).filter(|kept| !kept.is_empty()))
    }

    /// How much is kept of last good outputs.
    pub(crate) fn limits(&self) -> &CachedRules {
        &self.cached
    }

    /// Keeps last good outputs, by their questions.
    pub(crate) fn keep_last_good<'o>(
        &self,
        outputs: impl IntoIterator<Item = (&'o str, &'o LastGood)>,
    ) -> Result<(), StateError> {
        self.open()?.keep_last_good(outputs, &self.cached)
    }

    /// The last good outputs for some questions, as far as there are any.
    pub(crate) fn last_good<'q>(
        &self,
        questions: impl IntoIterator<Item = &'q str>,
    ) -> Vec<Result<LastGood, StateError>> {
        if !self.folder.is_dir() {
            return Vec::new();
        }
        match self.open() {
            Ok(state) => {
                let found = questions.into_iter().map(|question| state.last_good(question));
                found.filter_map(Result::transpose).collect()
            }
            Err(error) => vec![Err(error)],
        }
    }

    fn get<T: DeserializeOwned>(&self, table: &Table<T>, of: &Identity) -> Result<Option<T>, StateError> {
        if !self.folder.is_dir() {
            return Ok(None);
        }
        self.open()?.get(table, &of.key)
    }

    fn set<T>(&self, table: &Table<T>, of: &Identity, value: Option<T>) -> Result<(), StateError>
    where
        T: Serialize + DeserializeOwned + PartialEq + Clone,
    {
        if value.is_none() && !self.folder.is_dir() {
            return Ok(());
        }
        self.open()?.update(table, &of.key, |_| (value, ()))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::config::BreakerRules;
    use crate::digest::Digest;
    use crate::resilience::breaker::Breaker;

    fn shelf() -> (tempfile::TempDir, Shelf) {
        let base = tempfile::tempdir().unwrap();
        let folder = Some(base.path().join("state"));
        let shelf = Shelf::of(&StateRules {
            folder,
            ..StateRules::default()
        })
        .unwrap();
        (base, shelf)
    }

    fn open() -> KeptBreaker {
        let (rules, mut breaker) = (BreakerRules::default(), Breaker::new(Duration::ZERO));
        breaker.force_open(&rules, Duration::ZERO);
        breaker.keep(&rules, Duration::ZERO, 1_800_000_000_000).unwrap()
    }

    #[test]
    fn a_circuit_is_that_of_its_name_its_place_and_its_plugin_alone() {
        let (_base, shelf) = shelf();
        let agent =
            |name, path, plugin: &str| Identity::agent(name, Path::new(path), Digest::of(plugin.as_bytes()));
        let own = agent("score", "/a/score.wasm", "1");
        shelf.set_circuit(&own, Some(open())).unwrap();
        assert_eq!(shelf.circuit(&own).unwrap(), Some(open()));
        let others = [
            agent("score", "/a/score.wasm", "2"),
            agent("score", "/b/score.wasm", "1"),
            agent("other", "/a/score.wasm", "1"),
            Identity::upstream("score", "https://score.example"),
        ];
        for other in others {
            assert_eq!(shelf.circuit(&other).unwrap(), None, "{other:?}");
        }
        shelf.set_circuit(&own, None).unwrap();
        assert_eq!(shelf.circuit(&own).unwrap(), None);
    }

    #[test]
    fn to_look_and_to_forget_make_nothing_on_the_disk() {
        let (base, shelf) = shelf();
        let upstream = Identity::upstream("llm", "https://llm.example");
        assert_eq!(shelf.circuit(&upstream).unwrap(), None);
        assert_eq!(shelf.instances(&upstream).unwrap(), Vec::new());
        shelf.set_circuit(&upstream, None).unwrap();
        shelf.set_instances(&upstream, Vec::new()).unwrap();
        assert!(!base.path().join("state").exists());
    }
}
