//! Breakers that are made when they are first named.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::changes::Common;
use super::named_breaker::NamedBreaker;
use fusebox_types::failure::printable;

/// Breakers by name, at most so many.
#[derive(Debug)]
pub(super) struct Named {
    /// What stands before the names in keys.
    prefix: String,
    most: usize,
    breakers: Mutex<ByName>,
}

type ByName = BTreeMap<Box<str>, Arc<NamedBreaker>>;

impl Named {
    pub(super) fn new(prefix: String, most: usize) -> Self {
        Self {
            prefix,
            most,
            breakers: Mutex::default(),
        }
    }

    /// All of them, by name.
    pub(super) fn all(&self) -> Vec<(Box<str>, Arc<NamedBreaker>)> {
        let breakers = self.lock();
        breakers
            .iter()
            .map(|(name, one)| (name.clone(), one.clone()))
            .collect()
    }

    /// The breaker of this name.
    pub(super) fn get_or_make(&self, name: &str, common: &Common) -> Arc<NamedBreaker> {
        let mut breakers = self.lock();
        match breakers.get(name) {
            Some(breaker) => breaker.clone(),
            None => self.make(&mut breakers, name, common),
        }
    }

    /// The same; none if it would be one too many.
    pub(super) fn get_or_refuse(&self, name: &str, common: &Common) -> Option<Arc<NamedBreaker>> {
        let mut breakers = self.lock();
        if let Some(breaker) = breakers.get(name) {
            return Some(breaker.clone());
        }
        (breakers.len() < self.most).then(|| self.make(&mut breakers, name, common))
    }

    /// Makes a breaker. The names may come from guests, so keys hold them in
    /// their printable form.
    fn make(&self, breakers: &mut ByName, name: &str, common: &Common) -> Arc<NamedBreaker> {
        let key = format!("{}{}", self.prefix, printable(name));
        let breaker = Arc::new(NamedBreaker::new(key, common));
        breakers.insert(name.into(), breaker.clone());
        breaker
    }

    fn lock(&self) -> MutexGuard<'_, ByName> {
        self.breakers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
