//! Several processes take from one quota: nothing is lost and nothing counted
//! twice, though some of them are killed.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use super::*;
use fusebox_upstream::limits::{Ledger, Party};
use fusebox_upstream::rules::{QuotaRule, UpstreamLimits};
use std::time::Duration;

/// Says to the test below that it is one of several, and where the state is.
const DIRECTORY: &str = "STATE_OF_SEVERAL";
const PROCESSES: usize = 4;
const TAKES: u64 = 60;

/// More than all of them together take.
const REQUESTS: u32 = 10_000;

fn limits() -> UpstreamLimits {
    UpstreamLimits {
        quotas: vec![QuotaRule {
            requests: REQUESTS,
            window: Duration::from_secs(3600),
        }],
        ..UpstreamLimits::default()
    }
}

/// Whether there was one more.
fn take_from(ledger: &mut Ledger) -> bool {
    let party = Party {
        who: "writer",
        all: &["writer".to_owned()].into(),
    };
    ledger.take(&limits(), 1_000_000, party).is_ok()
}

fn take(state: &State) {
    let taken = |old: Option<Ledger>| {
        let mut ledger = old.unwrap_or_default();
        assert!(take_from(&mut ledger));
        (Some(ledger), ())
    };
    state.update(&QUOTAS, "llm", taken).unwrap();
}

#[test]
fn the_one_that_takes() {
    let Some(dir) = std::env::var_os(DIRECTORY) else {
        return;
    };
    let state = State::open(Path::new(&dir)).unwrap();
    for _ in 0..TAKES {
        take(&state);
        writeln!(std::io::stdout().lock(), "taken").unwrap();
    }
}

/// Lets several processes take, kills some of them in the middle, and says how
/// many takes were announced and how many were counted.
fn several(kill: bool) -> (u64, u64) {
    let base = tempfile::tempdir().unwrap();
    let dir = base.path().join("state");
    let state = State::open(&dir).unwrap();
    let children: Vec<_> = (0..PROCESSES)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args(["state::processes::the_one_that_takes", "--exact", "--nocapture"])
                .env(DIRECTORY, &dir)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let mut announced = 0;
    for (at, mut child) in children.into_iter().enumerate() {
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut own = 0;
        for line in lines {
            own += u64::from(line.unwrap().ends_with("taken"));
            if kill && at % 2 == 0 && own == TAKES / 4 {
                child.kill().unwrap();
            }
        }
        announced += own;
        child.wait().unwrap();
    }
    let mut ledger = state.get(&QUOTAS, "llm").unwrap().unwrap();
    let left = std::iter::repeat_with(|| take_from(&mut ledger)).take_while(|more| *more);
    let left = left.count() as u64;
    (announced, u64::from(REQUESTS) - left)
}

#[test]
fn takes_of_several_processes_are_all_counted() {
    let all = PROCESSES as u64 * TAKES;
    assert_eq!(several(false), (all, all));
}

#[test]
fn a_killed_process_leaves_a_whole_count_and_no_lock() {
    let (announced, counted) = several(true);
    // Each that was killed may have counted one take that it did not announce.
    assert!(
        counted >= announced && counted <= announced + PROCESSES as u64,
        "{announced} {counted}"
    );
}
