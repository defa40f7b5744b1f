//! A hostile agent beside twenty neighbours: the one way in which that is tried.
//!
//! The hostile one is stopped at its limit with its own code; the host's memory
//! stays within what the limits add up to; the neighbours' outputs are byte for
//! byte what they are alone, and in time; the report is true; Ctrl-C works.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::guest::Guest;
use crate::resident::most_resident;
use crate::support::{Bench, Ended, Report, plugin};

pub(crate) const NEIGHBOURS: usize = 20;
/// Hostile tasks that run at once.
pub(crate) const HOSTILE: usize = 4;
/// Memory, and bytes handed to the host, of each hostile attempt.
const LIMIT: u64 = 8 << 20;
/// What the host may hold beside, in bytes.
const ROOM: u64 = 16 << 20;
/// Most processor time and most time of a hostile attempt, and how much later
/// than that it may end, in milliseconds.
const CPU: f64 = 1000.0;
const DEADLINE: f64 = 30_000.0;
const LATE: f64 = 100.0;
/// No neighbour takes longer, whatever else the machine does, in milliseconds.
const IN_TIME: f64 = 20_000.0;
/// How long Ctrl-C may take on a machine that does much else.
const PROMPT: Duration = Duration::from_secs(5);

/// A hostile agent, and what else the configuration has for it.
#[derive(Default)]
pub(crate) struct Scene {
    pub(crate) component: Vec<u8>,
    /// Keys of the agent over those that it has otherwise, a line each.
    pub(crate) agent: String,
    /// Limits of its own, beside those that all have.
    pub(crate) limits: String,
    /// Sections of the configuration.
    pub(crate) sections: String,
    /// Files in the folder.
    pub(crate) files: Vec<(&'static str, Vec<u8>)>,
}

impl Scene {
    pub(crate) fn new(component: Vec<u8>) -> Self {
        Self {
            component,
            ..Self::default()
        }
    }

    /// A folder with all of it, and a session of so many hostile tasks; the
    /// neighbours are between the first few and the rest.
    pub(crate) fn bench(&self, hostile: usize) -> Bench {
        let bench = Bench::with_config(&self.config("hostile.wasm"));
        bench.write("hostile.wasm", &self.component);
        for (name, bytes) in &self.files {
            bench.write(name, bytes);
        }
        let of = |n| format!("- {{ id: hostile-{n}, agent: hostile, input: {{ text: hi }} }}\n");
        let few = hostile.min(HOSTILE);
        let tasks: String = (0..few)
            .map(of)
            .chain((0..NEIGHBOURS).map(neighbour))
            .chain((few..hostile).map(of))
            .collect();
        bench.write("session.yaml", format!("session: test\ntasks:\n{tasks}"));
        bench
    }

    /// The same with a task that sleeps, so that the session lasts while what is
    /// hostile and the neighbours pass.
    pub(crate) fn lasting(&self, hostile: usize, ms: u32) -> Bench {
        let bench = self.bench(hostile);
        let session = std::fs::read_to_string(bench.path("session.yaml")).unwrap();
        let sleep = format!(
            "- {{ id: sleep, agent: chaos, settings: {{ mode: sleep, ms: {ms} }}, input: {{ text: x }} }}\n"
        );
        let (head, tasks) = session.split_once("tasks:\n").unwrap();
        bench.write("session.yaml", format!("{head}tasks:\n{sleep}{tasks}"));
        bench
    }

    /// The configuration with this file as the hostile agent's plugin.
    pub(crate) fn config(&self, file: &str) -> String {
        format!(
            "session: {{ max_parallel: 20 }}\nagents:\n  shout: {{ plugin: {:?} }}\n  keywords: {{ plugin: {:?} }}\n  \
             chaos: {{ plugin: {:?}, limits: {{ deadline: 15m }} }}\n  hostile:\n    plugin: {file:?}\n    \
             limits: {{ memory: 8MiB, host_bytes: 8MiB, host_calls: 50000, cpu: 1s, deadline: 30s{} }}\n    \
             breaker: {{ mode: \"off\" }}\n{}{}",
            plugin("shout"),
            plugin("keywords"),
            plugin("chaos"),
            self.limits,
            self.agent,
            self.sections,
        )
    }

    /// Runs it to its end.
    pub(crate) fn run(&self) -> Seen {
        let bench = self.bench(HOSTILE);
        let (ended, most) = run(&bench);
        Seen { bench, ended, most }
    }

    /// Runs many hostile tasks, and interrupts them once the neighbours are over.
    pub(crate) fn is_interrupted(&self, what: &str) {
        let bench = self.lasting(3000, 600_000);
        let mut child = start(&bench);
        await_tasks(&bench, &mut child, NEIGHBOURS, what);
        interrupt(child, what);
        let report = bench.report("out");
        unchanged(&report, what);
        let cancelled = report.tasks().iter().any(|task| task["status"] == "cancelled");
        assert!(cancelled, "{what}: nothing was under way");
    }
}

/// A task of a neighbour: a few texts that are short and some that are long.
fn neighbour(n: usize) -> String {
    let agent = ["shout", "keywords"][n % 2];
    let text =
        format!("Task {n}: a circuit breaker opens after {n} failures. 断路器打开。 ").repeat(1 + n * 4);
    format!("- {{ id: n{n}, agent: {agent}, input: {{ text: {text:?} }} }}\n")
}

/// What a session came to.
pub(crate) struct Seen {
    pub(crate) bench: Bench,
    pub(crate) ended: Ended,
    /// The most bytes that were resident at any time.
    pub(crate) most: u64,
}

impl Seen {
    pub(crate) fn report(&self) -> Report {
        self.bench.report("out")
    }

