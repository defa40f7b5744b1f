//! A host that is killed at any moment: what it had told of is there.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::record::Started;
use super::tests::task_ended;
use super::{Grouping, Journal, recover};

/// Says to the test below that it is the one to be killed, and where it writes.
const DIRECTORY: &str = "JOURNAL_OF_THE_KILLED";
const KILLS: u32 = 200;
const WRITERS: u32 = 3;

/// What runs in the child: goes on with the journal and tells of each record
/// once it is durable, until it is killed.
#[test]
fn the_one_that_is_killed() {
    let Some(dir) = std::env::var_os(DIRECTORY) else {
        return;
    };
    let (journal, recovered) = Journal::open(Path::new(&dir), Grouping::default()).unwrap();
    let from = recovered.settled.keys().max().map_or(0, |last| last + 1);
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let appender = journal.appender();
            scope.spawn(move || {
                for task in (from + writer..).step_by(WRITERS as usize) {
                    let size = (task as usize * 37) % 1_000;
                    let record = task_ended(task, vec![task as u8; size]);
                    let ticket = match task % 3 {
                        0 => appender.append_urgent(&record).unwrap(),
                        _ => appender.append(&record).unwrap(),
                    };
                    ticket.wait().unwrap();
                    writeln!(std::io::stdout().lock(), "durable {task}").unwrap();
                }
            });
        }
    });
}

fn child(dir: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["journal::kills::the_one_that_is_killed", "--exact", "--nocapture"])
        .env(DIRECTORY, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The child tells of some records and is killed at some moment after that;
/// gives all that it told of.
fn run_and_kill(dir: &Path, lines: u64, spin: u64) -> Vec<u32> {
    let mut child = child(dir);
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let (mut told, mut line) = (Vec::new(), String::new());
    loop {
        line.clear();
        if out.read_line(&mut line).unwrap() == 0 {
            break;
        }
        // The harness puts words of its own in front of the first line.
        if let Some(at) = line.find("durable ")
            && line.ends_with('\n')
        {
            told.push(line[at + 8..].trim().parse().unwrap());
        }
        if told.len() as u64 == lines {
            (0..spin).for_each(|_| std::hint::spin_loop());
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    told
}

#[test]
fn a_killed_host_has_lost_nothing_that_it_told_of() {
    let dir = tempfile::tempdir().unwrap();
    let started = Started {
        tasks: u32::MAX,
        ..Started::default()
    };
    drop(Journal::create(dir.path(), started, Grouping::default()).unwrap());
    let (mut told, mut torn) = (0, 0);
    for kill in 0..KILLS {
        let chance = getrandom::u64().unwrap();
        let announced = run_and_kill(dir.path(), 1 + chance % 12, (chance >> 32) % 300_000);
        let recovered = recover(dir.path()).unwrap();
        for task in &announced {
            assert!(
                recovered.settled.contains_key(task),
                "kill {kill}: task {task} is lost"
            );
        }
        told += announced.len();
        torn += u32::from(recovered.torn.is_some());
    }
    assert!(told >= KILLS as usize);
    println!("{KILLS} kills, {told} records told of, {torn} torn tails");
}
