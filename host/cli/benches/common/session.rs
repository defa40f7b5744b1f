//! A session run in this process, for benchmarks that read its report.

// It makes files in a folder of its own.
#![allow(clippy::disallowed_methods)]

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use fusebox::recorder::Recorder;
use fusebox::report::{Nobody, OutputDir, Reader};
use fusebox::{Host, session};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

/// Runs a session of these tasks under a configuration and gives its report.
#[allow(dead_code)] // Some benchmarks only watch.
pub(crate) fn run(host: &Host, config: &str, tasks: &str) -> Result<Value> {
    run_watched(host, config, tasks, &mut Nobody)
}

/// The same while somebody reads what happens.
pub(crate) fn run_watched(host: &Host, config: &str, tasks: &str, watcher: &mut dyn Reader) -> Result<Value> {
    let config = fusebox_config::parse(config, Path::new("."))?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("s.yaml");
    std::fs::write(&file, format!("session: bench\ntasks:\n{tasks}"))?;
    let (_, graph) = session::load(&file)?;
    let graph = Arc::new(graph);
    let registry = host.load(&config, graph.agents().iter().map(String::as_str))?;
    let out = Arc::new(OutputDir::create(&folder.path().join("out"))?);
    let recorder = Recorder::begin(out, "bench", "bench", &graph)?;
    let token = CancellationToken::new();
    let running = host.start_with("bench", graph, &registry, config.session, token)?;
    recorder.follow(running, watcher)?;
    let report = std::fs::read(folder.path().join("out/report.json"))?;
    Ok(serde_json::from_slice(&report)?)
}

/// The tasks of a report.
pub(crate) fn tasks(report: &Value) -> Result<&Vec<Value>> {
    report.get("tasks").and_then(Value::as_array).context("no tasks")
}
