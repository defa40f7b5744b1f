//! Files: a plugin reaches the folders that were granted, as far as they were
//! granted, and nothing else, whatever it tries and whatever lies in them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::resident::most_resident;
use crate::support::{Bench, Ended, Report, plugin};

const GRANTS: &str = "files: [{ path: data, mount: /data }, \
    { path: out, mount: /out, write: true, quota: 10KiB, max_files: 5 }, \
    { path: more, mount: /more, write: true }]";

/// Folders that are granted, and others beside them that are not.
fn bench(grants: &str) -> Bench {
    let bench = Bench::with_config(&format!(
        "agents:\n  chaos:\n    plugin: {:?}\n    grants: {{ {grants} }}\n    retry: {{ base: 1ms }}\n    breaker: {{ mode: \"off\" }}\n  shout: {{ plugin: {:?} }}\n",
        plugin("chaos"),
        plugin("shout")
    ));
    for folder in ["data/inner", "out", "more", "outside/inner"] {
        fs::create_dir_all(bench.path(folder)).unwrap();
    }
    bench.write("data/a.txt", "granted");
    bench.write("data/inner/b.txt", "below");
    bench.write("outside/secret.txt", "secret");
    bench.write("outside/linked.txt", "linked");
    bench
}

/// A task that carries out steps.
fn task(id: &str, steps: &[Value]) -> String {
    let settings = json!({"mode": "files", "steps": steps});
    format!("- {{ id: {id}, agent: chaos, settings: {settings}, input: {{ text: x }} }}\n")
}

fn session(bench: &Bench, tasks: &[(&str, Vec<Value>)]) -> Report {
    let tasks: String = tasks.iter().map(|(id, steps)| task(id, steps)).collect();
    bench.session(&tasks, "results");
    bench.report("results")
}

/// What the steps of a task came to, a line each.
#[track_caller]
fn lines(bench: &Bench, report: &Report, id: &str) -> Vec<String> {
    let output = &report.task(id)["output"];
    let text = match &output["inline"] {
        Value::String(text) => text.clone(),
        Value::Null => {
            let path = output["path"]
                .as_str()
                .unwrap_or_else(|| panic!("{}", report.task(id)));
            fs::read_to_string(bench.path("results").join(path)).unwrap()
        }
        inline => inline.to_string(),
    };
    let output: Value = serde_json::from_str(&text).unwrap();
    output["echo"]
        .as_str()
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

/// All that is below a folder: kind, size, names and content. Nothing that a
/// plugin might have changed is left out.
fn tree(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let meta = fs::symlink_metadata(&path).unwrap();
            let content = match meta.is_file() {
                true => String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned(),
                false => format!("{:?}", meta.file_type()),
            };
            let said = format!(
                "{:o} {} {:?} {content}",
                meta.mode(),
                meta.nlink(),
                meta.modified().unwrap()
            );
            if meta.is_dir() {
                folders.push(path.clone());
            }
            found.insert(path, said);
        }
    }
    found
}

fn pipe(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success());
}

#[test]
fn a_granted_folder_is_read_and_written_as_it_was_granted() {
    let bench = bench(GRANTS);
    symlink("a.txt", bench.path("data/same")).unwrap();
    let steps = vec![
        json!({"path": "a.txt"}),
        json!({"path": "inner/../same"}),
        json!({"does": "list", "path": "."}),
        json!({"does": "stat", "path": "a.txt"}),
        json!({"does": "write", "at": "/out", "path": "new.txt", "bytes": 10}),
        json!({"does": "append", "at": "/out", "path": "new.txt", "bytes": 5}),
        json!({"does": "stat", "at": "/out", "path": "new.txt"}),
        json!({"does": "make-folder", "at": "/out", "path": "in"}),
        json!({"does": "rename", "at": "/out", "path": "new.txt", "to_at": "/out", "to": "in/old.txt"}),
        json!({"does": "set-times", "at": "/out", "path": "in/old.txt"}),
        json!({"does": "get", "path": "/data/inner/b.txt"}),
        json!({"does": "put", "path": "/out/put.txt", "bytes": 7}),
        json!({"does": "remove", "at": "/out", "path": "put.txt"}),
    ];
    let report = session(&bench, &[("a", steps)]);
    assert_eq!(
        lines(&bench, &report, "a"),
        [
            "granted",
            "granted",
            "a.txt inner same",
            "DescriptorType::RegularFile 7",
            "ok 10",
            "ok",
            "DescriptorType::RegularFile 15",
            "ok",
            "ok",
            "ok",
            "below",
            "ok",
            "ok"
        ]
    );
    assert_eq!(
        fs::read(bench.path("out/in/old.txt")).unwrap(),
        b"xxxxxxxxxxxxxxx"
    );
    assert_eq!(fs::read_dir(bench.path("out")).unwrap().count(), 1);
}

