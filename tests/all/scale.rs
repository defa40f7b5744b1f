//! A hundred thousand trivial tasks in one session.

use std::process::Stdio;

use fusebox::Output;
use fusebox::session::{self, Dependency, Task};

use crate::resident::resident;
use crate::support::{Bench, plugin};

const TASKS: usize = 100_000;

/// Bytes in memory when the session was loaded, and the most from there to its end.
fn follow(bench: &Bench, source: &str, out: &str) -> (u64, u64) {
    let arguments = ["run", source, "--out", out, "--format", "human"];
    let mut child = bench.command(&arguments).stdout(Stdio::null()).spawn().unwrap();
    let begun = bench.path(out).join("report.json.part");
    while !begun.exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it began");
        std::thread::yield_now();
    }
    let loaded = resident(&child).unwrap();
    let mut most = loaded;
    while child.try_wait().unwrap().is_none() {
        most = most.max(resident(&child).unwrap_or(0));
        std::thread::yield_now();
    }
    assert!(child.wait().unwrap().success());
    (loaded, most)
}

fn tasks(agent: &str, count: usize) -> String {
    let tasks: String = (0..count)
        .map(|n| format!("- {{ id: task-{n}, agent: {agent}, input: {{ text: trivial {n} }} }}\n"))
        .collect();
    format!("session: scale\ntasks:\n{tasks}")
}

/// What a task takes in memory: itself and all that it alone owns.
fn size(task: &Task) -> usize {
    let counts = 2 * size_of::<usize>();
    let input =
        counts + size_of::<Output>() + task.input.content_type.capacity() + task.input.bytes.capacity();
    let settings = task
        .settings
        .as_ref()
        .map_or(0, |settings| counts + 64 + 64 * settings.len());
    size_of::<Task>() + task.id.len() + input + settings + task.after.len() * size_of::<Dependency>()
}

#[test]
fn a_hundred_thousand_tasks_finish_with_flat_memory() {
    let bench = Bench::new("");
    bench.write("large.yaml", tasks("shout", TASKS));
    let (loaded, most) = follow(&bench, "large.yaml", "large");
    let report = bench.report("large");
    assert_eq!(report.0["counts"]["succeeded"], TASKS as u64);
    println!("loaded {loaded}, most {most} bytes");
    assert!(most - loaded < 50 << 20, "grew from {loaded} to {most} bytes");
}

/// The most bytes that a waiting task may take in all modules of the host together:
/// its attempt and failure for the retry, for the report and for `status`.
const RECORD: u64 = 3 * 1024;

#[test]
fn a_hundred_thousand_tasks_that_wait_are_nothing_but_their_records() {
    let chaos = plugin("chaos");
    let bench = Bench::with_config(&format!(
        "session: {{ max_parallel: 4, retry_budget: {{ reserve: {TASKS} }} }}\nagents:\n  flaky:\n    plugin: {chaos:?}\n    settings: {{ mode: flaky, failures: 1 }}\n    \
         breaker: {{ mode: \"off\" }}\n    retry: {{ strategy: fixed, jitter: none, base: 1h, max_delay: 1h, max_elapsed: 20h }}\n"
    ));
    bench.write("large.yaml", tasks("flaky", TASKS));
    let mut child = bench.command(&["run", "large.yaml", "--out", "large", "--quiet"]);
    let mut child = child.stdout(Stdio::null()).spawn().unwrap();
    let status = ["status", "large", "--format", "json"];
    let waiting = || {
        let view = bench.fusebox(&status).stdout;
        let view: serde_json::Value = serde_json::from_str(&view).unwrap_or_default();
        view["waiting"].as_u64().unwrap_or(0)
    };
    // How many wait, and what is resident: once a quarter does, and all.
    let mut until = |wanted: u64| loop {
        let (count, resident) = (waiting(), resident(&child).unwrap_or(0));
        if count >= wanted {
            break (count, resident);
        }
        assert!(child.try_wait().unwrap().is_none(), "it did not wait");
    };
    let (some, all) = (until(TASKS as u64 / 4), until(TASKS as u64));
    let more = (all.0 - some.0).max(1);
    let each = all.1.saturating_sub(some.1) / more;
    println!("{each} bytes a task that waits");
    bench.fusebox(&["cancel", "large"]).expect(0);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(bench.report("large").0["counts"]["cancelled"], TASKS as u64);
    assert!(each <= RECORD, "{each} bytes a task");
}

#[test]
fn a_loaded_graph_takes_at_most_a_kilobyte_a_task() {
    let bench = Bench::new("");
    bench.write("large.yaml", tasks("shout", TASKS));
    let (_, graph) = session::load(&bench.path("large.yaml")).unwrap();
    // Its place among the dependants, and twice among the ids while they are compared.
    let shared = 4 + 2 * size_of::<&str>();
    let each = graph.tasks().iter().map(size).sum::<usize>() / graph.len() + shared;
    println!("{each} bytes a task");
    assert!(each <= 1024, "{each} bytes a task");
}
