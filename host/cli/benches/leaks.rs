//! What a hundred thousand attempts that fail leave behind: memory, threads and
//! files of this process before and after.

// It reads what the kernel says of it.
#![allow(clippy::disallowed_methods)]

#[path = "common/host.rs"]
mod hosts;
#[path = "common/session.rs"]
mod session;

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use hosts::{host, plugin};
use serde_json::Value;
use session::{run, tasks};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ATTEMPTS: usize = 100_000;
/// Attempts before: one session, after which the plugin is compiled and each
/// place of the engine that is used at once has been used.
const WARM: usize = SESSION;
/// Attempts of one session, whose report is read whole.
const SESSION: usize = 10_000;
/// The most that memory may have grown by, in bytes.
const GROWTH: u64 = 20 << 20;

const KINDS: [&str; 8] = [
    "mode: panic",
    "mode: spin",
    "mode: memory",
    "mode: recurse",
    "mode: garbage",
    "mode: flaky, failures: 100",
    "mode: error, partial: true",
    "mode: inner, failures: 100",
];

/// What the process holds: resident bytes, threads, open files.
fn held() -> Result<(u64, u64, usize)> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let field = |name: &str| -> Result<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|rest| rest.split_whitespace().next());
        Ok(number.context("no such field")?.parse()?)
    };
    let files = std::fs::read_dir("/proc/self/fd")?.count();
    Ok((field("VmRSS:")? << 10, field("Threads:")?, files))
}

fn main() -> Result<()> {
    let instance = |n: usize| format!("      i{n}: {{}}\n");
    let config = format!(
        "session: {{ max_parallel: 16, seed: 1 }}\nagents:\n  chaos:\n    plugin: {:?}\n    \
         limits: {{ fuel: 20000000, memory: 4MiB }}\n    retry: {{ max_attempts: 1 }}\n    breaker: {{ mode: \"off\" }}\n    \
         instances:\n{}",
        plugin("chaos"),
        (0..4).map(instance).collect::<String>(),
    );
    let session: String = (0..SESSION)
        .zip(KINDS.iter().cycle())
        .map(|(n, kind)| {
            format!("- {{ id: t{n}, agent: chaos, settings: {{ {kind} }}, input: {{ text: x }} }}\n")
        })
        .collect();
    let host = host()?;
    let (mut codes, mut before) = (BTreeMap::<String, usize>::new(), None);
    for round in 1..=(WARM + ATTEMPTS) / SESSION {
        let report = run(&host, &config, &session)?;
        let counts = round * SESSION > WARM;
        if counts {
            for task in tasks(&report)? {
                let code = task
                    .pointer("/failure/code")
                    .and_then(Value::as_str)
                    .unwrap_or("none");
                *codes.entry(code.to_owned()).or_default() += 1;
            }
        }
        drop(report);
        let (memory, threads, files) = held()?;
        println!(
            "after {:>6}: {:6.1} MiB, {threads} threads, {files} files",
            round * SESSION,
            mib(memory)
        );
        if round * SESSION == WARM {
            before = Some((memory, threads, files));
        }
    }
    println!("{codes:?}");
    let (was, now) = (before.context("nothing was run")?, held()?);
    let grown = now.0.saturating_sub(was.0);
    ensure!(grown <= GROWTH, "{:.1} MiB more than before", mib(grown));
    ensure!(
        now.1 <= was.1 && now.2 <= was.2,
        "threads or files were left: {was:?}, {now:?}"
    );
    println!(
        "{:.1} MiB more after {ATTEMPTS} failures, no thread and no file",
        mib(grown)
    );
    Ok(())
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
