//! Services that are down for their first second, ten seconds and minute, in four ways,
//! with the defaults: no task is lost, the service is hardly asked while it is down, and
//! a session goes on soon after. `-- quick` leaves out the minute.

#[path = "common/host.rs"]
mod hosts;
#[path = "common/outage.rs"]
mod outage;
#[path = "common/service.rs"]
mod service;
#[path = "common/session.rs"]
mod session;

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use fusebox::Host;
use hosts::{host, plugin};
use outage::{Kind, Outage, Watcher};
use serde_json::Value;
use session::{run_watched, tasks};

const KINDS: [Kind; 4] = [Kind::Unavailable, Kind::Refused, Kind::Reset, Kind::Silent];
const TASKS: [usize; 2] = [24, 2_000];

/// The longest open time, and its jitter.
const FIRST_SUCCESS_WITHIN: Duration = Duration::from_secs(22);

/// What a session came to.
struct Seen {
    succeeded: usize,
    /// Requests while the service was down.
    requests: u64,
    first_success: Duration,
    duration: Duration,
    /// Of a task without a result.
    lost: Option<Value>,
}

/// A session over a service that is down at first.
fn ride_out(host: &Host, count: usize, kind: Kind, length: Duration) -> Result<Seen> {
    let outage = Outage::new(kind, length);
    let address = outage.serve()?;
    let config = format!(
        "agents:\n  llm:\n    plugin: {:?}\n    settings: {{ url: \"http://{address}/v1/chat/completions\", model: m }}\n    \
         grants: {{ upstreams: [api] }}\n\
         upstreams: {{ api: {{ address: \"http://{address}\", network: loopback }} }}\n",
        plugin("llm"),
    );
    let text: String = (0..count)
        .map(|n| format!("- {{ id: t{n}, agent: llm, input: {{ text: hi }} }}\n"))
        .collect();
    let report = run_watched(host, &config, &text, &mut Watcher(outage.clone()))?;
    let (whole, lost): (Vec<_>, Vec<_>) = tasks(&report)?
        .iter()
        .partition(|task| task.get("status").is_some_and(|status| status == "succeeded"));
    let duration = report.pointer("/session/duration_ms").and_then(Value::as_f64);
    Ok(Seen {
        succeeded: whole.len(),
        requests: outage.requests() + refused(&report)?,
        first_success: outage.first_success().context("nothing succeeded")?,
        duration: Duration::from_secs_f64(duration.context("no duration")? / 1e3),
        lost: lost.first().copied().cloned(),
    })
}

/// Requests for which there was nobody to take them.
fn refused(report: &Value) -> Result<u64> {
    let attempts = tasks(report)?
        .iter()
        .filter_map(|task| task.get("attempts").and_then(Value::as_array));
    let codes = attempts
        .flatten()
        .filter_map(|attempt| attempt.pointer("/failure/code"));
    Ok(codes.filter(|code| *code == "http.connect").count() as u64)
}

/// The same session in each way at once, in threads that mostly wait.
fn at_once(host: &Host, count: usize, length: Duration) -> Result<Vec<Seen>> {
    std::thread::scope(|scope| {
        let threads = KINDS.map(|kind| scope.spawn(move || ride_out(host, count, kind, length)));
        let ended = threads.into_iter().map(|thread| thread.join());
        ended
            .map(|seen| seen.unwrap_or_else(|_| anyhow::bail!("it panicked")))
            .collect()
    })
}

/// The threshold, the places, and a probe for each open time: 10 s, then 20 s, each up
/// to a tenth less.
fn most_requests(outage: Duration) -> u64 {
    let after_first = outage.checked_sub(Duration::from_secs(9));
    5 + 4 + after_first.map_or(0, |rest| 1 + rest.as_secs() / 18)
}

/// What of it is not as it has to be.
fn faults(seen: &Seen, count: usize, outage: Duration, healthy: Duration) -> Vec<String> {
    let mut faults = Vec::new();
    if let Some(lost) = &seen.lost {
        faults.push(format!("{} of {count} succeeded, not {lost}", seen.succeeded));
    }
    let most = most_requests(outage);
    if seen.requests > most {
        faults.push(format!("{} requests, {most} are allowed", seen.requests));
    }
    if seen.first_success > FIRST_SUCCESS_WITHIN {
        faults.push(format!("first success after {:.1?}", seen.first_success));
    }
    let longest = outage + FIRST_SUCCESS_WITHIN + healthy.mul_f64(1.5);
    if seen.duration > longest {
        faults.push(format!(
            "it took {:.1?}, {longest:.1?} are allowed",
            seen.duration
        ));
    }
    faults
}

/// All sessions of so many tasks, and what of them is not as it has to be.
fn ride_out_all(host: &Host, count: usize, outages: &[Duration]) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    let healthy = at_once(host, count, Duration::ZERO)?;
    for outage in outages {
        let seen = at_once(host, count, *outage)?;
        for ((kind, seen), healthy) in KINDS.iter().zip(&seen).zip(&healthy) {
            let case = format!("{kind:<11} {:>4} s  {count:>5}", outage.as_secs());
            println!(
                "{case}  {:>9}  {:>10} (of {:>2})  {:>17.2} s  {:>6.1} s  {:>6.1} s",
                seen.succeeded,
                seen.requests,
                most_requests(*outage),
                seen.first_success.as_secs_f64(),
                seen.duration.as_secs_f64(),
                healthy.duration.as_secs_f64(),
            );
            let faults = faults(seen, count, *outage, healthy.duration);
            wrong.extend(faults.iter().map(|fault| format!("{case}: {fault}")));
        }
    }
    Ok(wrong)
}

fn main() -> Result<()> {
    let quick = std::env::args().any(|argument| argument == "quick");
    let mut outages = [1, 10, 60].map(Duration::from_secs).to_vec();
    outages.retain(|outage| !quick || outage.as_secs() < 60);
    let host = host()?;
    // Compiles the plugin, so that no session has to.
    at_once(&host, 1, Duration::ZERO)?;
    println!(
        "kind        outage  tasks  succeeded  requests while down  first success after  duration   healthy"
    );
    let mut wrong = Vec::new();
    for count in TASKS {
        wrong.extend(ride_out_all(&host, count, &outages)?);
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
