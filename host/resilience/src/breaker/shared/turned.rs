//! A lock that waits for its turn.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard};

use super::lock::Lock;
use super::orders::{Run, THREAD};

/// Outside of [`super::orders::in_every_order`] it is a plain lock.
#[derive(Debug)]
pub(super) struct Turned<T>(Mutex<T>);

/// A held lock, and what to tell when it is let go.
pub(super) struct Held<'a, T> {
    value: MutexGuard<'a, T>,
    of: Option<(Arc<Run>, usize)>,
}

impl<T> Lock<T> for Turned<T> {
    type Guard<'a>
        = Held<'a, T>
    where
        T: 'a;

    fn around(value: T) -> Self {
        Self(Mutex::new(value))
    }

    fn hold(&self) -> Held<'_, T> {
        let lock = std::ptr::from_ref(self).addr();
        let of = THREAD.with_borrow(Clone::clone).map(|(run, thread)| {
            run.wait(thread, Some(lock));
            (run, lock)
        });
        let value = self.0.try_lock().expect("it is free when its turn comes");
        Held { value, of }
    }
}

impl<T> Deref for Held<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Held<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T> Drop for Held<'_, T> {
    fn drop(&mut self) {
        if let Some((run, lock)) = &self.of {
            run.let_go(*lock);
        }
    }
}
