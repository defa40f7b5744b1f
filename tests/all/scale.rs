//! A hundred thousand trivial tasks in one session.

use std::process::{Child, Stdio};

use crate::support::Bench;

const TASKS: usize = 100_000;

/// Resident memory of a process, in kilobytes; none once it is gone.
fn resident(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Memory when the session was loaded, and the most from there to its end.
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

fn session(count: usize) -> String {
    let tasks: String = (0..count)
        .map(|n| format!("- {{ id: task-{n}, agent: shout, input: {{ text: trivial {n} }} }}\n"))
        .collect();
    format!("session: scale\ntasks:\n{tasks}")
}

#[test]
fn a_hundred_thousand_tasks_finish_with_flat_memory_and_a_small_graph() {
    let bench = Bench::new("");
    bench.write("small.yaml", session(1));
    bench.write("large.yaml", session(TASKS));
    let (base, _) = follow(&bench, "small.yaml", "small");
    let (loaded, most) = follow(&bench, "large.yaml", "large");
    let report = bench.report("large");
    assert_eq!(report.0["counts"]["succeeded"], TASKS as u64);
    let each = loaded.saturating_sub(base) * 1024 / TASKS as u64;
    println!("loaded {loaded} kB ({each} bytes a task), most {most} kB");
    assert!(each <= 1024, "{each} bytes a task");
    assert!(most - loaded < 50 * 1024, "grew from {loaded} to {most} kB");
}