/// What is tried, what the guest is told, and what the report says.
#[rustfmt::skip]
fn attempts() -> Vec<(&'static str, Value, &'static str, &'static str)> {
    let denied = "denied.file";
    vec![
        ("dot-dot", json!({"path": "../outside/secret.txt"}), "not-permitted", denied),
        ("dot-dot-inside", json!({"path": "inner/../../outside/secret.txt"}), "not-permitted", denied),
        ("absolute", json!({"path": "/etc/passwd"}), "not-permitted", denied),
        ("not-granted", json!({"at": "/", "path": "outside/secret.txt"}), "no-entry", denied),
        ("not-granted-list", json!({"does": "list", "at": "/", "path": "outside"}), "no-entry", denied),
        ("not-granted-write", json!({"does": "write", "at": "/", "path": "tmp/x"}), "no-entry", denied),
        ("link-out", json!({"path": "link-out"}), "not-permitted", denied),
        ("link-out-absolute", json!({"path": "link-absolute"}), "not-permitted", denied),
        ("link-out-and-in", json!({"path": "link-out-and-in"}), "not-permitted", denied),
        ("link-folder", json!({"path": "link-folder/secret.txt"}), "not-permitted", denied),
        ("link-stat", json!({"does": "stat", "path": "link-out"}), "not-permitted", denied),
        ("link-list", json!({"does": "list", "path": "link-folder"}), "not-permitted", denied),
        ("link-not-followed", json!({"path": "same", "follow": false}), "loop", "guest.file.loop"),
        ("link-folder-slash", json!({"does": "list", "path": "link-folder/"}), "not-permitted", denied),
        ("link-folder-slash-own", json!({"does": "list", "path": "link-folder/", "follow": false}), "loop", "guest.file.loop"),
        ("link-folder-slash-dot", json!({"does": "list", "path": "link-folder/.", "follow": false}), "loop", "guest.file.loop"),
        ("link-file-slash", json!({"path": "link-out/", "follow": false}), "loop", "guest.file.loop"),
        ("link-make-slash", json!({"does": "make-folder", "at": "/out", "path": "link-new/"}), "exist", "guest.file.exist"),
        ("link-write-slash", json!({"does": "write", "at": "/out", "path": "link-new/"}), "not-permitted", denied),
        ("link-remove-slash", json!({"does": "remove-folder", "at": "/out", "path": "link-folder/"}), "not-permitted", denied),
        ("link-write", json!({"does": "write", "at": "/out", "path": "link-out"}), "not-permitted", denied),
        ("link-times", json!({"does": "set-times", "at": "/out", "path": "link-out"}), "not-permitted", denied),
        ("link-dangling", json!({"does": "write", "at": "/out", "path": "link-new"}), "not-permitted", denied),
        ("readlink-absolute", json!({"does": "readlink", "path": "link-absolute"}), "not-permitted", denied),
        ("make-link", json!({"does": "symlink", "at": "/out", "path": "/etc/passwd", "to": "made"}), "not-permitted", denied),
        ("make-link-in", json!({"does": "symlink", "at": "/out", "path": "a", "to": "made"}), "not-permitted", denied),
        ("make-hard-link", json!({"does": "link", "at": "/more", "path": "file", "to_at": "/out", "to": "made"}), "not-permitted", denied),
        ("hard-link-write", json!({"does": "write", "at": "/out", "path": "hard"}), "not-permitted", denied),
        ("hard-link-times", json!({"does": "set-times", "at": "/out", "path": "hard"}), "not-permitted", denied),
        ("hard-link-times-own", json!({"does": "set-times", "at": "/out", "path": "hard", "follow": false}), "not-permitted", denied),
        ("hard-link-truncate", json!({"does": "truncate", "at": "/out", "path": "hard"}), "not-permitted", denied),
        ("pipe", json!({"path": "pipe"}), "not-permitted", denied),
        ("pipe-write", json!({"does": "write", "at": "/out", "path": "pipe"}), "not-permitted", denied),
        ("pipe-times", json!({"does": "set-times", "at": "/out", "path": "pipe"}), "not-permitted", denied),
        ("pipe-linked", json!({"path": "to-pipe"}), "not-permitted", denied),
        ("proc", json!({"path": "proc/self/environ"}), "not-permitted", denied),
        ("read-only-write", json!({"does": "write", "path": "a.txt"}), "read-only", denied),
        ("read-only-create", json!({"does": "create", "path": "new"}), "read-only", denied),
        ("read-only-truncate", json!({"does": "truncate", "path": "a.txt"}), "read-only", denied),
        ("read-only-size", json!({"does": "set-size", "path": "a.txt"}), "read-only", denied),
        ("read-only-remove", json!({"does": "remove", "path": "a.txt"}), "read-only", denied),
        ("read-only-folder", json!({"does": "make-folder", "path": "new"}), "read-only", denied),
        ("read-only-rename", json!({"does": "rename", "path": "a.txt", "to": "b.txt"}), "read-only", denied),
        ("read-only-rename-out", json!({"does": "rename", "path": "a.txt", "to_at": "/out", "to": "b.txt"}), "read-only", denied),
        ("read-only-times", json!({"does": "set-times", "path": "a.txt"}), "read-only", denied),
        ("rename-out", json!({"does": "rename", "at": "/more", "path": "file", "to_at": "/more", "to": "../outside/new"}), "not-permitted", denied),
        ("rename-in", json!({"does": "rename", "at": "/more", "path": "../outside/secret.txt", "to_at": "/more", "to": "stolen"}), "not-permitted", denied),
        ("rename-over", json!({"does": "rename", "at": "/more", "path": "file", "to_at": "/out", "to": "new"}), "cross-device", "guest.file.cross-device"),
        ("remove-out", json!({"does": "remove", "at": "/more", "path": "../outside/secret.txt"}), "not-permitted", denied),
        ("remove-folder-out", json!({"does": "remove-folder", "at": "/more", "path": "../outside/inner"}), "not-permitted", denied),
        ("make-folder-out", json!({"does": "make-folder", "at": "/more", "path": "../outside/new"}), "not-permitted", denied),
        ("long-name", json!({"does": "write", "at": "/more", "path": "n".repeat(300)}), "name-too-long", "guest.file.name-too-long"),
        ("long-path", json!({"path": "inner/".repeat(2000)}), "name-too-long", "guest.file.name-too-long"),
        ("nul", json!({"path": "a.txt\u{0}b"}), "invalid", "guest.file.invalid"),
        ("gap", json!({"does": "write", "at": "/out", "path": "sparse", "offset": 1_u64 << 40}), "quota", "limit.file-bytes"),
        ("gap-stream", json!({"does": "stream", "at": "/out", "path": "sparse", "offset": 1_u64 << 40}), "insufficient-space", "limit.file-bytes"),
        ("sparse", json!({"does": "set-size", "at": "/out", "path": "sparse", "bytes": 1_u64 << 40}), "quota", "limit.file-bytes"),
    ]
}

