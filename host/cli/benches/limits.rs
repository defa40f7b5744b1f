//! How late a limit bites, and what parallel tasks share: read off the report,
//! where each attempt's times stand.

// It makes plugins in a folder of its own.
#![allow(clippy::disallowed_methods)]

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use fusebox::engine::{Compiler, EngineOptions};
use fusebox::recorder::Recorder;
use fusebox::report::{Nobody, OutputDir};
use fusebox::{Host, session};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

/// Runs a session of `chaos` under these limits and gives its tasks.
fn run(host: &Host, limits: &str, tasks: &str) -> Result<(f64, Vec<Value>)> {
    let plugin = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/plugins/chaos.wasm");
    let text = format!(
        "agents: {{ chaos: {{ plugin: {:?}, limits: {{ {limits} }}, breaker: {{ mode: \"off\" }} }} }}",
        plugin.display().to_string()
    );
    let config = fusebox_config::parse(&text, Path::new("."))?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("s.yaml");
    std::fs::write(&file, format!("session: bench\ntasks:\n{tasks}"))?;
    let (_, graph) = session::load(&file)?;
    let graph = Arc::new(graph);
    let registry = host.load(&config, ["chaos"])?;
    let out = Arc::new(OutputDir::create(&folder.path().join("out"))?);
    let recorder = Recorder::begin(out, "bench", "bench", &graph)?;
    let running = host.start_with(
        "bench",
        graph,
        &registry,
        config.session,
        CancellationToken::new(),
    )?;
    recorder.follow(running, &mut Nobody)?;
    let report: Value = serde_json::from_slice(&std::fs::read(folder.path().join("out/report.json"))?)?;
    let total = report
        .pointer("/session/duration_ms")
        .and_then(Value::as_f64)
        .context("no duration")?;
    let tasks = report.get("tasks").and_then(Value::as_array).cloned();
    Ok((total, tasks.unwrap_or_default()))
}

fn tasks(count: usize, prefix: &str, settings: &str) -> String {
    (0..count)
        .map(|n| {
            format!(
                "- {{ id: {prefix}{n}, agent: chaos, settings: {{ {settings} }}, input: {{ text: x }} }}\n"
            )
        })
        .collect()
}

fn duration(tasks: &[Value], id: &str) -> f64 {
    let task = tasks
        .iter()
        .find(|task| task.get("id").is_some_and(|found| found == id));
    let time = task.and_then(|task| task.pointer("/attempts/0/duration_ms"));
    time.and_then(Value::as_f64).unwrap_or(f64::NAN)
}

fn main() -> Result<()> {
    let program = Path::new(env!("CARGO_BIN_EXE_fusebox")).to_owned();
    let options = EngineOptions {
        compiler: Compiler::Program(program),
        ..EngineOptions::default()
    };
    let host = Host::new(&options)?;
    let endless = "fuel: 18446744073709551615, cpu: 1h";
    let spinning = tasks(1, "spin", "mode: spin");
    for neighbours in [0, 200] {
        let beside = spinning.clone() + &tasks(neighbours, "n", "mode: none");
        let (_, ended) = run(&host, &format!("{endless}, deadline: 500ms"), &beside)?;
        let late = duration(&ended, "spin0") - 500.0;
        println!("a deadline of 500 ms beside {neighbours:>3} neighbours is {late:>6.2} ms late");
    }
    let (_, ended) = run(&host, "fuel: 18446744073709551615, cpu: 500ms", &spinning)?;
    println!(
        "a processor limit of 500 ms is {:>6.2} ms late",
        duration(&ended, "spin0") - 500.0
    );
    let (one, _) = run(&host, endless, &tasks(1, "t", "mode: sleep, ms: 1000"))?;
    let (eight, _) = run(&host, endless, &tasks(8, "t", "mode: sleep, ms: 1000"))?;
    println!("one wait of 1 s takes {one:.0} ms, eight at once {eight:.0} ms");
    let busy = "mode: busy, iterations: 200000000";
    let (one, _) = run(&host, endless, &tasks(1, "t", busy))?;
    let (eight, _) = run(&host, endless, &tasks(8, "t", busy))?;
    let cores = std::thread::available_parallelism()?;
    println!(
        "one busy task takes {one:.0} ms, eight on {cores} cores {eight:.0} ms: {:.2} x",
        eight / one
    );
    Ok(())
}
