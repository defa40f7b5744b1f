//! A session that ended before it had begun, and two that begin at once.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::{bench, ended, start, start_session};
use crate::support::{Bench, plugin};

const SESSION: &str = "session: test\ntasks:\n- { id: a, agent: shout, input: { text: one } }\n";
const BOARD: &str = r#"{"nodes":[{"id":"n","type":"text","text":"one","color":"4","x":0,"y":0,"width":250,"height":60}],"edges":[]}"#;

/// A board and a session file of a task that needs no time; both have been run,
/// so that plugins are compiled.
fn quick() -> Bench {
    let bench = Bench::with_config(&format!(
        "agents:\n  shout: {{ plugin: {:?} }}\nboards:\n  rules:\n    - {{ agent: shout, when: {{ color: \"4\" }} }}\n",
        plugin("shout")
    ));
    bench.write("b.canvas", BOARD);
    bench.write("s.yaml", SESSION);
    for source in ["b.canvas", "s.yaml"] {
        bench
            .fusebox(&["run", source, "--out", &format!("whole-{source}")])
            .expect(0);
    }
    bench
}

/// A folder with its files and the folders in it; sockets are left out.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (kind, to) = (entry.file_type().unwrap(), to.join(entry.file_name()));
        if kind.is_dir() {
            copy(&entry.path(), &to);
        } else if kind.is_file() {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Either there is a session that goes on, or one can begin: one of both, always.
#[track_caller]
fn one_of_two_works(bench: &Bench, source: &str, when: &str) -> bool {
    let (out, twin) = (bench.path("out"), bench.path("twin"));
    if out.exists() {
        copy(&out, &twin);
    }
    let resumed = bench.fusebox(&["resume", "out"]);
    let run = bench.fusebox(&["run", source, "--out", "twin"]);
    let said = format!("{when}: {}\n{}", resumed.stderr, run.stderr);
    let codes = (resumed.code.unwrap(), run.code.unwrap());
    assert!(matches!(codes, (0, 73) | (66, 0)), "{codes:?} {said}");
    if codes.0 == 66 && out.exists() {
        assert!(said.contains("no session began here"), "{said}");
        assert!(said.contains("fusebox run .. --out out"), "{said}");
    }
    for folder in [out, twin] {
        let _ = fs::remove_dir_all(folder);
    }
    codes.0 == 0
}

fn number(name: &str, otherwise: u32) -> u32 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

#[test]
fn whenever_a_host_is_killed_a_session_goes_on_or_can_begin() {
    let bench = quick();
    let begun = Instant::now();
    bench.fusebox(&["run", "b.canvas", "--out", "timed"]).expect(0);
    let whole = begun.elapsed();
    let mut went_on = 0;
    let kills = number("FUSEBOX_EARLY_KILLS", 40);
    for kill in 0..kills {
        let source = ["b.canvas", "s.yaml"][kill as usize % 2];
        let mut child = start(&bench, &["run", source, "--out", "out"]);
        let begun = Instant::now();
        let wait = whole.mul_f64(f64::from(drawn(kill)) / f64::from(u16::MAX));
        // Half of them wait for a file that is early and are killed at once.
        let early = ["journal.lock", "results", "tasks.new", "tasks", "journal.new"];
        let file = bench.path("out").join(early[kill as usize % early.len()]);
        let is_time = || match kill % 4 {
            0 | 1 => begun.elapsed() >= wait,
            _ => file.exists() || begun.elapsed() > Duration::from_secs(10),
        };
        while !is_time() && child.try_wait().unwrap().is_none() {
            std::hint::spin_loop();
        }
        child.kill().ok();
        child.wait().unwrap();
        went_on += u32::from(one_of_two_works(
            &bench,
            source,
            &format!("kill {kill} after {wait:?}"),
        ));
    }
    println!("{kills} kills: {went_on} sessions went on, the others began");
    assert!(went_on < kills);
}

/// Numbers that look drawn, and are the same each time.
fn drawn(of: u32) -> u16 {
    (of.wrapping_mul(2_654_435_761) >> 13) as u16
}

/// Every prefix of the files that come before the journal.
#[test]
fn a_folder_in_which_no_session_began_is_used_again() {
    let bench = quick();
    let whole = bench.path("whole-b.canvas");
    let files = [
        "source.canvas.new",
        "source.canvas",
        "tasks.new",
        "tasks",
        "journal.new",
    ];
    for made in 0..=files.len() + 2 {
        let out = bench.path("out");
        fs::create_dir(&out).unwrap();
        if made > 0 {
            fs::write(out.join("journal.lock"), "1\n").unwrap();
        }
        if made > 1 {
            fs::create_dir(out.join("results")).unwrap();
        }
        for name in files.iter().take(made.saturating_sub(2)) {
            let from = fs::read(whole.join(name.trim_end_matches(".new"))).unwrap();
            let whole = if name.ends_with(".new") {
                from.len() / 2
            } else {
                from.len()
            };
            fs::write(out.join(name), &from[..whole]).unwrap();
        }
        assert!(!one_of_two_works(&bench, "s.yaml", &format!("{made} made")));
    }
    // The board that is left is not the session's.
    fs::create_dir_all(bench.path("out/results")).unwrap();
    fs::write(bench.path("out/source.canvas"), BOARD).unwrap();
    bench.fusebox(&["run", "s.yaml", "--out", "out"]).expect(0);
    fs::remove_file(bench.path("out/report.json")).unwrap();
    bench.fusebox(&["resume", "out"]).expect(0);
    assert!(!bench.path("out/board.canvas").exists());
}

#[test]
fn what_is_somebody_elses_is_left_alone() {
    let bench = bench();
    bench.write("session.yaml", SESSION);
    for name in ["results/paper.txt", "tasks", "source.canvas", "report.json"] {
        let folder = name.replace('/', "-");
        let path = bench.path(&folder).join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "of a person").unwrap();
        for _ in 0..2 {
            let refused = bench
                .fusebox(&["run", "session.yaml", "--out", &folder])
                .expect(73);
            assert!(
                refused.stderr.contains("choose another folder"),
                "{}",
                refused.stderr
            );
            assert!(!refused.stderr.contains("fusebox resume"), "{}", refused.stderr);
        }
        bench.fusebox(&["resume", &folder]).expect(66);
        assert_eq!(fs::read_to_string(&path).unwrap(), "of a person");
    }
}

#[test]
fn of_two_that_begin_at_once_one_does_and_the_other_is_told() {
    let bench = bench();
    let tasks =
        "- { id: a, agent: shout, input: { text: x } }\n- { id: long, agent: sleeps, input: { text: x } }\n";
    let mut first = start_session(&bench, tasks);
    super::kill_after(&bench, &mut first, 1);
    for turn in 0..4 {
        let out = format!("at-once-{turn}");
        let begin = || {
            let mut command = bench.command(&["run", "session.yaml", "--out", &out]);
            command
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let mut both = [begin(), begin()];
        let refused = loop {
            match both
                .iter_mut()
                .position(|child| child.try_wait().unwrap().is_some())
            {
                Some(at) => break at,
                None => std::thread::yield_now(),
            }
        };
        assert_eq!(both[refused].wait().unwrap().code(), Some(75));
        let begun = &mut both[1 - refused];
        while ended(&bench.path(&out)).is_empty() {
            assert!(begun.try_wait().unwrap().is_none(), "it ended before");
        }
        begun.kill().unwrap();
        begun.wait().unwrap();
        bench
            .fusebox(&["resume", &out, "--set=agents.sleeps.settings.ms=0"])
            .expect(0);
    }
}