#[test]
fn what_is_tried_beyond_a_grant_is_refused_with_its_code_and_nothing_outside_is_touched() {
    // What is refused later has taken its file as well, so there has to be room.
    let bench = bench(&GRANTS.replace("max_files: 5", "max_files: 1000"));
    for folder in ["data", "out"] {
        symlink("../outside/secret.txt", bench.path(&format!("{folder}/link-out"))).unwrap();
        pipe(&bench.path(&format!("{folder}/pipe")));
    }
    symlink("/etc/passwd", bench.path("data/link-absolute")).unwrap();
    symlink("../data/a.txt", bench.path("data/link-out-and-in")).unwrap();
    symlink("../outside", bench.path("data/link-folder")).unwrap();
    symlink("../outside/inner", bench.path("out/link-folder")).unwrap();
    symlink("a.txt", bench.path("data/same")).unwrap();
    symlink("pipe", bench.path("data/to-pipe")).unwrap();
    symlink("/proc", bench.path("data/proc")).unwrap();
    symlink("../outside/new", bench.path("out/link-new")).unwrap();
    fs::hard_link(bench.path("outside/linked.txt"), bench.path("out/hard")).unwrap();
    bench.write("more/file", "file");
    let outside = || {
        [
            tree(&bench.path("outside")),
            tree(&bench.path("data")),
            tree(&bench.path("more")),
        ]
    };
    let before = outside();
    let attempts = attempts();
    let tasks: Vec<_> = attempts
        .iter()
        .flat_map(|(name, step, ..)| {
            let mut must = step.clone();
            must["must"] = json!(true);
            [(*name, vec![step.clone()]), (name, vec![must])]
        })
        .enumerate()
        .map(|(index, (name, steps))| (format!("{name}-{}", index % 2), steps))
        .collect();
    let tasks: Vec<_> = tasks
        .iter()
        .map(|(id, steps)| (id.as_str(), steps.clone()))
        .collect();
    let report = session(&bench, &tasks);
    let found = attempts.iter().map(|(name, ..)| {
        let told = lines(&bench, &report, &format!("{name}-0")).concat();
        (*name, told, report.code(&format!("{name}-1")).to_owned())
    });
    let expected = attempts
        .iter()
        .map(|(name, _, told, code)| (*name, (*told).to_owned(), (*code).to_owned()));
    let others: Vec<_> = found
        .zip(expected)
        .filter(|(found, expected)| found != expected)
        .collect();
    assert!(others.is_empty(), "{others:#?}");
    assert_eq!(outside(), before);
    assert_eq!(fs::read(bench.path("outside/linked.txt")).unwrap(), b"linked");
}

