//! Random damage to random journals.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;

use super::super::frame::{FRAME_BYTES, HEADER_BYTES, Head, Id, MARK};
use super::super::record::{Gap, Record, Started};
use super::super::tests::{record, started, task_ended, write};
use super::super::{Grouping, Journal, JournalError, Recovered, SessionLock, recover};
use super::{Damage, Piece, Salvage, Sifted};

/// Something that happens to a file.
#[derive(Debug, Clone)]
enum Harm {
    Flip(prop::sample::Index, u8),
    Zero(prop::sample::Index, usize),
    Cut(prop::sample::Index),
}

impl Harm {
    fn to(&self, bytes: &mut Vec<u8>) {
        match self {
            Harm::Flip(at, bit) => {
                let at = at.index(bytes.len());
                bytes[at] ^= 1 << bit;
            }
            Harm::Zero(at, length) => {
                let at = at.index(bytes.len());
                let end = (at + length).min(bytes.len());
                bytes[at..end].fill(0);
            }
            Harm::Cut(at) => bytes.truncate(at.index(bytes.len()).max(1)),
        }
    }
}

fn harm() -> impl Strategy<Value = Harm> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        6 => (at(), 0..8_u8).prop_map(|(at, bit)| Harm::Flip(at, bit)),
        3 => (at(), 1..300_usize).prop_map(|(at, length)| Harm::Zero(at, length)),
        1 => at().prop_map(Harm::Cut),
    ]
}

/// Where each frame of an intact journal is, with its head.
fn frames(bytes: &[u8]) -> Vec<(Range<usize>, Head)> {
    let (mut at, mut all) = (HEADER_BYTES, Vec::new());
    while at < bytes.len() {
        let head = Head::read(bytes[at..at + FRAME_BYTES].try_into().unwrap()).unwrap();
        let end = at + FRAME_BYTES + head.length as usize;
        all.push((at..end, head));
        at = end;
    }
    all
}

fn sift(bytes: &[u8]) -> Sifted {
    Sifted::of(bytes, |_| None)
}

/// Sequence and bytes of what is kept.
fn kept(sifted: &Sifted, bytes: &[u8]) -> Vec<(u64, Vec<u8>)> {
    let frames = sifted.pieces.iter().filter_map(|piece| match piece {
        Piece::Record(frame) => Some((frame.head.sequence, bytes[frame.at..frame.end()].to_vec())),
        Piece::Gap(_) => None,
    });
    frames.collect()
}

fn salvage(dir: &Path) -> Salvage {
    Salvage::read(Arc::new(SessionLock::take(dir).unwrap())).unwrap()
}

