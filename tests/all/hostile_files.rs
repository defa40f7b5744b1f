//! Others may have touched a session's directory and the state: whatever stands
//! in the place of a file there, nothing outside is written to, nothing is
//! waited for, and little is held.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::beside::{self, HOSTILE, NEIGHBOURS, Scene, Seen, unchanged};
use crate::guest::Guest;
use crate::support::{Bench, Ended, plugin};

const LONGEST: Duration = Duration::from_secs(20);
const MOST_KB: u64 = 600_000;
/// Names that only a host that was killed, or a session of a board, leaves.
const OF_OTHERS: [&str; 6] = [
    "journal.new",
    "tasks.new",
    "results/new",
    "report.json.part",
    "source.canvas.new",
    "board.canvas.new",
];
const KINDS: [&str; 8] = [
    "link", "dangling", "beside", "hard", "pipe", "device", "folder", "sparse",
];
const TASKS: &str = "- { id: a, agent: shout, input: { text: one } }\n\
     - { id: b, agent: chaos, settings: { mode: panic }, input: { text: x } }\n\
     - { id: c, agent: shout, input: { file: big.txt } }\n";

fn bench() -> Bench {
    let bench = Bench::with_config(&format!(
        "agents:\n  shout: {{ plugin: {:?} }}\n  chaos: {{ plugin: {:?}, retry: {{ max_attempts: 1 }}, \
         breaker: {{ failure_threshold: 1 }} }}\n",
        plugin("shout"),
        plugin("chaos")
    ));
    bench.write("big.txt", "x".repeat(5000));
    bench.write("victim", "victim");
    bench.session(TASKS, "made").expect(3);
    bench
}

/// All files below a folder, by their names in it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => found.push(path.strip_prefix(folder).unwrap().to_owned()),
            }
        }
    }
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(&file);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(from.join(&file), target).unwrap();
    }
}

/// Puts something in the place of a file. False if only the superuser may.
fn put(bench: &Bench, kind: &str, at: &Path) -> bool {
    fs::create_dir_all(at.parent().unwrap()).unwrap();
    let _ = fs::remove_file(at);
    match kind {
        "link" => symlink(bench.path("victim"), at).unwrap(),
        "dangling" => symlink(bench.path("none"), at).unwrap(),
        "beside" => {
            fs::write(at.with_extension("own"), "own").unwrap();
            symlink(at.with_extension("own"), at).unwrap();
        }
        "hard" => fs::hard_link(bench.path("victim"), at).unwrap(),
        // One that has no end.
        "device" => {
            let mut made = Command::new("mknod");
            let made = made.arg(at).args(["c", "1", "5"]).stderr(Stdio::null()).status();
            return made.unwrap().success();
        }
        "pipe" => assert!(Command::new("mkfifo").arg(at).status().unwrap().success()),
        "folder" => fs::create_dir(at).unwrap(),
        _ => File::create(at).unwrap().set_len(10 << 30).unwrap(),
    }
    true
}

/// Runs the program and watches its time and its memory.
fn watched(bench: &Bench, arguments: &[&str], what: &str) -> Ended {
    let mut command = bench.command(arguments);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (started, status) = (Instant::now(), format!("/proc/{}/status", child.id()));
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > LONGEST {
            child.kill().unwrap();
            panic!("{what}: {arguments:?} hangs");
        }
        let text = fs::read_to_string(&status).unwrap_or_default();
        let held = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let held = held.and_then(|held| held.trim().trim_end_matches(" kB").parse().ok());
        peak = held.unwrap_or(0).max(peak);
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(peak < MOST_KB, "{what}: {arguments:?} held {peak} kB");
    let ended = Ended::of(child.wait_with_output().unwrap());
    assert!(
        matches!(ended.code, Some(0 | 1 | 3 | 65 | 66 | 70 | 73 | 75 | 78)),
        "{what}: {arguments:?}: {:?} {}",
        ended.code,
        ended.stderr
    );
    ended
}

