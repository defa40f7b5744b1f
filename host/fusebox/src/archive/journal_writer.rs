//! The way of events from a session to its readers, past its journal: what
//! matters is on the disk before anybody is told. The session's workers are on
//! the other side of a channel and never wait for the disk, unless it is so far
//! behind that the channel is full.

use std::io;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::time::Duration;

use super::ArchiveError;
use super::event_encoder::EventEncoder;
use crate::session::Remember;
use fusebox_events::{EVENTS_WAITING, Event, EventReceiver};
use fusebox_store::journal::{Appender, Ticket};

/// How long events gather. Waking a thread for each event would cost guests more
/// than the event itself.
const GATHER: Duration = Duration::from_micros(500);
/// How many batches may be on their way to the disk.
const BATCHES_WAITING: usize = 64;

/// Events that came together.
pub(crate) struct Batch {
    /// The events.
    events: Vec<Event>,
    /// What has to be durable before they are told; none if nothing has to.
    ticket: Option<Result<Ticket, ArchiveError>>,
}

impl Batch {
    /// The events, once they may be told.
    ///
    /// # Errors
    /// If what they tell of is not durable.
    pub(crate) fn durable(self) -> Result<Vec<Event>, ArchiveError> {
        if let Some(ticket) = self.ticket {
            ticket?.wait()?;
        }
        Ok(self.events)
    }
}

/// Writes down a session's events before they are told.
#[derive(Debug)]
pub(crate) struct JournalWriter {
    appender: Appender,
    event_encoder: EventEncoder,
}

impl JournalWriter {
    pub(super) fn new(appender: Appender, event_encoder: EventEncoder) -> Self {
        Self {
            appender,
            event_encoder,
        }
    }

    /// Hands events in; they are soon on the disk.
    fn write_down(&mut self, events: &[Event]) -> Result<Option<Ticket>, ArchiveError> {
        let records = self.event_encoder.records(events)?;
        let mut last = None;
        for record in &records {
            last = Some(self.appender.append(record)?);
        }
        Ok(last)
    }
}

/// Carries a session's events, through a journal if it has one, and past what
/// remembers breakers and quarantines.
///
/// # Errors
/// If no thread can be started.
pub(crate) fn carry(
    events: EventReceiver,
    journal_writer: Option<JournalWriter>,
    remember: Option<Remember>,
) -> io::Result<Receiver<Batch>> {
    let (to, batches) = mpsc::sync_channel(BATCHES_WAITING);
    std::thread::Builder::new()
        .name("fusebox-events".into())
        .spawn(move || run(events, (journal_writer, remember), &to))?;
    Ok(batches)
}

fn run(
    mut events: EventReceiver,
    (mut journal_writer, remember): (Option<JournalWriter>, Option<Remember>),
    to: &SyncSender<Batch>,
) {
    loop {
        std::thread::sleep(GATHER);
        let mut taken = Vec::with_capacity(EVENTS_WAITING);
        if events.blocking_recv_many(&mut taken, EVENTS_WAITING) == 0 {
            return;
        }
        if let Some(remember) = &remember {
            remember.heed(&taken);
        }
        let carried = journal_writer
            .as_mut()
            .map(|journal_writer| journal_writer.write_down(&taken));
        let failed = matches!(carried, Some(Err(_)));
        let batch = Batch {
            events: taken,
            ticket: carried.and_then(Result::transpose),
        };
        // Readers that went away want to know nothing more.
        if to.send(batch).is_err() {
            return;
        }
        // Nothing may be durable that came after something that is not. The
        // session is waited for, so that it does not wait for its readers.
        if failed {
            while events.blocking_recv().is_some() {}
            return;
        }
    }
}
