//! The bytes of a journal, sifted.

use std::ops::Range;

use super::super::frame::{HEADER_BYTES, Id, MARK};
use super::super::record::{Gap, OPTIONAL, Record};
use super::super::scan::{Frame, next_frame};
use super::Damage;
use super::identity::identity;

/// Something in the order in which it was written.
#[derive(Debug)]
pub(super) enum Piece {
    Record(Frame),
    /// Here records are lost that may have been about tasks.
    Gap(Gap),
}

/// What is whole, and what is not.
#[derive(Debug, Default)]
pub(super) struct Sifted {
    pub(super) id: Option<Id>,
    pub(super) pieces: Vec<Piece>,
    /// What is damaged in front of something that is whole.
    pub(super) damage: Vec<Damage>,
    /// What was durable behind the last whole frame.
    pub(super) rest: Option<Damage>,
    /// A kind of record that only a newer version knows, and where it is.
    pub(super) newer: Option<(u16, u64)>,
    /// The sequence of the next record.
    next: u64,
}

impl Sifted {
    /// Sifts the bytes of a journal. `said` tells how long the journal of an id
    /// has been.
    pub(super) fn of(bytes: &[u8], said: impl Fn(Id) -> Option<u64>) -> Self {
        let mut sifted = Self::default();
        let (id, whole_header) = identity(bytes).unzip();
        let mut at = if whole_header == Some(true) {
            HEADER_BYTES
        } else {
            0
        };
        while let Some(frame) = id.and_then(|id| next_frame(id, bytes, at, sifted.next)) {
            sifted.lose(at..frame.at, frame.head.sequence);
            sifted.keep(frame, bytes);
            at = frame.end();
        }
        let durable = id.and_then(said).unwrap_or(0);
        sifted.end(at as u64, durable, bytes.len() as u64);
        sifted.id = id;
        sifted
    }

    /// Whether anything is whole.
    pub(super) fn has_records(&self) -> bool {
        self.next > 0
    }

    /// Between these places stands nothing whole, and the next record is this one.
    fn lose(&mut self, place: Range<usize>, sequence: u64) {
        let records = sequence.saturating_sub(self.next);
        if place.is_empty() && records == 0 {
            return;
        }
        let damage = Damage {
            from: place.start as u64,
            to: place.end as u64,
            records: Some(records),
        };
        self.damage.push(damage);
        // The first record of all is about no task.
        if records > u64::from(self.next == 0) {
            self.gap(damage);
        }
        self.next = sequence;
    }

    fn keep(&mut self, frame: Frame, bytes: &[u8]) {
        if frame.head.kind == MARK {
            return;
        }
        match Record::decode(frame.head.kind, frame.payload(bytes)) {
            Ok(None) if frame.head.kind < OPTIONAL => {
                self.newer.get_or_insert((frame.head.kind, frame.at as u64));
            }
            Ok(_) => self.pieces.push(Piece::Record(frame)),
            Err(_) => self.lose(frame.at..frame.end(), frame.head.sequence + 1),
        }
        self.next = frame.head.sequence + 1;
    }

    /// Behind `at` stands nothing whole. What was never said to be durable there
    /// is a torn tail, which nobody was told of; but the first record always was.
    fn end(&mut self, at: u64, durable: u64, length: u64) {
        if self.next > 0 && durable <= at {
            return;
        }
        let until = if self.next > 0 {
            durable
        } else {
            durable.max(length)
        };
        let damage = Damage {
            from: at,
            to: until,
            records: None,
        };
        self.rest = Some(damage);
        self.gap(damage);
    }

    fn gap(&mut self, damage: Damage) {
        self.pieces.push(Piece::Gap(Gap {
            from: damage.from,
            to: damage.to,
            records: damage.records,
        }));
    }
}
