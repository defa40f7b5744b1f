//! What may be written below a folder.

use std::sync::{Mutex, PoisonError};

/// The bytes and the files that may still be added. What is removed is not given
/// back, so what was added is never more than was allowed, whatever attempts do
/// at the same time.
#[derive(Debug)]
pub(super) struct Room {
    left: Mutex<Left>,
    bytes: u64,
    files: u32,
}

#[derive(Debug)]
struct Left {
    bytes: u64,
    files: u32,
}

/// What a folder has no more room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    /// So many bytes could be written in all.
    Bytes(u64),
    /// So many files could be made in all.
    Files(u32),
}

impl Room {
    pub(super) fn new(bytes: u64, files: u32) -> Self {
        Self {
            left: Mutex::new(Left { bytes, files }),
            bytes,
            files,
        }
    }

    /// Takes room for bytes.
    pub(super) fn write(&self, bytes: u64) -> Result<(), Full> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.bytes = left.bytes.checked_sub(bytes).ok_or(Full::Bytes(self.bytes))?;
        Ok(())
    }

    /// Takes room for one more file or folder.
    pub(super) fn make(&self) -> Result<(), Full> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.files = left.files.checked_sub(1).ok_or(Full::Files(self.files))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_bounds_are_met_exactly_and_what_did_not_fit_takes_nothing() {
        let room = Room::new(10, 1);
        assert_eq!(room.write(11), Err(Full::Bytes(10)));
        assert_eq!(room.write(10), Ok(()));
        assert_eq!(room.write(1), Err(Full::Bytes(10)));
        assert_eq!(room.make(), Ok(()));
        assert_eq!(room.make(), Err(Full::Files(1)));
    }

    #[test]
    fn many_threads_together_get_no_more_than_there_is() {
        let room = Room::new(1_000, 1_000);
        let got: usize = std::thread::scope(|scope| {
            let one = || {
                (0..1_000)
                    .filter(|_| room.write(1).is_ok() && room.make().is_ok())
                    .count()
            };
            let all: Vec<_> = (0..4).map(|_| scope.spawn(one)).collect();
            all.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(got, 1_000);
    }
}
