//! A pool of four of which one never works, over an upstream that fails one
//! request in five: how many of ten thousand tasks end without a result, how
//! soon the bad instance is known and out, and how long a task takes to recover.

// The program's times are held against a clock that is not its own.
#![allow(clippy::disallowed_methods)]

#[path = "common/chance.rs"]
mod chance;
#[path = "common/host.rs"]
mod hosts;
#[path = "common/quantile.rs"]
mod quantile;
#[path = "common/service.rs"]
mod service;
#[path = "common/session.rs"]
mod session;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chance::Chance;
use fusebox::event::Event;
use fusebox::resilience::isolation::Kind;
use fusebox::{Host, session as sessions};
use hosts::{host, plugin};
use jiff::Timestamp;
use quantile::quantile;
use serde_json::Value;
use service::{Place, Reply};
use session::{run, tasks};

const TASKS: usize = 10_000;

/// An upstream that fails one request in five.
fn upstream() -> Result<SocketAddr> {
    let (place, chance) = (Place::take()?, Chance::new(1));
    let address = place.address()?;
    place.serve(move || match chance.one_in(5) {
        true => Reply::Error(500),
        false => Reply::Answer(Duration::ZERO),
    })?;
    Ok(address)
}

/// What a session is set to where a fifth of all calls fail by chance: circuits
/// that look at rates over many calls, and retries enough for a quarter of the tasks.
fn config_of(address: SocketAddr) -> String {
    format!(
        "session: {{ max_parallel: 16, seed: 1, retry_budget: {{ share: 50% }} }}\n\
         defaults: {{ breaker: {{ failure_model: window, min_calls: 100 }}, retry: {{ base: 20ms, max_attempts: 8 }} }}\n\
         agents:\n  writer:\n    plugin: {:?}\n    settings: {{ url: \"http://{address}/v1/chat/completions\", model: m }}\n    \
         grants: {{ upstreams: [api] }}\n    \
         instances: {{ a: {{}}, b: {{}}, c: {{}}, bad: {{ limits: {{ fuel: 1000 }} }} }}\n\
         upstreams: {{ api: {{ address: \"http://{address}\", network: loopback }} }}\n",
        plugin("llm"),
    )
}

/// How long a task that failed at first took until it had its result.
fn recovery(task: &Value) -> Option<f64> {
    let attempts = task.get("attempts")?.as_array()?;
    let (_, later) = attempts.split_first().filter(|(_, later)| !later.is_empty())?;
    let time = |attempt: &Value, key| attempt.get(key).and_then(Value::as_f64).unwrap_or(0.0);
    let spent = |attempt| time(attempt, "delay_before_ms") + time(attempt, "duration_ms");
    (task.get("status")? == "succeeded").then(|| later.iter().map(spent).sum())
}

fn ten_thousand(host: &Host) -> Result<()> {
    let text: String = (0..TASKS)
        .map(|n| format!("- {{ id: t{n}, agent: writer, input: {{ text: x }} }}\n"))
        .collect();
    let report = run(host, &config_of(upstream()?), &text)?;
    let tasks = tasks(&report)?;
    let usable = tasks
        .iter()
        .filter(|task| task.get("output").is_some_and(Value::is_object));
    let lost = TASKS - usable.count();
    let share = lost as f64 / TASKS as f64 * 100.0;
    let mut recoveries: Vec<f64> = tasks.iter().filter_map(recovery).collect();
    let [median, worst] = [0.5, 1.0].map(|share| quantile(&mut recoveries, share));
    println!(
        "{lost} of {TASKS} tasks without a usable result ({share:.2} %); {} recovered, in {median:.0} ms, at most {worst:.0} ms",
        recoveries.len()
    );
    let out = report.pointer("/quarantined/0").context("nobody was taken out")?;
    println!("quarantined: {}", out.get("instance").unwrap_or(&Value::Null));
    ensure!(share < 1.0 && worst < 30_000.0, "more than is allowed");
    Ok(())
}

/// From the end of an attempt to when a reader knows, and from the strike that
/// was one too many to the quarantine.
fn detection(host: &Host) -> Result<(Duration, Duration)> {
    let text = format!(
        "session: {{ max_parallel: 8 }}\nagents:\n  pool:\n    plugin: {:?}\n    retry: {{ base: 1ms }}\n    \
         instances: {{ a: {{}}, b: {{}}, c: {{}}, bad: {{ settings: {{ mode: panic }} }} }}\n",
        plugin("chaos"),
    );
    let config = fusebox_config::parse(&text, std::path::Path::new("."))?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("s.yaml");
    let tasks: String = (0..1000)
        .map(|n| format!("- {{ id: t{n}, agent: pool, input: {{ text: x }} }}\n"))
        .collect();
    std::fs::write(&file, format!("session: bench\ntasks:\n{tasks}"))?;
    let (name, graph) = sessions::load(&file)?;
    let mut running = host.start(&name, graph, &config)?;
    let (mut strikes, mut known, mut out) = (Vec::new(), Duration::ZERO, None);
    while let Some(event) = running.next_event() {
        match event {
            Event::AttemptEnded { attempt, .. } if attempt.failure.is_some() => {
                let ended = attempt.started.checked_add(attempt.usage.wall)?;
                known = known.max(Timestamp::now().duration_since(ended).unsigned_abs());
                strikes.push(ended);
            }
            Event::Instance {
                at,
                change: Kind::Quarantined(_),
                ..
            } => out = Some(at),
            _ => {}
        }
    }
    running.wait()?;
    strikes.sort();
    let third = strikes.get(2).context("fewer than three strikes")?;
    let out = out.context("nobody was taken out")?;
    Ok((known, out.duration_since(*third).unsigned_abs()))
}

fn main() -> Result<()> {
    let host = host()?;
    let (mut known, mut out) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..20 {
        let (detected, isolated) = detection(&host)?;
        (known, out) = (known.max(detected), out.max(isolated));
    }
    println!(
        "of 20 runs the slowest: a failure was known after {known:.2?}, the instance out {out:.2?} after its third strike"
    );
    ensure!(
        known < Duration::from_millis(100) && out < Duration::from_millis(500),
        "too late"
    );
    ten_thousand(&host)
}
