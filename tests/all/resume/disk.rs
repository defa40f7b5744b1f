//! A disk that takes nothing more, a journal whose end is torn, and two
//! processes.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::{bench, ended, kill_after, outcomes, start_session};
use crate::support::{Bench, Ended};

const QUICK: &str = "--set=agents.sleeps.settings.ms=0";
const TWO: &str = "- { id: a, agent: shout, input: { text: one } }\n- { id: long, agent: sleeps, after: [a], input: { text: x } }\n";

#[test]
fn a_torn_tail_is_cut_off_and_that_is_said() {
    let bench = bench();
    let mut child = start_session(&bench, TWO);
    kill_after(&bench, &mut child, 1);
    let mut journal = OpenOptions::new()
        .append(true)
        .open(bench.path("out/journal"))
        .unwrap();
    journal.write_all(b"half of a record").unwrap();
    let resumed = bench.fusebox(&["resume", "out", QUICK]).expect(0);
    assert!(
        resumed.stderr.contains("the journal's last 16 bytes"),
        "{}",
        resumed.stderr
    );
    assert_eq!(ended(&bench.path("out")), [0, 1]);
    let again = bench.fusebox(&["resume", "out"]).expect(0);
    assert!(!again.stderr.contains("cut off"), "{}", again.stderr);
}

#[test]
fn damage_to_what_was_durable_is_refused_by_name() {
    let bench = bench();
    bench
        .session("- { id: a, agent: shout, input: { text: one } }\n", "out")
        .expect(0);
    let path = bench.path("out/journal");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[60] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let refused = bench.fusebox(&["resume", "out"]).expect(65);
    assert!(
        refused.stderr.contains("journal is damaged at byte"),
        "{}",
        refused.stderr
    );
    let none = bench.fusebox(&["resume", "."]).expect(66);
    assert!(
        none.stderr.contains("holds no session that could be resumed"),
        "{}",
        none.stderr
    );
}

#[test]
fn two_processes_refuse_each_other_and_name_the_one_that_has_it() {
    let bench = bench();
    let mut child = start_session(&bench, TWO);
    while ended(&bench.path("out")).is_empty() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
    }
    let named = format!("(pid {})", child.id());
    for arguments in [&["resume", "out"][..], &["run", "session.yaml", "--out", "out"]] {
        let refused = bench.fusebox(arguments).expect(75);
        assert!(refused.stderr.contains(&named), "{}", refused.stderr);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let occupied = bench.fusebox(&["run", "session.yaml", "--out", "out"]).expect(73);
    assert!(
        occupied.stderr.contains("fusebox resume out"),
        "{}",
        occupied.stderr
    );
    bench.fusebox(&["resume", "out", QUICK]).expect(0);
}

/// Many small results, so that the journal outgrows whatever it may have.
fn many() -> String {
    let task = |n| {
        format!(
            "- {{ id: t{n}, agent: shout, input: {{ text: {} }} }}\n",
            "x".repeat(2_000)
        )
    };
    (0..2_000).map(task).collect()
}

/// The command in a shell that sets a limit to the size of files, in blocks of
/// 1024 bytes.
fn limited(bench: &Bench, blocks: u32, command: &str) -> Ended {
    let script = format!(
        "ulimit -f {blocks}; exec {} {command}",
        env!("CARGO_BIN_EXE_fusebox")
    );
    let mut shell = Command::new("bash");
    shell.args(["-c", &script]).current_dir(bench.path(""));
    shell
        .env("XDG_RUNTIME_DIR", bench.path(""))
        .env("XDG_STATE_HOME", bench.path("state"));
    Ended::of(shell.output().unwrap())
}

#[test]
fn a_full_disk_ends_the_session_with_what_was_durable_and_it_goes_on_once_there_is_room() {
    let bench = bench();
    bench.write("session.yaml", format!("session: test\ntasks:\n{}", many()));
    // Compiled before, so that the limit is met by the session alone.
    bench
        .fusebox(&["run", "session.yaml", "--out", "whole"])
        .expect(0);
    // More than the tasks take, less than the journal.
    let tasks = std::fs::metadata(bench.path("whole/tasks")).unwrap().len();
    let journal = std::fs::metadata(bench.path("whole/journal")).unwrap().len();
    assert!(tasks + 200_000 < journal, "{tasks} {journal}");
    let blocks = ((tasks + 100_000) / 1024) as u32;
    let full = limited(&bench, blocks, "run session.yaml --out out");
    assert_eq!(full.code, Some(73), "{}", full.stderr);
    assert!(full.stderr.contains("cannot write"), "{}", full.stderr);
    let kept = ended(&bench.path("out")).len();
    assert!(kept > 0 && kept < 2_000, "{kept}");
    let resumed = bench.fusebox(&["resume", "out"]).expect(0);
    assert!(
        resumed.stderr.contains(&format!("{kept} of 2000 tasks are over")),
        "{}",
        resumed.stderr
    );
    assert_eq!(
        outcomes(&bench.report("out").0),
        outcomes(&bench.report("whole").0)
    );
}

