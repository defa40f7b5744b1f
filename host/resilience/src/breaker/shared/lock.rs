//! The locks that a shared breaker is made of: those of the standard library,
//! and in a test those that try every interleaving.

use std::ops::DerefMut;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A lock around a value.
pub(super) trait Lock<T> {
    /// Who has it holds the lock.
    type Guard<'a>: DerefMut<Target = T>
    where
        Self: 'a;

    /// A lock that nobody holds.
    fn around(value: T) -> Self;

    /// Waits until nobody else holds the lock.
    fn hold(&self) -> Self::Guard<'_>;
}

impl<T> Lock<T> for Mutex<T> {
    type Guard<'a>
        = MutexGuard<'a, T>
    where
        T: 'a;

    fn around(value: T) -> Self {
        Self::new(value)
    }

    /// No step of a breaker panics half-way, so a poisoned lock holds a whole one.
    #[inline]
    fn hold(&self) -> Self::Guard<'_> {
        self.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
