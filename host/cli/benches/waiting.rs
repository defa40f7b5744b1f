//! A session of a million tasks, all of which wait for a retry: what each takes
//! in memory while it does, and how long it takes to cancel them all.

// It reads files that nobody else has touched.
#![allow(clippy::disallowed_methods)]

#[path = "common/host.rs"]
mod hosts;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use fusebox::Output;
use fusebox::event::Event;
use fusebox::session::{Graph, Task};
use hosts::{host, plugin};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TASKS: usize = 1_000_000;
/// The most bytes that a waiting task may take: its record, which is its last
/// attempt and failure for the retry policy and for whoever asks for its status.
const RECORD: u64 = 2 * 1024;

fn resident() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    Ok(number.context("no such field")?.parse::<u64>()? << 10)
}

fn graph() -> Result<Graph> {
    let input = Arc::new(Output {
        content_type: "text/plain".into(),
        bytes: b"x".to_vec(),
    });
    let task = |n: usize| Task {
        id: format!("t{n}").into(),
        agent: 0,
        input: input.clone(),
        settings: None,
        after: Box::new([]),
        required: false,
        on_upstream_failure: None,
        fallback: None,
    };
    Ok(Graph::new((0..TASKS).map(task).collect(), vec!["chaos".into()])?)
}

fn main() -> Result<()> {
    let config = format!(
        "session: {{ max_parallel: 16, retry_budget: {{ reserve: {TASKS} }} }}\nagents:\n  chaos:\n    plugin: {:?}\n    \
         settings: {{ mode: flaky, failures: 1 }}\n    breaker: {{ mode: \"off\" }}\n    \
         retry: {{ strategy: fixed, jitter: none, base: 1h, max_delay: 1h, max_elapsed: 20h }}\n",
        plugin("chaos"),
    );
    let config = fusebox_config::parse(&config, Path::new("."))?;
    let host = host()?;
    let graph = Arc::new(graph()?);
    let before = resident()?;
    let began = Instant::now();
    let mut running = host.start("waiting", graph, &config)?;
    let mut waiting = 0;
    while waiting < TASKS {
        match running.next_event().context("it ended before all waited")? {
            Event::RetryScheduled { .. } => waiting += 1,
            Event::TaskEnded { .. } => anyhow::bail!("a task ended"),
            _ => {}
        }
    }
    let each = resident()?.saturating_sub(before) / TASKS as u64;
    println!(
        "{TASKS} tasks wait after {:.1} s: {each} bytes each (bound: {RECORD})",
        began.elapsed().as_secs_f64()
    );
    let began = Instant::now();
    running.canceller().cancel();
    let outcome = running.wait()?;
    println!("all cancelled after {:.1} s", began.elapsed().as_secs_f64());
    ensure!(outcome.counts.cancelled == TASKS as u64, "{:?}", outcome.counts);
    ensure!(each <= RECORD, "{each} bytes a task");
    Ok(())
}
