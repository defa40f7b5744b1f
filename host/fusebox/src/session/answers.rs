//! The last good outputs of tasks, for agents in whose chains of fallbacks
//! `cached` stands.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::persistence::News;
use fusebox_store::state::{CachedRules, LastGood, Recalled, StateError, StateStore};
use fusebox_types::Output;

/// What room is counted in, in bytes.
const UNIT: u64 = 1 << 10;

/// An output that is to be kept.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(super) question: String,
    pub(super) output: Arc<Output>,
    pub(super) given: Instant,
    /// Given back once it is written.
    _room: OwnedSemaphorePermit,
}

impl Answer {
    /// What is kept of it, when it is this time in the state.
    pub(super) fn kept(&self, now: u64) -> LastGood {
        let ago = u64::try_from(self.given.elapsed().as_millis()).unwrap_or(u64::MAX);
        LastGood {
            at: now.saturating_sub(ago),
            output: self.output.clone(),
        }
    }
}

/// Reads last good outputs, and has them written by the thread that writes what
/// outlives a session.
#[derive(Debug)]
pub(crate) struct Answers {
    shelf: StateStore,
    limits: CachedRules,
    writer: Sender<News>,
    /// For what is not written yet.
    room: Arc<Semaphore>,
    /// Whether that there was no room has been said.
    is_said: AtomicBool,
}

impl Answers {
    /// As much may wait as may be kept: more would push out what waits.
    pub(crate) fn new(shelf: StateStore, writer: Sender<News>) -> Self {
        let limits = *shelf.limits();
        let room = usize::try_from(units(limits.max_total)).unwrap_or(Semaphore::MAX_PERMITS);
        Self {
            shelf,
            limits,
            writer,
            room: Arc::new(Semaphore::new(room)),
            is_said: AtomicBool::new(false),
        }
    }

    /// Hands in an output to be kept; waits for nothing.
    pub(super) fn keep(&self, question: String, output: Arc<Output>) {
        let bytes = output.bytes.len() as u64;
        if bytes > self.limits.max_output {
            let most = self.limits.max_output;
            return tracing::debug!("an output of {bytes} bytes is not kept: {most} are the limit");
        }
        let Ok(room) = self.room.clone().try_acquire_many_owned(units(bytes)) else {
            if !self.is_said.swap(true, Ordering::Relaxed) {
                tracing::warn!("some last good outputs are not kept: the disk is too far behind");
            }
            return;
        };
        let answer = Answer {
            question,
            output,
            given: Instant::now(),
            _room: room,
        };
        // A thread that is gone has said why.
        let _ = self.writer.send(News::Answer(answer));
    }

    /// The last good outputs for some questions; those that cannot be read are
    /// among them.
    pub(super) async fn last(&self, questions: Vec<String>) -> Vec<Result<Recalled, StateError>> {
        let shelf = self.shelf.clone();
        let read = move || shelf.last_good(questions.iter().map(String::as_str));
        // Only a host that is shutting down gives up what it was asked for.
        tokio::task::spawn_blocking(read).await.unwrap_or_default()
    }
}

/// Room for so many bytes, and for what goes with them.
fn units(bytes: u64) -> u32 {
    u32::try_from(bytes / UNIT + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use super::*;
    use fusebox_store::state::StateRules;

    fn answers(cached: CachedRules) -> (Answers, Receiver<News>) {
        let folder = Some("never-made".into());
        let shelf = StateStore::of(&StateRules { folder, cached }).unwrap();
        let (writer, heard) = channel();
        (Answers::new(shelf, writer), heard)
    }

    fn keep(answers: &Answers, bytes: usize) {
        let output = Output {
            content_type: "text/plain".into(),
            bytes: vec![0; bytes],
        };
        answers.keep("q".into(), Arc::new(output));
    }

    #[test]
    fn what_waits_for_the_disk_is_bounded_and_its_room_is_given_back() {
        let (answers, heard) = answers(CachedRules {
            max_total: 8 << 10,
            ..CachedRules::default()
        });
        (0..100).for_each(|_| keep(&answers, 1000));
        assert_eq!(heard.try_iter().count(), 9);
        // Those are written, so there is room again.
        (0..100).for_each(|_| keep(&answers, 1000));
        assert_eq!(heard.try_iter().count(), 9);
    }

    #[test]
    fn an_output_over_the_limit_is_not_kept() {
        let (answers, heard) = answers(CachedRules {
            max_output: 10,
            ..CachedRules::default()
        });
        (9..13).for_each(|bytes| keep(&answers, bytes));
        assert_eq!(heard.try_iter().count(), 2);
    }
}