/// Each of these in the place of each file, under each command.
fn try_all(names: &[PathBuf], place: impl Fn(&Bench) -> PathBuf, commands: &[&[&str]]) {
    let (bench, mut faults) = (bench(), Vec::new());
    for (name, kind) in names.iter().flat_map(|name| KINDS.map(|kind| (name, kind))) {
        for command in commands {
            let what = format!("{kind} as {}", name.display());
            let _ = fs::remove_dir_all(bench.path("out"));
            if command[0] == "run" {
                fs::create_dir_all(bench.path("out/results")).unwrap();
            } else {
                copy(&bench.path("made"), &bench.path("out"));
            }
            let at = place(&bench).join(name);
            let was = fs::read(&at).ok();
            if !put(&bench, kind, &at) {
                continue;
            }
            let ended = watched(&bench, command, &what);
            assert_eq!(
                fs::read(bench.path("victim")).unwrap(),
                b"victim",
                "{what}: {command:?}"
            );
            assert!(!bench.path("none").exists(), "{what}: {command:?}");
            if kind == "beside" {
                assert_eq!(
                    fs::read(at.with_extension("own")).unwrap(),
                    b"own",
                    "{what}: {command:?}"
                );
                fs::remove_file(at.with_extension("own")).unwrap();
            }
            if !is_told(&ended, name) {
                faults.push(format!("{what}: {command:?}: {:?} {}", ended.code, ended.stderr));
            }
            let _ = fs::remove_dir_all(&at);
            let _ = fs::remove_file(&at);
            if let Some(was) = was {
                fs::write(&at, was).unwrap();
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Whether a command that could not do its work names the file, or the session
/// that is none or is there already.
fn is_told(ended: &Ended, name: &Path) -> bool {
    let stem = name.file_stem().unwrap().to_str().unwrap();
    let told = [stem, "holds no session", "already holds", "the session in out is"];
    matches!(ended.code, Some(0 | 1 | 3)) || told.iter().any(|told| ended.stderr.contains(told))
}

#[test]
fn whatever_stands_in_a_session_s_directory_nothing_outside_is_touched() {
    let bench = bench();
    let mut names = files(&bench.path("made"));
    names.extend(OF_OTHERS.map(PathBuf::from));
    for expected in ["journal", "journal.lock", "journal.end", "tasks", "report.json"] {
        assert!(names.iter().any(|name| name == Path::new(expected)), "{expected}");
    }
    let commands: [&[&str]; 5] = [
        &["run", "session.yaml", "--out", "out"],
        &["resume", "out", "--retry-failed"],
        &["resume", "out", "--salvage"],
        &["status", "out"],
        &["breaker", "list", "out"],
    ];
    try_all(&names, |bench| bench.path("out"), &commands);
}

#[test]
fn whatever_stands_in_the_state_nothing_outside_is_touched() {
    let bench = bench();
    let mut names = files(&bench.path("state/fusebox"));
    names.push("circuits/draft".into());
    assert!(
        names.iter().any(|name| name.ends_with("circuits/lock")),
        "{names:?}"
    );
    let commands: [&[&str]; 3] = [
        &["run", "session.yaml", "--out", "out"],
        &["breaker", "reset", "out", "agent:chaos"],
        &["quarantine", "list", "out"],
    ];
    try_all(&names, |bench| bench.path("state/fusebox"), &commands);
}

/// Names in a session's directory that a run makes or takes in its turn.
const OF_A_RUN: [&str; 9] = [
    "journal",
    "journal.new",
    "journal.lock",
    "journal.end",
    "tasks.new",
    "results/new",
    "report.json.part",
    "report.json",
    "logs/guests.jsonl",
];

/// A session of twenty neighbours whose directory holds this.
fn of_neighbours(guest: &Guest, kind: &str, names: &[&str], tasks: usize) -> Option<Bench> {
    let bench = Scene::new(guest.component()).bench(tasks);
    bench.write("victim", "victim");
    let put = |name: &&str| put(&bench, kind, &bench.path("out").join(name));
    let all = names.iter().all(put);
    all.then_some(bench)
}

/// Each neighbour has its result, or the run says what is in its way.
#[test]
fn whatever_stands_in_a_session_s_directory_its_neighbours_are_as_they_were() {
    for (kind, name) in KINDS.iter().flat_map(|kind| OF_A_RUN.map(|name| (kind, name))) {
        let what = format!("{kind} as {name}");
        let Some(bench) = of_neighbours(&Guest::new(""), kind, &[name], HOSTILE) else {
            continue;
        };
        let (ended, most) = beside::run(&bench);
        assert_eq!(fs::read(bench.path("victim")).unwrap(), b"victim", "{what}");
        let seen = Seen { bench, ended, most };
        match seen.ended.code {
            Some(0) => unchanged(&seen.report(), &what),
            code => {
                let told = matches!(code, Some(65 | 73 | 75)) && is_told(&seen.ended, Path::new(name));
                assert!(told, "{what}: {code:?} {}", seen.ended.stderr);
            }
        }
        seen.within(0, &what);
    }
}

/// The folder of the results becomes a link out and back again, all the time.
#[test]
fn a_folder_that_is_swapped_for_a_link_leads_nowhere() {
    let bench = Scene::new(Guest::new("").component()).bench(500);
    let outside = bench.path("outside");
    fs::create_dir(&outside).unwrap();
    let mut child = beside::start(&bench);
    let (results, aside) = (bench.path("out/results"), bench.path("out/aside"));
    while child.try_wait().unwrap().is_none() {
        if fs::rename(&results, &aside).is_ok() {
            symlink(&outside, &results).unwrap();
            std::thread::yield_now();
            let _ = fs::remove_file(&results);
            let _ = fs::rename(&aside, &results);
        }
    }
    let ended = Ended::of(child.wait_with_output().unwrap());
    assert!(
        matches!(ended.code, Some(0 | 73)),
        "{:?} {}",
        ended.code,
        ended.stderr
    );
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
}

#[test]
fn ctrl_c_ends_a_session_whose_directory_holds_pipes_and_links() {
    for kind in ["pipe", "link", "hard", "device"] {
        let names = ["journal.new", "tasks.new"];
        let Some(bench) = of_neighbours(&Guest::new("(loop (br 0))"), kind, &names, 60) else {
            continue;
        };
        let mut child = beside::start(&bench);
        beside::await_tasks(&bench, &mut child, NEIGHBOURS, kind);
        beside::interrupt(child, kind);
        unchanged(&bench.report("out"), kind);
        assert_eq!(fs::read(bench.path("victim")).unwrap(), b"victim", "{kind}");
    }
}