#[test]
fn a_denial_names_the_grant_to_add() {
    let bench = bench("upstreams: []");
    let steps = vec![json!({"does": "get", "path": "/data/in/a.csv"})];
    let report = session(&bench, &[("a", steps)]);
    assert_eq!(report.code("a"), "denied.file");
    let failure = &report.task("a")["failure"];
    let message = failure["message"].as_str().unwrap();
    for part in ["/data/in/a.csv", "mount: /data }", "agents.chaos.grants.files"] {
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(failure["blame"], "operator");
    assert_eq!(report.task("a")["attempts"].as_array().map_or(1, Vec::len), 1);
}

/// Both bounds hold for all attempts of a run together, and are met exactly.
#[test]
fn a_folder_takes_no_more_bytes_and_files_than_its_grant_says() {
    let bench = bench(GRANTS);
    let bytes =
        |name: &str, bytes: u64| json!({"does": "stream", "at": "/out", "path": name, "bytes": bytes});
    let many = json!({"does": "create", "at": "/out", "path": "many-%", "times": 100});
    let folder = json!({"does": "make-folder", "at": "/out", "path": "folder"});
    let report = session(
        &bench,
        &[(
            "a",
            vec![bytes("one", 6 << 10), bytes("one", 4 << 10), bytes("one", 1)],
        )],
    );
    assert_eq!(lines(&bench, &report, "a"), ["ok", "ok", "insufficient-space"]);
    fs::remove_dir_all(bench.path("results")).unwrap();
    let report = session(&bench, &[("b", vec![many, folder])]);
    assert_eq!(lines(&bench, &report, "b"), ["quota", "quota"]);
    assert_eq!(fs::read_dir(bench.path("out")).unwrap().count(), 6);
    fs::remove_dir_all(bench.path("results")).unwrap();
    let tasks: Vec<_> = (0..20)
        .map(|n| (format!("t{n}"), vec![bytes(&format!("f{}", n % 5), 1 << 10)]))
        .collect();
    let tasks: Vec<_> = tasks
        .iter()
        .map(|(id, steps)| (id.as_str(), steps.clone()))
        .collect();
    let report = session(&bench, &tasks);
    let written = tasks
        .iter()
        .filter(|(id, _)| lines(&bench, &report, id) == ["ok"])
        .count();
    assert_eq!(written, 10);
}

const SCRATCH: &str = "scratch: { quota: 10KiB, max_files: 300 }";

/// What is left of scratch folders in a place for temporary files.
fn left(place: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path());
    entries
        .filter(|path| path.file_name().unwrap().to_str().unwrap().contains("scratch"))
        .collect()
}

