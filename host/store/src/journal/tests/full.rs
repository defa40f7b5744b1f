//! A disk that is full.

use std::fs::OpenOptions;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::super::commit::Writer;
use super::super::end::End;
use super::super::frame::Id;
use super::super::queue::Queue;
use super::super::ticket::Appender;
use super::super::{CommitError, Grouping, Journal, JournalError, recover};
use super::arbitrary::{started, task_ended};

/// The system's own full device.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_fails_every_waiting_ticket_and_all_that_comes_later() {
    let id = Id([5; 16]);
    let queue = Arc::new(Queue::new(id, "/dev/full".into(), 0, Grouping::default()));
    let appender = Appender { queue: queue.clone() };
    let record = task_ended(0, b"lost".to_vec());
    // Appended before the writer runs, so that all are in one group.
    let tickets: Vec<_> = (0..5).map(|_| appender.append(&record).unwrap()).collect();
    let file = OpenOptions::new().append(true).open("/dev/full").unwrap();
    let end = End::open(Path::new("/dev/null"), id);
    let thread = Writer::start((file, end), id, queue, 32).unwrap();
    for ticket in tickets {
        let error = ticket.wait().unwrap_err();
        assert!(error.is_full(), "{error:?}");
    }
    thread.join().unwrap();
    let late = appender.append_urgent(&record).unwrap_err();
    assert!(matches!(late, CommitError::Io { .. }));
    assert_eq!(late.to_string(), "cannot write the journal /dev/full");
}

#[test]
fn a_record_that_no_frame_holds_is_refused_and_the_rest_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::create(dir.path(), started(), Grouping::default()).unwrap();
    let large = task_ended(0, vec![0; 2 << 20]);
    let error = journal.appender().append(&large).unwrap_err();
    assert!(matches!(error, CommitError::TooLarge { .. }));
    let fits = task_ended(1, vec![0; 512 << 10]);
    journal.appender().append(&fits).unwrap().wait().unwrap();
    journal.close().unwrap();
}

/// Says to the test below that its files may not grow, and where it writes.
const DIRECTORY: &str = "JOURNAL_ON_A_FULL_DISK";

/// What runs in the child: appends until the disk is full, and tells of what is
/// durable.
#[test]
fn the_one_that_fills_the_disk() {
    let Some(dir) = std::env::var_os(DIRECTORY) else {
        return;
    };
    let (journal, _) = Journal::open(Path::new(&dir), Grouping::default()).unwrap();
    for task in 0.. {
        let record = task_ended(task, vec![b'x'; 700]);
        match journal
            .appender()
            .append_urgent(&record)
            .map(|ticket| ticket.wait())
        {
            Ok(Ok(())) => println!("durable {task}"),
            Ok(Err(error)) | Err(error) => {
                assert!(error.is_full(), "{error:?}");
                println!("full");
                break;
            }
        }
    }
    assert!(journal.close().unwrap_err().is_full());
}

/// A real limit of the system, in the middle of a frame.
#[cfg(target_os = "linux")]
#[test]
fn what_was_durable_before_the_disk_was_full_stays_readable() {
    let dir = tempfile::tempdir().unwrap();
    Journal::create(dir.path(), started(), Grouping::default())
        .unwrap()
        .close()
        .unwrap();
    let name = "journal::tests::full::the_one_that_fills_the_disk";
    let script = format!("trap '' XFSZ; ulimit -f 64; exec \"$0\" {name} --exact --nocapture");
    let child = Command::new("sh")
        .arg("-c")
        .arg(script)
        .arg(std::env::current_exe().unwrap())
        .env(DIRECTORY, dir.path())
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(child.status.success());
    let out = String::from_utf8(child.stdout).unwrap();
    assert!(out.contains("full\n"), "{out}");
    let told = out.matches("durable ").count();
    assert!(told > 10);
    let recovered = recover(dir.path()).unwrap();
    assert!((0..told as u32).all(|task| recovered.settled.contains_key(&task)));
    // There is room again: the session goes on.
    let (journal, recovered) = Journal::open(dir.path(), Grouping::default()).unwrap();
    assert!(recovered.torn.is_some());
    let next = task_ended(told as u32, vec![]);
    journal.appender().append(&next).unwrap().wait().unwrap();
    journal.close().unwrap();
    assert_eq!(recover(dir.path()).unwrap().settled.len(), told + 1);
}

/// Nobody may write there, not even a superuser.
#[cfg(target_os = "linux")]
#[test]
fn a_directory_that_cannot_be_written_is_said() {
    let error = Journal::create(Path::new("/proc"), started(), Grouping::default()).unwrap_err();
    assert!(matches!(error, JournalError::Io { .. }));
    assert!(
        error.to_string().starts_with("cannot use the journal /proc/"),
        "{error}"
    );
}
