//! What a decision costs: the built-in retry policy, a policy component beside
//! the bare fresh call, the path of a closed circuit beside another library's,
//! and how late a retry starts under load.

// It makes files in a folder of its own.
#![allow(clippy::disallowed_methods)]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use fusebox::engine::{Compiler, Engine, EngineOptions};
use fusebox::event::Event;
use fusebox::failure::{Code, Failure};
use fusebox::resilience::breaker::{BreakerRules, Outcome, SharedBreaker};
use fusebox::resilience::{Meanings, RetryRules, Snapshot, decide};
use fusebox::simulation::Scenario;
use fusebox::{Host, session};
use serde_json::Map;
use wasmtime::component::Linker;
use wasmtime::{Store, StoreLimits, StoreLimitsBuilder, UpdateDeadline};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 9;
const DECISIONS: u32 = 1000;

mod bare {
    wasmtime::component::bindgen!({
        path: ["../../wit/agent", "../../wit/policy"],
        inline: "
            package fusebox:bench;
            world bare {
                export fusebox:policy/retry@0.1.0;
            }
        ",
        world: "fusebox:bench/bare",
        exports: { default: async },
    });
}

/// What the policy is told, and what it answers.
mod wire {
    pub(super) use super::bare::exports::fusebox::policy::retry::{PastAttempt, Snapshot};
    pub(super) use super::bare::fusebox::agent::types::{Category, Severity};
    pub(super) use super::bare::fusebox::policy::types::{Blame, Context, Failure};
}

use bare::exports::fusebox::policy::retry::Decision;

fn main() -> Result<()> {
    let options = EngineOptions {
        compiler: Compiler::Program(Path::new(env!("CARGO_BIN_EXE_fusebox")).to_owned()),
        ..EngineOptions::default()
    };
    let (host, engine) = (Host::new(&options)?, Engine::new(&options)?);
    built_in();
    circuit();
    component(&host, &engine)?;
    punctuality(&host)
}

/// The median time of one turn, in nanoseconds.
fn median(turns: u32, mut work: impl FnMut()) -> f64 {
    let mut times: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            (0..turns).for_each(|_| work());
            started.elapsed().as_secs_f64() * 1e9 / f64::from(turns)
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times.get(ROUNDS / 2).copied().unwrap_or_default()
}

fn built_in() {
    let (rules, failure) = (
        RetryRules::default(),
        Failure::new(Code::TrapPanic, "it panicked"),
    );
    let snapshot = Snapshot {
        failure: &failure,
        attempt: 2,
        previous_delay: Duration::from_millis(100),
        elapsed: Duration::from_secs(1),
        remaining: None,
        idempotent: true,
        meanings: Meanings::NONE,
    };
    let mut random = 0_u64;
    let time = median(1_000_000, || {
        random = random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        black_box(decide(black_box(&rules), black_box(&snapshot), random));
    });
    println!("a built-in retry decision                     {time:>9.1} ns   (bound: 200)");
}

/// A permit and its return while the circuit is closed: on one core, and on
/// both at once, beside the crate `recloser` in the same run.
fn circuit() {
    let (rules, circuit) = (BreakerRules::default(), SharedBreaker::new(Duration::ZERO));
    // Time is handed in: 100 ns for each call, so that a run takes 0.9 s of it.
    let ours = |seconds| {
        let (mut now, rules, circuit) = (Duration::from_secs(seconds), &rules, &circuit);
        move || {
            now += Duration::from_nanos(100);
            if let Ok(grant) = circuit.try_acquire(rules, now) {
                black_box(circuit.finish(grant.permit, Outcome::Success, Duration::ZERO, rules, now, 0));
            }
        }
    };
    let other = recloser::Recloser::default();
    let theirs = || {
        let _ = black_box(other.call(|| Ok::<_, ()>(())));
    };
    let alone = median(1_000_000, ours(0));
    println!("a call through a closed circuit, uncontended  {alone:>9.1} ns   (bound: 40)");
    println!(
        "  the same through recloser                   {:>9.1} ns",
        median(1_000_000, theirs)
    );
    let shared = both(|| ours(1));
    println!(
        "  ours, both cores on one circuit             {shared:>9.1} ns   ratio {:.2} (bound: 2)",
        shared / alone
    );
    println!(
        "  recloser, both cores                        {:>9.1} ns",
        both(|| theirs)
    );
}

