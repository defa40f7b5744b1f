//! A service that fails one request in five by chance, in four ways; one that fails them
//! all, with no breaker before it; and an agent whose first attempts fail before anything
//! is sent. How many tasks succeed, and what that costs. `-- 503 late` plays only those.

#[path = "common/chance.rs"]
mod chance;
#[path = "common/host.rs"]
mod hosts;
#[path = "common/service.rs"]
mod service;
#[path = "common/session.rs"]
mod session;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chance::Chance;
use fusebox::Host;
use hosts::{host, plugin};
use serde_json::Value;
use service::{Place, Reply};
use session::{run, tasks};

const TASKS: usize = 10_000;
const SEEDS: [u64; 3] = [1, 2, 3];
/// A service that is late takes so long, and is waited for half of that.
const LATE: Reply = Reply::Answer(Duration::from_millis(400));
const WELL: Reply = Reply::Answer(Duration::ZERO);

/// What a request that fails comes to.
const FAULTS: [(&str, Reply); 4] = [
    ("500", Reply::Error(500)),
    ("503", Reply::Error(503)),
    ("reset", Reply::Reset),
    ("late", LATE),
];

/// What a session came to.
struct Seen {
    succeeded: usize,
    requests: u64,
    duration: Duration,
    /// How many have no result, by what failed and why nothing more was tried.
    lost: BTreeMap<String, usize>,
    /// For how long the service's breaker held tasks.
    held: Duration,
}

/// A session of an agent over a service that replies so, with these settings of the
/// session, the defaults and the upstream.
fn over(
    host: &Host,
    count: usize,
    settings: &Settings,
    reply: impl Fn() -> Reply + Send + Sync + 'static,
) -> Result<Seen> {
    let (place, requests) = (Place::take()?, Arc::new(AtomicU64::new(0)));
    let (address, counted) = (place.address()?, requests.clone());
    place.serve(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        reply()
    })?;
    let config = format!(
        "session: {{ seed: {} }}\ndefaults: {{ {} }}\nagents:\n  llm:\n    plugin: {:?}\n    \
         settings: {{ url: \"http://{address}/v1/chat/completions\", model: m }}\n    \
         grants: {{ upstreams: [api] }}\n\
         upstreams: {{ api: {{ address: \"http://{address}\", network: loopback, {} }} }}\n",
        settings.seed,
        settings.defaults,
        plugin("llm"),
        settings.upstream,
    );
    let report = run(host, &config, &listed(count, "llm"))?;
    seen(&report, requests.load(Ordering::Relaxed))
}

/// What is not as by default.
struct Settings {
    seed: u64,
    defaults: &'static str,
    upstream: &'static str,
}

fn listed(count: usize, agent: &str) -> String {
    (0..count)
        .map(|n| format!("- {{ id: t{n}, agent: {agent}, input: {{ text: hi }} }}\n"))
        .collect()
}

fn seen(report: &Value, requests: u64) -> Result<Seen> {
    let (whole, lost): (Vec<_>, Vec<_>) = tasks(report)?
        .iter()
        .partition(|task| task.get("status").is_some_and(|status| status == "succeeded"));
    let mut by_reason = BTreeMap::new();
    for task in lost {
        let [code, reason] = ["/failure/code", "/reason"].map(|at| task.pointer(at).and_then(Value::as_str));
        let why = format!("{}, {}", code.unwrap_or("?"), reason.unwrap_or("?"));
        *by_reason.entry(why).or_default() += 1;
    }
    let held = report.pointer("/holds/0/total_ms").and_then(Value::as_u64);
    let duration = report.pointer("/session/duration_ms").and_then(Value::as_f64);
    Ok(Seen {
        succeeded: whole.len(),
        requests,
        duration: Duration::from_secs_f64(duration.context("no duration")? / 1e3),
        lost: by_reason,
        held: Duration::from_millis(held.unwrap_or_default()),
    })
}

/// One in five fails, each by itself.
fn by_chance(host: &Host, (name, fault): (&str, Reply), seed: u64) -> Result<Option<String>> {
    let settings = Settings {
        seed,
        defaults: "",
        upstream: "limits: { in_flight: 64 }, timeouts: { first_byte: 200ms }",
    };
    let chance = Chance::new(seed);
    let seen = over(host, TASKS, &settings, move || match chance.one_in(5) {
        true => fault,
        false => WELL,
    })?;
    let (share, each) = (
        seen.succeeded as f64 / TASKS as f64,
        seen.requests as f64 / TASKS as f64,
    );
    println!(
        "{name:<6} one in five  seed {seed}  {:>6} of {TASKS} succeeded ({:.2} %)  {each:.3} requests a task  \
         {:>6.1} s, of which held {:>6.1} s  lost: {:?}",
        seen.succeeded,
        share * 100.0,
        seen.duration.as_secs_f64(),
        seen.held.as_secs_f64(),
        seen.lost,
    );
    Ok((share < 0.995).then(|| format!("{name}, seed {seed}: {} of {TASKS} succeeded", seen.succeeded)))
}

/// All seeds at once, in threads that wait more than they work.
fn all_seeds(host: &Host, fault: (&str, Reply)) -> Result<Vec<String>> {
    let ended = std::thread::scope(|scope| {
        let threads = SEEDS.map(|seed| scope.spawn(move || by_chance(host, fault, seed)));
        threads.map(|thread| thread.join())
    });
    let mut wrong = Vec::new();
    for ended in ended {
        wrong.extend(ended.unwrap_or_else(|_| anyhow::bail!("it panicked"))?);
    }
    Ok(wrong)
}

/// All requests fail, and no breaker is there: only the budget keeps retries from adding up.
fn total_outage(host: &Host) -> Result<()> {
    const COUNT: usize = 1_000;
    const RESERVE: f64 = 10.0;
    let settings = Settings {
        seed: 1,
        defaults: "breaker: { mode: \"off\" }",
        upstream: "breaker: { mode: \"off\" }",
    };
    let seen = over(host, COUNT, &settings, || Reply::Error(503))?;
    let most = COUNT as f64 * 1.3 + RESERVE;
    println!(
        "503    all, no breaker      {:>6} requests for {COUNT} tasks (at most {most})  {:>6.1} s",
        seen.requests,
        seen.duration.as_secs_f64(),
    );
    ensure!(seen.requests as f64 <= most, "{} requests", seen.requests);
    Ok(())
}

/// Each first attempt fails before it has sent anything.
fn before_sending(host: &Host) -> Result<()> {
    const COUNT: usize = 200;
    let config = format!(
        "agents: {{ chaos: {{ plugin: {:?}, settings: {{ mode: flaky, failures: 1 }} }} }}\n",
        plugin("chaos")
    );
    let seen = seen(&run(host, &config, &listed(COUNT, "chaos"))?, 0)?;
    println!(
        "every first attempt fails before it sends: {} of {COUNT} succeeded  {:.1} s",
        seen.succeeded,
        seen.duration.as_secs_f64()
    );
    ensure!(seen.succeeded == COUNT, "lost: {:?}", seen.lost);
    Ok(())
}

fn main() -> Result<()> {
    let asked: Vec<String> = std::env::args().collect();
    let mut faults = FAULTS.to_vec();
    if faults
        .iter()
        .any(|(name, _)| asked.iter().any(|asked| asked == name))
    {
        faults.retain(|(name, _)| asked.iter().any(|asked| asked == name));
    }
    let host = host()?;
    before_sending(&host)?;
    total_outage(&host)?;
    let mut wrong = Vec::new();
    for fault in faults {
        wrong.extend(all_seeds(&host, fault)?);
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