#[test]
fn a_scratch_folder_is_the_attempts_own_and_gone_afterwards() {
    let bench = bench(SCRATCH);
    fs::create_dir(bench.path("temporary")).unwrap();
    let deep = json!({"does": "nest", "at": "/tmp", "bytes": 250});
    let write = json!({"does": "stream", "at": "/tmp", "path": "a", "bytes": 8 << 10});
    let list = json!({"does": "list", "at": "/tmp", "path": "."});
    let failing = json!({"does": "stream", "at": "/tmp", "path": "b", "bytes": 8 << 10, "must": true});
    let tasks = [
        task("a", &[list.clone(), write.clone(), deep.clone(), list.clone()]),
        task("b", &[write, deep, failing]),
    ];
    bench.write(
        "session.yaml",
        format!("session: test\ntasks:\n{}", tasks.concat()),
    );
    let mut command = bench.command(&["run", "session.yaml", "--out", "results"]);
    command.env("TMPDIR", bench.path("temporary"));
    assert_eq!(command.status().unwrap().code(), Some(3));
    let report = bench.report("results");
    assert_eq!(lines(&bench, &report, "a"), ["", "ok", "ok", "a nested"]);
    assert_eq!(report.code("b"), "limit.file-bytes");
    assert_eq!(left(&bench.path("temporary")), Vec::<PathBuf>::new());
}

