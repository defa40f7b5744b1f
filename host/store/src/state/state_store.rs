//! Breakers, quarantines and last good outputs that outlive their session.

use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::StateError;
use super::identity::Identity;
use super::last_good::{LastGood, Recalled};
use super::location::default_dir;
use super::table::{CIRCUITS, QUARANTINES, Table};
use super::timeline::Timeline;
use super::{State, StateRules};
use crate::state::CachedRules;
use fusebox_resilience::breaker::KeptBreaker;
use fusebox_resilience::isolation::KeptInstance;

/// A breaker as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedBreaker {
    /// The digest of the agent's plugin; none for an upstream.
    plugin: Option<String>,
    breaker: KeptBreaker,
}

/// What has times in it.
trait Dated {
    /// Has what lies in the future begin now: the clock was ahead when it was
    /// written, at another start of the machine.
    fn settle(&mut self, now: u64);
}

impl Dated for SavedBreaker {
    fn settle(&mut self, now: u64) {
        self.breaker.settle(now);
    }
}

impl Dated for Vec<KeptInstance> {
    fn settle(&mut self, now: u64) {
        self.iter_mut().for_each(|kept| kept.settle(now));
    }
}

/// Where breakers, quarantines and last good outputs are kept. Nothing is made on the disk before
/// there is something to keep.
#[derive(Debug, Clone)]
pub struct StateStore {
    folder: PathBuf,
    cached: CachedRules,
}

impl StateStore {
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

    /// The time that the state goes by.
    pub fn time(&self) -> Timeline {
        let state = self.folder.is_dir().then(|| self.open().ok()).flatten();
        // What writes the first of it gives it this process's time.
        state.map_or_else(Timeline::own, |state| state.time())
    }

