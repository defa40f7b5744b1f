//! Circuits that are made when they are first named.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::circuit::Circuit;
use super::clock::Clock;
use fusebox_types::failure::printable;

/// Circuits by name, at most so many.
#[derive(Debug)]
pub(super) struct Named {
    /// What stands before the names in keys.
    prefix: String,
    most: usize,
    circuits: Mutex<ByName>,
}

type ByName = BTreeMap<Box<str>, Arc<Circuit>>;

impl Named {
    pub(super) fn new(prefix: String, most: usize) -> Self {
        Self {
            prefix,
            most,
            circuits: Mutex::default(),
        }
    }

    /// All of them, by name.
    pub(super) fn all(&self) -> Vec<(Box<str>, Arc<Circuit>)> {
        let circuits = self.lock();
        circuits
            .iter()
            .map(|(name, one)| (name.clone(), one.clone()))
            .collect()
    }

    /// The circuit of this name.
    pub(super) fn get_or_make(&self, name: &str, clock: Clock) -> Arc<Circuit> {
        let mut circuits = self.lock();
        match circuits.get(name) {
            Some(circuit) => circuit.clone(),
            None => self.make(&mut circuits, name, clock),
        }
    }

    /// The same; none if it would be one too many.
    pub(super) fn get_or_refuse(&self, name: &str, clock: Clock) -> Option<Arc<Circuit>> {
        let mut circuits = self.lock();
        if let Some(circuit) = circuits.get(name) {
            return Some(circuit.clone());
        }
        (circuits.len() < self.most).then(|| self.make(&mut circuits, name, clock))
    }

    /// Makes a circuit. The names may come from guests, so keys hold them in
    /// their printable form.
    fn make(&self, circuits: &mut ByName, name: &str, clock: Clock) -> Arc<Circuit> {
        let key = format!("{}{}", self.prefix, printable(name));
        let circuit = Arc::new(Circuit::new(key, clock));
        circuits.insert(name.into(), circuit.clone());
        circuit
    }

    fn lock(&self) -> MutexGuard<'_, ByName> {
        self.circuits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