#[test]
fn a_disk_that_is_full_before_the_session_has_begun_is_said_and_it_begins_once_there_is_room() {
    let bench = bench();
    bench.write("session.yaml", format!("session: test\ntasks:\n{}", many()));
    bench
        .session("- { id: a, agent: shout, input: { text: one } }\n", "compiled")
        .expect(0);
    bench.write("session.yaml", format!("session: test\ntasks:\n{}", many()));
    let full = limited(&bench, 64, "run session.yaml --out out").expect(73);
    for said in ["cannot write the tasks of the session in out", "The disk is full"] {
        assert!(full.stderr.contains(said), "{said}: {}", full.stderr);
    }
    let none = bench.fusebox(&["resume", "out"]).expect(66);
    assert!(none.stderr.contains("no session began here"), "{}", none.stderr);
    bench.fusebox(&["run", "session.yaml", "--out", "out"]).expect(0);
}

/// Wherever the room ends: the board's copy, the tasks, the board. (With less
/// than this no plugin can be loaded.)
#[test]
fn whatever_cannot_be_written_for_want_of_room_ends_with_one_code() {
    let bench = Bench::with_config(&format!(
        "agents:\n  shout: {{ plugin: {:?} }}\nboards:\n  rules:\n    - {{ agent: shout, when: {{ color: \"4\" }} }}\n",
        crate::support::plugin("shout")
    ));
    let node = |n: usize| {
        serde_json::json!({ "id": format!("n{n}"), "type": "text", "text": "words ".repeat(n * 100), "color": "4",
            "x": 0, "y": 900 * n, "width": 250, "height": 60 })
    };
    let nodes: Vec<_> = (1..25).map(node).collect();
    bench.write(
        "b.canvas",
        serde_json::json!({ "nodes": nodes, "edges": [] }).to_string(),
    );
    bench.fusebox(&["run", "b.canvas", "--out", "whole"]).expect(0);
    let mut full = 0;
    for blocks in [64, 120, 170, 185, 200, 250, 300, 350, 400, 800] {
        let out = format!("out-{blocks}");
        let ended = limited(&bench, blocks, &format!("run b.canvas --out {out}"));
        assert!(
            matches!(ended.code, Some(0 | 73)),
            "{blocks}: {:?} {}",
            ended.code,
            ended.stderr
        );
        if ended.code == Some(0) {
            continue;
        }
        full += 1;
        assert!(ended.stderr.contains("cannot"), "{blocks}: {}", ended.stderr);
        assert!(
            ended.stderr.contains("The disk is full") || ended.stderr.contains("Make room"),
            "{blocks}: {}",
            ended.stderr
        );
        let mended = match bench.path(&out).join("journal").exists() {
            true => bench.fusebox(&["resume", &out]),
            false => bench.fusebox(&["run", "b.canvas", "--out", &out]),
        };
        mended.expect(0);
        let board = |out: &str| std::fs::read(bench.path(out).join("board.canvas")).unwrap();
        assert!(board(&out) == board("whole"), "{blocks}: another board");
    }
    assert!(full > 4, "{full}");
}

#[test]
fn a_folder_that_cannot_be_written_is_said_before_anything_runs() {
    let bench = bench();
    let mut child = start_session(&bench, TWO);
    kill_after(&bench, &mut child, 1);
    let lock = bench.path("out/journal.lock");
    std::fs::remove_file(&lock).unwrap();
    // A folder in its place: nobody can write there, not even the superuser.
    std::fs::create_dir(&lock).unwrap();
    let refused = bench.fusebox(&["resume", "out"]).expect(73);
    assert!(
        refused.stderr.contains("cannot use the journal"),
        "{}",
        refused.stderr
    );
    std::fs::remove_dir(&lock).unwrap();
    let folder = bench.path("closed");
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o500)).unwrap();
    if std::fs::write(folder.join("probe"), "").is_err() {
        bench
            .fusebox(&["run", "session.yaml", "--out", "closed/out"])
            .expect(73);
    }
    let nowhere = bench
        .fusebox(&["run", "session.yaml", "--out", "/proc/none"])
        .expect(73);
    assert!(
        nowhere.stderr.contains("cannot write /proc/none"),
        "{}",
        nowhere.stderr
    );
}