    /// What is kept of a breaker.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn breaker(&self, of: &Identity) -> Result<Option<KeptBreaker>, StateError> {
        let kept = self.get(&CIRCUITS, of)?.filter(|kept| kept.plugin == of.plugin);
        Ok(kept.map(|kept| kept.breaker))
    }

    /// Keeps a breaker; none forgets it.
    pub fn set_breaker(&self, of: &Identity, breaker: Option<KeptBreaker>) -> Result<(), StateError> {
        let plugin = of.plugin.clone();
        self.set(
            &CIRCUITS,
            of,
            breaker.map(|breaker| SavedBreaker { plugin, breaker }),
        )
    }

    /// The instances of an agent that are out, or have been lately. Those of
    /// another plugin are among them, and say so.
    pub fn instances(&self, of: &Identity) -> Result<Vec<KeptInstance>, StateError> {
        Ok(self.get(&QUARANTINES, of)?.unwrap_or_default())
    }

    /// Keeps what is known of the instances of an agent that are out.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn set_instances(&self, of: &Identity, kept: Vec<KeptInstance>) -> Result<(), StateError> {
        self.set(&QUARANTINES, of, Some(kept).filter(|kept| !kept.is_empty()))
    }

    /// How much is kept of last good outputs.
    pub fn limits(&self) -> &CachedRules {
        &self.cached
    }

    /// Keeps last good outputs, by their questions.
    pub fn keep_last_good<'o>(
        &self,
        outputs: impl IntoIterator<Item = (&'o str, &'o LastGood)>,
    ) -> Result<(), StateError> {
        self.open()?.keep_last_good(outputs, &self.cached)
    }

    /// The last good outputs for some questions, as far as there are any.
    pub fn last_good<'q>(
        &self,
        questions: impl IntoIterator<Item = &'q str>,
    ) -> Vec<Result<Recalled, StateError>> {
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

    /// What is kept, none of it in the future. What was is written down as it is
    /// now, so that its time goes on.
    fn get<T>(&self, table: &Table<T>, of: &Identity) -> Result<Option<T>, StateError>
    where
        T: Serialize + DeserializeOwned + PartialEq + Clone + Dated,
    {
        if !self.folder.is_dir() {
            return Ok(None);
        }
        let state = self.open()?;
        let kept = state.get(table, &of.key)?;
        let now = state.time().now();
        let settled = |kept: Option<T>| {
            kept.map(|mut kept| {
                kept.settle(now);
                kept
            })
        };
        if settled(kept.clone()) == kept {
            return Ok(kept);
        }
        state.update(table, &of.key, |kept| {
            let settled = settled(kept);
            (settled.clone(), settled)
        })
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
    use fusebox_resilience::breaker::{Breaker, BreakerRules};
    use fusebox_types::digest::Digest;

    fn shelf() -> (tempfile::TempDir, StateStore) {
        let base = tempfile::tempdir().unwrap();
        let folder = Some(base.path().join("state"));
        let shelf = StateStore::of(&StateRules {
            folder,
            ..StateRules::default()
        })
        .unwrap();
        (base, shelf)
    }

    fn open() -> KeptBreaker {
        let (rules, mut breaker) = (BreakerRules::default(), Breaker::new(Duration::ZERO));
        breaker.force_open(&rules, Duration::ZERO);
        breaker.keep(&rules, Duration::ZERO, 1_700_000_000_000).unwrap()
    }

    #[test]
    fn a_circuit_is_that_of_its_name_its_place_and_its_plugin_alone() {
        let (_base, shelf) = shelf();
        let agent =
            |name, path, plugin: &str| Identity::agent(name, Path::new(path), Digest::of(plugin.as_bytes()));
        let own = agent("score", "/a/score.wasm", "1");
        shelf.set_breaker(&own, Some(open())).unwrap();
        assert_eq!(shelf.breaker(&own).unwrap(), Some(open()));
        let others = [
            agent("score", "/a/score.wasm", "2"),
            agent("score", "/b/score.wasm", "1"),
            agent("other", "/a/score.wasm", "1"),
            Identity::upstream("score", "https://score.example"),
        ];
        for other in others {
            assert_eq!(shelf.breaker(&other).unwrap(), None, "{other:?}");
        }
        shelf.set_breaker(&own, None).unwrap();
        assert_eq!(shelf.breaker(&own).unwrap(), None);
    }

    /// As another start of the machine may leave it, whose clock was a day ahead.
    #[test]
    fn what_lies_in_the_future_begins_now_and_that_is_written_down() {
        let (_base, shelf) = shelf();
        let (agent, now) = (
            Identity::upstream("llm", "https://llm.example"),
            shelf.time().now(),
        );
        let later = now + 86_400_000;
        let breaker = KeptBreaker {
            since: later,
            until: Some(later + 10_000),
            ..open()
        };
        shelf.set_breaker(&agent, Some(breaker)).unwrap();
        let instance = KeptInstance {
            instance: "default".into(),
            plugin: String::new(),
            times: 1,
            since: later,
            quarantine: None,
        };
        shelf.set_instances(&agent, vec![instance]).unwrap();
        let seen = shelf.breaker(&agent).unwrap().unwrap();
        assert!((now..now + 5_000).contains(&seen.since));
        assert_eq!(seen.until, Some(seen.since + 10_000));
        let out = shelf.instances(&agent).unwrap();
        assert!((now..now + 5_000).contains(&out[0].since));
        // Later it is no other: its time goes on from the first look.
        std::thread::sleep(Duration::from_millis(3));
        assert_eq!(shelf.breaker(&agent).unwrap(), Some(seen));
        assert_eq!(shelf.instances(&agent).unwrap(), out);
    }

    #[test]
    fn to_look_and_to_forget_make_nothing_on_the_disk() {
        let (base, shelf) = shelf();
        let upstream = Identity::upstream("llm", "https://llm.example");
        assert_eq!(shelf.breaker(&upstream).unwrap(), None);
        assert_eq!(shelf.instances(&upstream).unwrap(), Vec::new());
        shelf.set_breaker(&upstream, None).unwrap();
        shelf.set_instances(&upstream, Vec::new()).unwrap();
        assert!(!base.path().join("state").exists());
    }
}