    /// Everything that has to hold, whatever the hostile tasks do; they end with
    /// this code, after this many attempts.
    #[track_caller]
    pub(crate) fn holds(&self, what: &str, code: &str, attempts: usize) {
        let expected = if code == "none" { 0 } else { 3 };
        assert_eq!(self.ended.code, Some(expected), "{what}: {}", self.ended.stderr);
        let report = self.report();
        unchanged(&report, what);
        for n in 0..HOSTILE {
            let task = report.task(&format!("hostile-{n}"));
            let found = task["failure"]["code"].as_str().unwrap_or("none");
            assert_eq!(found, code, "{what}: {task}");
            assert_eq!(
                task["attempts"].as_array().unwrap().len(),
                attempts,
                "{what}: {task}"
            );
            stopped_at_its_limit(task, what);
        }
        self.within(2 * LIMIT * HOSTILE as u64, what);
        let log = std::fs::metadata(self.bench.path("out/logs/guests.jsonl")).map_or(0, |file| file.len());
        assert!(log < 4 << 20, "{what}: a log of {log} bytes");
    }

    /// The host's memory is what it is with an honest agent, the limits' sum, and a
    /// little room.
    #[track_caller]
    pub(crate) fn within(&self, limits: u64, what: &str) {
        let bound = usual() + limits + ROOM;
        println!("{what}: {} MiB, {} usual", self.most >> 20, usual() >> 20);
        assert!(
            self.most <= bound,
            "{what}: {} bytes, {bound} are the limits' sum",
            self.most
        );
    }
}

/// By the report's own figures, which hold for what the host did for it as well.
#[track_caller]
fn stopped_at_its_limit(task: &Value, what: &str) {
    for attempt in task["attempts"].as_array().unwrap() {
        let (cpu, all) = (
            attempt["cpu_ms"].as_f64().unwrap(),
            attempt["duration_ms"].as_f64().unwrap(),
        );
        assert!(cpu < CPU + LATE, "{what}: {cpu} ms of processor time: {task}");
        assert!(all < DEADLINE + LATE, "{what}: {all} ms: {task}");
    }
}

/// The neighbours' outputs are what they are alone, at the first attempt, in time.
#[track_caller]
pub(crate) fn unchanged(report: &Report, what: &str) {
    assert_eq!(&outputs(report), alone(), "{what}");
    for n in 0..NEIGHBOURS {
        let attempts = report.task(&format!("n{n}"))["attempts"]
            .as_array()
            .unwrap()
            .clone();
        assert_eq!(attempts.len(), 1, "{what}");
        let took = attempts[0]["duration_ms"].as_f64().unwrap();
        assert!(took < IN_TIME, "{what}: a neighbour took {took} ms");
    }
}

/// The digests of all neighbours' outputs.
fn outputs(report: &Report) -> Vec<(String, String)> {
    let of = |n| {
        let id = format!("n{n}");
        let digest = report.task(&id)["output"]["sha256"].as_str().unwrap().to_owned();
        (id, digest)
    };
    (0..NEIGHBOURS).map(of).collect()
}

fn alone() -> &'static Vec<(String, String)> {
    static ALONE: OnceLock<Vec<(String, String)>> = OnceLock::new();
    ALONE.get_or_init(|| {
        let bench = Scene::new(Guest::new("").component()).bench(0);
        run(&bench).0.expect(0);
        outputs(&bench.report("out"))
    })
}

/// The most bytes of a session whose agent is honest.
fn usual() -> u64 {
    static USUAL: OnceLock<u64> = OnceLock::new();
    *USUAL.get_or_init(|| {
        let seen = Scene::new(Guest::new("").component()).run();
        assert_eq!(seen.ended.code, Some(0), "{}", seen.ended.stderr);
        seen.most
    })
}

pub(crate) fn start(bench: &Bench) -> Child {
    let mut command = bench.command(&["run", "session.yaml", "--out", "out", "--quiet"]);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Runs the session; the most bytes that were resident.
pub(crate) fn run(bench: &Bench) -> (Ended, u64) {
    let (output, most) = most_resident(start(bench));
    (Ended::of(output), most)
}

/// Waits until so many tasks have succeeded and something else is under way.
pub(crate) fn await_tasks(bench: &Bench, child: &mut Child, tasks: usize, what: &str) {
    loop {
        let view = bench.fusebox(&["status", "out", "--format", "json"]).stdout;
        let view: Value = serde_json::from_str(&view).unwrap_or_default();
        if view["counts"]["succeeded"].as_u64().unwrap_or(0) >= tasks as u64 {
            return;
        }
        if child.try_wait().unwrap().is_some() {
            let mut said = String::new();
            let _ = child.stderr.take().map(|mut from| from.read_to_string(&mut said));
            panic!("{what}: it ended by itself: {said}");
        }
    }
}

/// Ctrl-C ends a program with 130, soon.
#[track_caller]
pub(crate) fn interrupt(child: Child, what: &str) -> Ended {
    let begun = Instant::now();
    let signal = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(signal.unwrap().success());
    let ended = Ended::of(child.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(130), "{what}: {}", ended.stderr);
    let took = begun.elapsed();
    assert!(took < PROMPT, "{what}: Ctrl-C took {took:?}");
    ended
}
