//! What tasks that misbehave do to those beside them: 500 good tasks alone,
//! beside 50 attackers of ten kinds, and beside 50 honest tasks that compute as
//! long as an attacker may.

#[path = "common/host.rs"]
mod hosts;
#[path = "common/quantile.rs"]
mod quantile;
#[path = "common/session.rs"]
mod session;

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use hosts::{host, plugin};
use quantile::quantile;
use serde_json::Value;
use session::{run, tasks};

const GOOD: usize = 500;
const OTHERS: usize = 50;
const ROUNDS: usize = 9;

const ATTACKS: [&str; 10] = [
    "mode: panic",
    "mode: spin",
    "mode: memory",
    "mode: recurse",
    "mode: garbage",
    "mode: flaky, failures: 100",
    "mode: error, partial: true",
    "mode: inner, failures: 100",
    "mode: sleep, ms: 10000",
    "mode: busy, iterations: 18446744073709551615",
];

/// Good tasks with others spread among them.
fn session_of(others: &[String]) -> String {
    let every = (GOOD / OTHERS).max(1);
    let mut text = String::new();
    for n in 0..GOOD {
        text += &format!(
            "- {{ id: good{n}, agent: outline, input: {{ text: \"# Part {n}\\n\\nA text.\\n\\n## Section\\n\\nMore.\" }} }}\n"
        );
        if let Some(settings) = others.get(n / every).filter(|_| n % every == 0) {
            text += &format!(
                "- {{ id: other{n}, agent: chaos, settings: {{ {settings} }}, input: {{ text: x }} }}\n"
            );
        }
    }
    text
}

/// What each round of one kind of session came to, in milliseconds.
#[derive(Default)]
struct Seen {
    medians: Vec<f64>,
    late: Vec<f64>,
    totals: Vec<f64>,
}

/// The outputs of the good tasks, and how long their attempts took.
fn good(report: &Value) -> Result<(BTreeMap<String, String>, Vec<f64>)> {
    let (mut outputs, mut times) = (BTreeMap::new(), Vec::new());
    for task in tasks(report)? {
        let id = task.get("id").and_then(Value::as_str).context("no id")?;
        if !id.starts_with("good") {
            continue;
        }
        let digest = task.pointer("/output/sha256").and_then(Value::as_str);
        let digest = digest.with_context(|| format!("{id} has no result: {task}"))?;
        outputs.insert(id.to_owned(), digest.to_owned());
        let time = task.pointer("/attempts/0/duration_ms").and_then(Value::as_f64);
        times.push(time.context("no attempt")?);
    }
    ensure!(outputs.len() == GOOD, "{} good results", outputs.len());
    Ok((outputs, times))
}

fn main() -> Result<()> {
    let config = format!(
        "session: {{ max_parallel: 64, seed: 1 }}\nagents:\n  outline: {{ plugin: {:?} }}\n  chaos:\n    plugin: {:?}\n    \
         limits: {{ fuel: 18446744073709551615, cpu: 200ms, deadline: 2s }}\n    retry: {{ max_attempts: 1 }}\n    \
         breaker: {{ mode: \"off\" }}\n",
        plugin("outline"),
        plugin("chaos"),
    );
    let host = host()?;
    let honest = "mode: busy, iterations: 60000000".to_owned();
    let attacks = ATTACKS.iter().cycle().take(OTHERS).map(|kind| (*kind).to_owned());
    let beside = [
        ("alone", Vec::new()),
        ("beside 50 honest tasks that compute", vec![honest; OTHERS]),
        ("beside 50 attackers of ten kinds", attacks.collect()),
    ];
    let sessions = beside.each_ref().map(|(_, others)| session_of(others));
    let mut expected = None;
    let mut seen: [Seen; 3] = Default::default();
    // In turns, so that what else the machine does meets all alike.
    for _ in 0..ROUNDS {
        for ((name, _), (session, seen)) in beside.iter().zip(sessions.iter().zip(&mut seen)) {
            let report = run(&host, &config, session)?;
            let (outputs, mut times) = good(&report)?;
            ensure!(
                *expected.get_or_insert_with(|| outputs.clone()) == outputs,
                "other results {name}"
            );
            seen.medians.push(quantile(&mut times, 0.5));
            seen.late.push(quantile(&mut times, 0.99));
            let total = report.pointer("/session/duration_ms").and_then(Value::as_f64);
            seen.totals.extend(total);
        }
    }
    let mut medians = Vec::new();
    for ((name, _), seen) in beside.iter().zip(&mut seen) {
        let [median, late, total] =
            [&mut seen.medians, &mut seen.late, &mut seen.totals].map(|of| quantile(of, 0.5));
        println!(
            "{GOOD} good tasks {name:36} median {median:7.3} ms, 99 % {late:8.3} ms, session {total:8.1} ms"
        );
        medians.push(median);
    }
    println!("all results are the same, byte for byte");
    if let [alone, honest, attacked] = medians.as_slice() {
        println!(
            "median beside attackers: {:.2} x that beside honest tasks, {:.2} x that alone",
            attacked / honest,
            attacked / alone
        );
    }
    Ok(())
}
