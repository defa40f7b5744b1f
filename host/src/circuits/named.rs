//! Circuits that are made when they are first named.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::circuit::Circuit;
use super::clock::Clock;
use crate::failure::printable;

/// Circuits by name, at most so many.
#[derive(Debug)]
pub(super) struct Named {
    /// What stands before the names in keys.
    prefix: String,
    most: usize,
    circuits: Mutex<BTreeMap<Box<str>, Arc<Circuit>>>,
}

impl Named {
    pub(super) fn new(prefix: String, most: usize) -> Self {
        Self {
            prefix,
            most,
            circuits: Mutex::default(),
        }
    }

    pub(super) fn all(&self) -> Vec<Arc<Circuit>> {
        let circuits = self.circuits.lock().unwrap_or_else(PoisonError::into_inner);
        circuits.values().cloned().collect()
    }

    /// The circuit of this name; none if it would be one too many. The names
    /// come from guests, so keys hold them in their printable form.
    pub(super) fn get_or_make(&self, name: &str, clock: Clock) -> Option<Arc<Circuit>> {
        let mut circuits = self.circuits.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(circuit) = circuits.get(name) {
            return Some(circuit.clone());
        }
        if circuits.len() >= self.most {
            return None;
        }
        let key = format!("{}{}", self.prefix, printable(name));
        let circuit = Arc::new(Circuit::new(key, clock));
        circuits.insert(name.into(), circuit.clone());
        Some(circuit)
    }
}