/// The next run takes away what one that was killed has left.
#[test]
fn a_scratch_folder_of_a_killed_host_is_removed_by_the_next() {
    let bench = bench(SCRATCH);
    let temporary = bench.path("temporary");
    fs::create_dir(&temporary).unwrap();
    let write = json!({"does": "stream", "at": "/tmp", "path": "a", "bytes": 100});
    let forever = json!({"does": "stat", "at": "/tmp", "path": "a", "times": 1_u64 << 60});
    let run = |steps: &[Value], out: &str| {
        bench.write(
            "session.yaml",
            format!("session: test\ntasks:\n{}", task("a", steps)),
        );
        let mut command = bench.command(&["run", "session.yaml", "--out", out]);
        command
            .env("TMPDIR", &temporary)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.spawn().unwrap()
    };
    let mut killed = run(&[write.clone(), forever], "killed");
    let written = |folder: &PathBuf| folder.join("0/0/a").exists();
    while !left(&temporary).iter().any(written) {
        assert!(killed.try_wait().unwrap().is_none());
        std::thread::yield_now();
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(left(&temporary).len(), 1);
    assert!(run(&[write], "next").wait().unwrap().success());
    assert_eq!(left(&temporary), Vec::<PathBuf>::new());
}

/// Somebody swaps a folder for a link out of the grant and back, all the time.
#[test]
fn a_folder_that_is_swapped_for_a_link_leads_nowhere() {
    let bench = bench(
        &GRANTS
            .replace("max_files: 5", "max_files: 1000000")
            .replace("10KiB", "1GiB"),
    );
    let outside = bench.path("outside");
    let before = tree(&outside);
    for folder in ["data", "out"] {
        fs::create_dir(bench.path(&format!("{folder}/real"))).unwrap();
        fs::write(bench.path(&format!("{folder}/real/secret.txt")), "inside").unwrap();
        symlink("../outside", bench.path(&format!("{folder}/link"))).unwrap();
    }
    let over = AtomicBool::new(false);
    let report = std::thread::scope(|scope| {
        scope.spawn(|| {
            let exchange = |folder: &str| {
                let [one, other] = ["real", "link"].map(|name| bench.path(&format!("{folder}/{name}")));
                let here = rustix::fs::CWD;
                rustix::fs::renameat_with(here, &one, here, &other, rustix::fs::RenameFlags::EXCHANGE)
                    .unwrap();
            };
            while !over.load(Ordering::Relaxed) {
                exchange("data");
                exchange("out");
            }
        });
        let each =
            |does: &str, at: &str, name: &str| json!({"does": does, "at": at, "path": name, "times": 1});
        let steps = |must_not: &str| {
            (0..4)
                .map(|_| each("read", "/data", must_not))
                .collect::<Vec<_>>()
        };
        let writes = vec![
            each("write", "/out", "real/secret.txt"),
            each("create", "/out", "real/new-%"),
            each("make-folder", "/out", "real/folder-%"),
            each("remove", "/out", "real/linked.txt"),
            each("truncate", "/out", "real/secret.txt"),
        ];
        let many = |steps: Vec<Value>| steps.iter().cycle().take(4000).cloned().collect::<Vec<_>>();
        let report = session(
            &bench,
            &[
                ("reads", many(steps("real/secret.txt"))),
                ("writes", many(writes)),
            ],
        );
        over.store(true, Ordering::Relaxed);
        report
    });
    let read = lines(&bench, &report, "reads");
    assert!(!read.iter().any(|line| line == "secret"), "{read:?}");
    for both in ["inside", "not-permitted"] {
        assert!(read.iter().any(|line| line == both), "never {both}");
    }
    assert_eq!(tree(&outside), before);
}

/// Handles that are never closed, and a folder with more names than the host may
/// hold, beside twenty neighbours.
#[test]
fn what_the_host_holds_of_files_is_bounded_beside_twenty_neighbours() {
    // What a run of small tasks holds in any case.
    const USUAL: u64 = 56 << 20;
    let config = |bench: &Bench| {
        format!(
            "agents:\n  chaos:\n    plugin: {:?}\n    limits: {{ host_bytes: 4MiB, memory: 8MiB }}\n    grants: {{ {GRANTS} }}\n    retry: {{ max_attempts: 1 }}\n    breaker: {{ mode: \"off\" }}\n  shout: {{ plugin: {:?} }}\n# {}\n",
            plugin("chaos"),
            plugin("shout"),
            bench.path("").display()
        )
    };
    let bench = bench(GRANTS);
    bench.write("fusebox.yaml", config(&bench));
    bench.write("data/large", vec![b'x'; 1 << 20]);
    fs::create_dir(bench.path("data/names")).unwrap();
    for number in 0..60_000 {
        fs::File::create(bench.path(&format!("data/names/a-rather-long-name-of-a-file-{number}"))).unwrap();
    }
    let neighbours: String = (0..20)
        .map(|n| format!("- {{ id: n{n}, agent: shout, input: {{ text: hello {n} }} }}\n"))
        .collect();
    bench.session(&neighbours, "alone").expect(0);
    let alone = bench.report("alone").digests("");
    let hold = task(
        "hold",
        &[json!({"does": "hold", "path": "large", "times": 100_000, "must": true})],
    );
    let list = task("list", &[json!({"does": "list", "path": "names", "must": true})]);
    let zero = task(
        "zero",
        &[json!({"does": "stream", "at": "/more", "path": "large", "bytes": 1 << 30, "must": true})],
    );
    let all = format!("{neighbours}{hold}{list}{zero}");
    bench.write("session.yaml", format!("session: test\ntasks:\n{all}"));
    let mut command = bench.command(&["run", "session.yaml", "--out", "results"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let (_, most) = most_resident(command.spawn().unwrap());
    let report = bench.report("results");
    let neighbours: Vec<_> = report
        .digests("")
        .into_iter()
        .filter(|(id, _)| id.starts_with("\"n"))
        .collect();
    assert_eq!(neighbours, alone);
    assert_eq!(report.code("hold"), "limit.open-files");
    assert_eq!(report.code("list"), "limit.host-bytes");
    assert_eq!(report.code("zero"), "limit.host-bytes");
    assert!(
        most < 3 * (8 << 20) + 3 * (4 << 20) + (16 << 20) + USUAL,
        "{most}"
    );
}

#[test]
fn a_folder_that_is_not_there_is_said_before_anything_runs() {
    for (path, why) in [
        ("nowhere", "No such file"),
        ("fusebox.yaml", "Not a directory"),
        ("/proc", "system's own"),
    ] {
        let bench = bench(&format!("files: [{{ path: {path}, mount: /data }}]"));
        let ended = bench.session(&task("a", &[]), "results").expect(78);
        for part in ["agent `chaos`", path, why, "config.folder"] {
            assert!(ended.stderr.contains(part), "{}", ended.stderr);
        }
    }
}

#[test]
fn two_folders_cannot_have_one_name() {
    let bench = bench("files: [{ path: data, mount: /data }], scratch: { mount: /data, quota: 1MiB }");
    let ended = bench.fusebox(&["config", "check"]).expect(78);
    assert!(ended.stderr.contains("grants.scratch.mount"), "{}", ended.stderr);
    let wrong = self::bench("files: [{ path: data, mount: data }]");
    let ended = wrong.fusebox(&["config", "check"]).expect(78);
    assert!(
        ended.stderr.contains("an absolute path such as `/data`"),
        "{}",
        ended.stderr
    );
}

/// The configuration, the plugins, the state and the session's own directory say what
/// a plugin may do and what became of it.
#[test]
fn what_is_the_hosts_own_is_not_granted_for_writing() {
    for (path, own) in [
        (".", "fusebox.yaml"),
        ("link", "fusebox.yaml"),
        ("state", "state/fusebox"),
        ("results", "results"),
        ("results/below", "results"),
        ("temporary", "fusebox-scratch-"),
    ] {
        let bench = bench(&format!("files: [{{ path: {path}, mount: /data, write: true }}]"));
        fs::create_dir_all(bench.path("state")).unwrap();
        symlink(".", bench.path("link")).unwrap();
        fs::create_dir_all(bench.path("temporary")).unwrap();
        if path.starts_with("results") {
            fs::create_dir_all(bench.path(path)).unwrap();
        }
        bench.write(
            "session.yaml",
            format!("session: test\ntasks:\n{}", task("a", &[])),
        );
        let mut command = bench.command(&["run", "session.yaml", "--out", "results"]);
        command.env("TMPDIR", bench.path("temporary"));
        let ended = Ended::of(command.output().unwrap()).expect(78);
        for part in ["agent `chaos`", own, "grant a folder beside it", "config.folder"] {
            assert!(ended.stderr.contains(part), "{path}: {}", ended.stderr);
        }
    }
    // To be read is no harm.
    let bench = bench("files: [{ path: ., mount: /data }]");
    let report = session(&bench, &[("a", vec![json!({"path": "data/a.txt"})])]);
    assert_eq!(lines(&bench, &report, "a"), ["granted"]);
}

#[test]
fn a_file_is_written_as_a_whole_or_stays_as_it_was() {
    let bench = bench("files: [{ path: out, mount: /out, write: true, quota: 10KiB }]");
    let put = |bytes: u64| vec![json!({"does": "put", "path": "/out/a.txt", "bytes": bytes})];
    session(&bench, &[("a", put(5000))]);
    fs::remove_dir_all(bench.path("results")).unwrap();
    let report = session(&bench, &[("a", put(20_000))]);
    assert_eq!(report.code("a"), "limit.file-bytes");
    assert_eq!(fs::metadata(bench.path("out/a.txt")).unwrap().len(), 5000);
    assert_eq!(fs::read_dir(bench.path("out")).unwrap().count(), 1);
}

/// A path that is long costs the guest nothing and the host much.
#[test]
fn the_hosts_time_for_files_is_the_plugins() {
    let bench = bench(GRANTS);
    let config = fs::read_to_string(bench.path("fusebox.yaml")).unwrap();
    let limited = config.replace("    grants:", "    limits: { cpu: 200ms }\n    grants:");
    bench.write("fusebox.yaml", &limited);
    let path = format!("{}a.txt", "inner/../".repeat(440));
    let stat = json!({"does": "stat", "path": path, "times": 10_000});
    let report = session(
        &bench,
        &[("far", vec![stat]), ("near", vec![json!({"path": path})])],
    );
    assert_eq!(report.task("far")["failure"]["code"], "limit.cpu");
    assert_eq!(lines(&bench, &report, "near"), ["granted"]);
}

#[test]
fn a_name_that_is_no_text_does_not_hide_the_others() {
    use std::os::unix::ffi::OsStrExt;
    let bench = bench(GRANTS);
    fs::write(
        bench.path("data").join(std::ffi::OsStr::from_bytes(b"bad\xff")),
        "",
    )
    .unwrap();
    let report = session(&bench, &[("a", vec![json!({"does": "list", "path": "."})])]);
    assert_eq!(lines(&bench, &report, "a"), ["a.txt inner"]);
}