/// The same on two threads at once: the time of one turn of one of them.
fn both<W: FnMut()>(work: impl Fn() -> W + Sync) -> f64 {
    std::thread::scope(|scope| {
        let other = scope.spawn(|| median(1_000_000, work()));
        median(1_000_000, work()).max(other.join().unwrap_or_default())
    })
}

/// A decision through a component, and the bare fresh instance and call.
fn component(host: &Host, engine: &Engine) -> Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/plugins/fibonacci.wasm");
    let policy = host.load_policy(&file).context("run `make plugins` first")?;
    let component = engine.component("policy", &std::fs::read(&file)?)?;
    let linker = Linker::<StoreLimits>::new(engine.wasmtime());
    let pre = bare::BarePre::new(linker.instantiate_pre(&component)?)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut pairs = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        for attempt in 1..=DECISIONS {
            runtime.block_on(bare_decision(&pre, attempt))?;
        }
        let bare = started.elapsed();
        let started = Instant::now();
        let steps = host
            .simulate(Some(&policy), &Map::new(), &scenario())
            .unwrap_or_default();
        ensure!(
            steps.len() == DECISIONS as usize && steps.iter().all(|step| step.strike.is_none()),
            "it failed"
        );
        pairs.push((bare, started.elapsed()));
    }
    let of = |pick: fn(&(Duration, Duration)) -> Duration| {
        let mut times: Vec<_> = pairs.iter().map(pick).collect();
        times.sort_unstable();
        let median = times.get(ROUNDS / 2).copied().unwrap_or_default();
        median.as_secs_f64() * 1e6 / f64::from(DECISIONS)
    };
    let (bare, decided) = (of(|pair| pair.0), of(|pair| pair.1));
    let ratio = decided / bare;
    println!("a bare fresh instance and call of a policy    {bare:>9.2} µs");
    println!(
        "  a decision through it                       {decided:>9.2} µs   ratio {ratio:.2} (bound: 1.5)"
    );
    Ok(())
}

/// The same failure over and over, with room for every attempt.
fn scenario() -> Scenario {
    Scenario {
        rules: RetryRules {
            max_attempts: DECISIONS,
            max_elapsed: Duration::from_secs(1 << 32),
            ..RetryRules::default()
        },
        failures: vec![Arc::new(Failure::new(Code::TrapPanic, "it panicked"))],
        seed: 7,
        idempotent: true,
        budget: u64::MAX,
    }
}

async fn bare_decision(pre: &bare::BarePre<StoreLimits>, attempt: u32) -> Result<()> {
    let limits = StoreLimitsBuilder::new().memory_size(16 << 20).build();
    let mut store = Store::new(pre.engine(), limits);
    store.set_fuel(20_000_000)?;
    store.limiter(|limits| limits);
    store.set_hostcall_fuel(64 << 10);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Yield(1)));
    let policy = pre.instantiate_async(&mut store).await?;
    let verdict = policy
        .fusebox_policy_retry()
        .call_decide(&mut store, &snapshot(attempt))
        .await?;
    ensure!(matches!(verdict.decision, Decision::Again(_)), "it gave up");
    Ok(())
}

