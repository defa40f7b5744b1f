//! The writer: one thread, and for each group of records one write and one
//! sync.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use super::end::End;
use super::frame::{Id, MARK_BYTES};
use super::queue::{Group, Queue};

/// How records are gathered to groups. Whatever these say, what arrives during
/// a sync goes with the next.
#[derive(Debug, Clone, Copy)]
pub struct Grouping {
    /// How long the first record of a group waits for others, unless it is
    /// urgent.
    pub time: Duration,
    /// A group of this many bytes waits no longer.
    pub bytes: usize,
    /// When this many bytes are on their way, whoever appends waits.
    pub most_waiting: usize,
}

impl Default for Grouping {
    fn default() -> Self {
        Self {
            time: Duration::from_millis(2),
            bytes: 256 << 10,
            most_waiting: 4 << 20,
        }
    }
}

/// Writes groups at the end of a journal's file.
pub(super) struct Writer {
    file: File,
    end: End,
    id: Id,
    queue: Arc<Queue>,
    /// The length of the file, all of it on the disk.
    length: u64,
}

impl Writer {
    /// Starts the thread that writes at the end of a file of this length, which
    /// is on the disk.
    pub(super) fn start(
        (file, end): (File, End),
        id: Id,
        queue: Arc<Queue>,
        length: u64,
    ) -> io::Result<JoinHandle<()>> {
        let mut writer = Self {
            file,
            end,
            id,
            queue,
            length,
        };
        std::thread::Builder::new()
            .name("fusebox-journal".into())
            .spawn(move || writer.run())
    }

    /// After an error nothing is tried again: once a sync has failed, nobody
    /// knows what the system still holds of what was written before.
    fn run(&mut self) {
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.write_all()));
        let failed = match ended {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error,
            Err(_) => io::Error::other("the journal's writer failed"),
        };
        self.queue.fail(failed);
    }

    fn write_all(&mut self) -> io::Result<()> {
        let (mut spare, mut next) = (Vec::new(), None);
        while let Some(group) = self.queue.take(spare) {
            let end = group.end;
            spare = self.write(group)?;
            next = Some(end);
            self.queue.settle(end);
        }
        match next {
            Some(next) => self.seal(next),
            None => Ok(()),
        }
    }

    /// A mark in front, one write, one sync. Gives the buffer back.
    fn write(&mut self, group: Group) -> io::Result<Vec<u8>> {
        let mut frames = group.frames;
        let mark = self.id.mark(group.first, self.length);
        if let Some(place) = frames.get_mut(..MARK_BYTES) {
            place.copy_from_slice(&mark);
        }
        self.file.write_all(&frames)?;
        self.file.sync_data()?;
        self.length += frames.len() as u64;
        self.end.say(self.length);
        Ok(frames)
    }

    /// Says of the last group too that it was on the disk, so that damage to it
    /// cannot be taken for a torn tail.
    fn seal(&mut self, next: u64) -> io::Result<()> {
        self.file.write_all(&self.id.mark(next, self.length))?;
        self.file.sync_data()?;
        self.end.say(self.length + MARK_BYTES as u64);
        Ok(())
    }
}