fn groups() -> impl Strategy<Value = Vec<Vec<Record>>> {
    prop::collection::vec(prop::collection::vec(record(), 1..5), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Nothing that was not written is kept, and every record is that lies whole
    /// outside of what is damaged, as long as anything says whose it is.
    #[test]
    fn what_is_intact_is_kept_and_nothing_else(
        groups in groups(),
        harms in prop::collection::vec(harm(), 1..4),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let whole = fs::read(write(dir.path(), &groups)).unwrap();
        let mut bytes = whole.clone();
        harms.iter().for_each(|harm| harm.to(&mut bytes));
        let is_intact = |place: &Range<usize>| bytes.get(place.clone()) == Some(&whole[place.clone()]);
        let (intact, lost): (Vec<_>, Vec<_>) = frames(&whole).into_iter().partition(|(place, _)| is_intact(place));
        let says_id = is_intact(&(0..HEADER_BYTES)) || intact.iter().any(|(_, head)| head.kind == MARK);
        let expected = intact
            .iter()
            .filter(|(_, head)| head.kind != MARK)
            .map(|(place, head)| (head.sequence, whole[place.clone()].to_vec()));
        let sifted = sift(&bytes);
        let kept = kept(&sifted, &bytes);
        if says_id {
            prop_assert_eq!(&kept, &expected.collect::<Vec<_>>());
        } else {
            let expected: Vec<_> = expected.collect();
            prop_assert!(kept.iter().all(|one| expected.contains(one)));
        }
        // What is lost between two records that are kept is said; where nothing says
        // whose they are, none is kept, and all of it is the rest.
        let last = intact.last().map_or(0, |(place, _)| place.start);
        if lost.iter().any(|(place, _)| place.start < last) {
            let all_is_lost = !says_id && kept.is_empty() && sifted.rest.is_some();
            prop_assert!(!sifted.damage.is_empty() || all_is_lost);
        }
    }

    /// The new journal is whole, holds what is intact, and the damaged one stays
    /// byte for byte what it was.
    #[test]
    fn the_damaged_journal_stays_and_the_new_one_can_be_gone_on_with(
        groups in groups(),
        harms in prop::collection::vec(harm(), 1..4),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let path = write(dir.path(), &groups);
        let mut bytes = fs::read(&path).unwrap();
        harms.iter().for_each(|harm| harm.to(&mut bytes));
        fs::write(&path, &bytes).unwrap();
        let found = match Salvage::read(Arc::new(SessionLock::take(dir.path()).unwrap())) {
            Ok(found) => found,
            // With nothing whole in it, it may as well be a newer version's.
            Err(JournalError::Newer { .. }) => return Ok(()),
            Err(error) => panic!("{error}"),
        };
        let expected = found.records().filter(|record| !matches!(record, Record::Started(_))).count();
        let original = found.replace(started()).unwrap();
        drop(found);
        prop_assert_eq!(original.file_name().unwrap(), "journal.damaged-1");
        prop_assert_eq!(&fs::read(&original).unwrap(), &bytes);
        let again = salvage(dir.path());
        prop_assert!(!again.is_damaged() && again.damage().next().is_none());
        let count = |record: &Record| !matches!(record, Record::Started(_) | Record::Gap(_));
        prop_assert_eq!(again.records().filter(count).count(), expected);
        drop(again);
        let (journal, _) = Journal::open(dir.path(), Grouping::default()).unwrap();
        journal.appender().append(&task_ended(1, vec![])).unwrap().wait().unwrap();
        journal.close().unwrap();
        prop_assert_eq!(&fs::read(&original).unwrap(), &bytes);
        recover(dir.path()).unwrap();
    }
}

fn ended(tasks: Range<u32>) -> Vec<Record> {
    tasks.map(|task| task_ended(task, vec![b'x'; 30])).collect()
}

fn recovered(dir: &Path) -> (Recovered, Vec<Damage>) {
    let found = salvage(dir);
    let started = found.started().unwrap_or_else(started);
    found.replace(started).unwrap();
    let damage = found.damage().collect();
    drop(found);
    (recover(dir).unwrap(), damage)
}

/// One record is lost: which tasks it may have been about is known, and how many
/// records and where.
#[test]
fn what_is_lost_is_said_and_tasks_that_are_not_over_are_doubtful() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), &[ended(0..3), ended(3..6)]);
    let mut bytes = fs::read(&path).unwrap();
    let (place, head) = frames(&bytes)[3].clone();
    assert_eq!(head.sequence, 2, "the record of task 1");
    bytes[place.start + 30] ^= 0x10;
    fs::write(&path, &bytes).unwrap();
    let (recovered, damage) = recovered(dir.path());
    let expected = Damage {
        from: place.start as u64,
        to: place.end as u64,
        records: Some(1),
    };
    assert_eq!(damage, [expected]);
    let mut settled: Vec<_> = recovered.settled.keys().copied().collect();
    settled.sort_unstable();
    assert_eq!(settled, [0, 2, 3, 4, 5]);
    let doubtful: Vec<_> = recovered.doubtful.iter().copied().take(2).collect();
    assert_eq!(doubtful, [1, 6], "those that are over are not");
}