fn snapshot(attempt: u32) -> wire::Snapshot {
    let failure = |at_ms| wire::Failure {
        code: "trap.panic".into(),
        category: wire::Category::InstanceFailure,
        severity: wire::Severity::High,
        blame: wire::Blame::Guest,
        retryable: Some(true),
        retry_after_ms: None,
        at_ms,
    };
    let past = |number| wire::PastAttempt {
        number,
        failure: failure(0),
        delay_before_ms: 100,
    };
    wire::Snapshot {
        context: wire::Context {
            now_ms: 1_000,
            seed: 7,
            settings: "{}".into(),
            memory: Vec::new(),
            agent: "rehearsal".into(),
            instance: "rehearsal".into(),
        },
        failure: failure(1_000),
        attempt,
        max_attempts: DECISIONS + 1,
        history: (attempt.saturating_sub(16).max(1)..attempt).map(past).collect(),
        delay_before_ms: 100,
        elapsed_ms: 1_000,
        remaining_ms: None,
        budget_left: 1_000_000,
        idempotent: true,
    }
}

/// How late retries start: a thousand tasks that fail once and wait, each as
/// long as its jitter says, beside guests that keep both cores busy.
fn punctuality(host: &Host) -> Result<()> {
    let plugin = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/plugins/chaos.wasm");
    let text = format!(
        "session: {{ max_parallel: 300, retry_budget: {{ reserve: 10000 }} }}\nagents: {{ chaos: {{ plugin: {:?}, \
         limits: {{ fuel: 100000000000 }}, breaker: {{ mode: \"off\" }}, \
         retry: {{ strategy: fixed, jitter: full, base: 1s }} }} }}",
        plugin.display().to_string()
    );
    let config = fusebox_config::parse(&text, Path::new("."))?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("s.yaml");
    let task = |n: usize| match n % 50 {
        0 => format!(
            "- {{ id: b{n}, agent: chaos, settings: {{ mode: busy, iterations: 100000000 }}, input: {{ text: x }} }}\n"
        ),
        _ => format!(
            "- {{ id: f{n}, agent: chaos, settings: {{ mode: flaky, failures: 1 }}, input: {{ text: x }} }}\n"
        ),
    };
    let tasks: String = (0..1000).map(task).collect();
    std::fs::write(&file, format!("session: bench\ntasks:\n{tasks}"))?;
    let (_, graph) = session::load(&file)?;
    let mut running = host.start("bench", Arc::new(graph), &config)?;
    let mut due = std::collections::HashMap::new();
    let mut late = Vec::new();
    while let Some(event) = running.next_event() {
        match event {
            Event::RetryScheduled { task, at, .. } => drop(due.insert(task, at)),
            Event::AttemptStarted { task, at, .. } => {
                late.extend(
                    due.remove(&task)
                        .map(|due| at.duration_since(due).as_secs_f64() * 1e3),
                );
            }
            _ => {}
        }
    }
    running.wait()?;
    println!(
        "how late a retry starts, {} retries under load (bound: 1 ms)",
        late.len()
    );
    print_lateness("by the host", &mut late);
    print_lateness(
        "two bare threads that only look at the clock",
        &mut bare_lateness(late.len()),
    );
    Ok(())
}

/// What the machine itself makes late: two threads that do nothing but wait for
/// as many times within a second, and never sleep. Nothing can be more punctual
/// than they are.
fn bare_lateness(times: usize) -> Vec<f64> {
    let start = Instant::now();
    let next = AtomicUsize::new(0);
    let wait_for_all = || {
        let mut late = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= times {
                return late;
            }
            let due = Duration::from_secs(1).mul_f64(number as f64 / times as f64);
            while start.elapsed() < due {
                std::hint::spin_loop();
            }
            late.push((start.elapsed() - due).as_secs_f64() * 1e3);
        }
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(wait_for_all);
        let mut late = wait_for_all();
        late.extend(other.join().unwrap_or_default());
        late
    })
}

fn print_lateness(of: &str, late: &mut [f64]) {
    late.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let found = late.get((late.len() as f64 * share) as usize).or(late.last());
        found.copied().unwrap_or_default()
    };
    let in_time = late.iter().filter(|late| **late <= 1.0).count();
    println!(
        "  {of:<46} within 1 ms {:.1} %   median {:.3} ms   99 % {:.2} ms   most {:.2} ms",
        100.0 * in_time as f64 / late.len().max(1) as f64,
        at(0.5),
        at(0.99),
        at(1.0)
    );
}
