//! The meter of a check: it counts steps and memory, and lets others run.

use super::stop::Stop;

/// Steps between two looks at the limits: a step is some 50 ns, so this is
/// about 0.2 ms.
const STRIDE: u32 = 4096;
/// Bytes that are read, copied or compared in one step.
const BYTES: usize = 64;
/// Bytes that are worked on before the meter is asked again.
pub(crate) const PIECE: usize = 4096;

/// What a check may use, and has used.
pub struct Pace<'a> {
    may_go_on: &'a (dyn Fn() -> Result<(), Stop> + Send + Sync),
    left: u32,
    memory: u64,
    held: u64,
}

impl<'a> Pace<'a> {
    /// A check goes on while `may_go_on` says so, and holds `memory` bytes at
    /// most.
    pub(crate) fn new(may_go_on: &'a (dyn Fn() -> Result<(), Stop> + Send + Sync), memory: u64) -> Self {
        Self {
            may_go_on,
            left: STRIDE,
            memory,
            held: 0,
        }
    }

    /// For work that is short because what it works on is.
    pub(crate) fn unmetered() -> Pace<'static> {
        Pace {
            may_go_on: &|| Ok(()),
            left: u32::MAX,
            memory: u64::MAX,
            held: 0,
        }
    }

    /// Counts work, a unit for about 50 ns; now and then it asks whether to go
    /// on and gives the thread to others.
    #[inline]
    pub(crate) async fn step(&mut self, steps: u32) -> Result<(), Stop> {
        match self.left.checked_sub(steps) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => self.pause().await,
        }
    }

    /// Counts work on some bytes.
    #[inline]
    pub(crate) async fn bytes(&mut self, bytes: usize) -> Result<(), Stop> {
        self.step(u32::try_from(bytes / BYTES).unwrap_or(u32::MAX)).await
    }

    /// Takes memory, before it is asked of the system.
    pub(crate) fn hold(&mut self, bytes: u64) -> Result<(), Stop> {
        let asked = self.held.saturating_add(bytes);
        if asked > self.memory {
            return Err(Stop::Memory {
                asked,
                limit: self.memory,
            });
        }
        self.held = asked;
        Ok(())
    }

    /// Gives memory back.
    pub(crate) fn release(&mut self, bytes: u64) {
        self.held = self.held.saturating_sub(bytes);
    }

    /// What is held now, to go back to.
    pub(crate) fn held(&self) -> u64 {
        self.held
    }

    #[cold]
    async fn pause(&mut self) -> Result<(), Stop> {
        self.left = STRIDE;
        (self.may_go_on)()?;
        tokio::task::yield_now().await;
        Ok(())
    }
}

/// Makes room in a list; both the old and the new room are held until the
/// content has moved.
pub(crate) fn grow<T>(list: &mut Vec<T>, more: usize, pace: &mut Pace<'_>) -> Result<(), Stop> {
    let (old, needed) = (list.capacity(), list.len().saturating_add(more));
    if needed <= old {
        return Ok(());
    }
    let room = needed.max(old.saturating_mul(2)).max(16);
    let size = |count: usize| u64::try_from(count.saturating_mul(size_of::<T>())).unwrap_or(u64::MAX);
    pace.hold(size(room))?;
    list.reserve_exact(room - list.len());
    pace.release(size(old));
    Ok(())
}