/// A damaged header or mark costs no record, so nothing is in doubt.
#[test]
fn damage_that_costs_no_record_leaves_no_doubt() {
    for place in [0..32, 3..4, 15..16, 29..30] {
        let dir = tempfile::tempdir().unwrap();
        let path = write(dir.path(), &[ended(0..3), ended(3..6)]);
        let mut bytes = fs::read(&path).unwrap();
        // Each of them is another one then: the id is random.
        bytes[place.clone()].iter_mut().for_each(|byte| *byte ^= 0xee);
        let mark = frames(&bytes).into_iter().find(|(_, head)| head.kind == MARK);
        // The second one still says the id.
        bytes[mark.unwrap().0.start + 20] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let (recovered, damage) = recovered(dir.path());
        assert_eq!(
            damage.iter().map(|one| one.records).collect::<Vec<_>>(),
            [Some(0); 2]
        );
        assert_eq!(
            (recovered.settled.len(), recovered.doubtful.len()),
            (6, 0),
            "{place:?}"
        );
    }
}

#[test]
fn a_session_whose_first_record_is_lost_keeps_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), &[ended(0..3)]);
    let mut bytes = fs::read(&path).unwrap();
    bytes[HEADER_BYTES + 25] ^= 1;
    fs::write(&path, &bytes).unwrap();
    assert!(salvage(dir.path()).started().is_none());
    let (recovered, damage) = recovered(dir.path());
    assert_eq!(
        (damage.len(), recovered.settled.len(), recovered.doubtful.len()),
        (1, 3, 0)
    );
}

/// Each salvage keeps the journal that it found; one that was stopped before the
/// new one was in place does not keep the same one twice.
#[test]
fn damaged_journals_are_numbered() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), &[ended(0..3)]);
    let damage = |salt: u8| {
        let mut bytes = fs::read(&path).unwrap();
        bytes[HEADER_BYTES + 25] ^= salt;
        fs::write(&path, &bytes).unwrap();
    };
    damage(1);
    fs::hard_link(&path, dir.path().join("journal.damaged-1")).unwrap();
    let name = |_| {
        salvage(dir.path())
            .replace(started())
            .unwrap()
            .file_name()
            .unwrap()
            .to_owned()
    };
    assert_eq!(name(()), "journal.damaged-1");
    damage(2);
    assert_eq!(name(()), "journal.damaged-2");
}

/// What had been durable behind the damage is known by `journal.end`.
#[test]
fn the_end_that_is_gone_behind_damage_leaves_doubt() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), &[ended(0..3), ended(3..6)]);
    let mut bytes = fs::read(&path).unwrap();
    let length = bytes.len() as u64;
    bytes[40] ^= 1;
    let cut = frames(&bytes).last().unwrap().0.start;
    bytes.truncate(cut);
    fs::write(&path, &bytes).unwrap();
    let (recovered, damage) = recovered(dir.path());
    let rest = Damage {
        from: cut as u64,
        to: length,
        records: None,
    };
    assert_eq!(damage[1..], [rest]);
    assert!(recovered.doubtful.contains(&50));
}

#[test]
fn what_a_newer_version_wrote_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), &[]);
    let mut bytes = vec![0xab; 200];
    bytes[..8].copy_from_slice(b"FUSEBOXJ");
    bytes[8..10].copy_from_slice(&9_u16.to_le_bytes());
    fs::write(&path, &bytes).unwrap();
    let read = |dir: &Path| Salvage::read(Arc::new(SessionLock::take(dir).unwrap())).unwrap_err();
    assert!(matches!(read(dir.path()), JournalError::Newer { found: 9, .. }));
    let id = Id([3; 16]);
    let mut bytes = id.header().to_vec();
    let push = |bytes: &mut Vec<u8>, sequence, record: Record| {
        id.push_frame(sequence, bytes, |to| record.encode(to)).unwrap();
    };
    push(&mut bytes, 0, Record::Started(Started::default()));
    push(&mut bytes, 1, Record::Gap(Gap::default()));
    let known = bytes.len();
    id.push_frame(2, &mut bytes, |to| {
        to.push(0x80);
        Ok::<_, ()>(900)
    })
    .unwrap();
    fs::write(&path, &bytes).unwrap();
    let newer = read(dir.path());
    assert!(matches!(newer, JournalError::UnknownKind { kind: 900, offset, .. } if offset == known as u64));
}
