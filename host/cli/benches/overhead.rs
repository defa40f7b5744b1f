//! What supervision costs: bare wasmtime against a session, side by side, with
//! the same engine, the same component and the same protections; and what the
//! journal costs: that session again, with what happened on the disk before it is
//! told.
//!
//! Each round measures both, one after the other, so that a change of the
//! machine's speed meets both; the medians of the rounds are compared.

// It reads files that nobody else has touched.
#![allow(clippy::disallowed_methods)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use fusebox::archive::{Beginning, SessionJournal};
use fusebox::config::Config;
use fusebox::engine::{Compiler, Engine, EngineOptions};
use fusebox::recorder::Recorder;
use fusebox::report::{Nobody, OutputDir};
use fusebox::session::{Graph, Task};
use fusebox::{Host, Launch, Output};
use tokio_util::sync::CancellationToken;
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Store, StoreLimits, StoreLimitsBuilder, UpdateDeadline};

mod bare {
    wasmtime::component::bindgen!({
        path: "../../wit/agent",
        inline: "
            package fusebox:bench;
            world bare {
                import fusebox:agent/log@0.1.0;
                export fusebox:agent/plugin@0.1.0;
            }
        ",
        world: "fusebox:bench/bare",
        imports: { default: trappable },
        exports: { default: async },
    });
}

use bare::exports::fusebox::agent::plugin::{Content, Request};
use bare::fusebox::agent::log;

/// As in the program; both sides have it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TASKS: usize = 40_000;
const ROUNDS: usize = 7;
const INPUT: &str = "a trivial task";

/// What a bare store holds: the limiter and the lines that were logged.
struct State {
    limits: StoreLimits,
    lines: Vec<String>,
}

impl log::Host for State {
    fn write(&mut self, _: log::Level, message: String, _: Vec<(String, String)>) -> wasmtime::Result<()> {
        self.lines.push(message);
        Ok(())
    }
}

fn main() -> Result<()> {
    let program = Path::new(env!("CARGO_BIN_EXE_fusebox"));
    let options = EngineOptions {
        compiler: Compiler::Program(program.to_owned()),
        ..EngineOptions::default()
    };
    let host = Host::new(&options)?;
    let engine = Engine::new(&options)?;
    let plugin = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/plugins/shout.wasm");
    let bytes =
        std::fs::read(&plugin).with_context(|| format!("{}: run `make plugins` first", plugin.display()))?;
    let component = engine.component("shout", &bytes)?;
    println!("{TASKS} trivial tasks, median of {ROUNDS} rounds");
    println!(
        "{:>9}  {:>14}  {:>14}  {:>7}  {:>14}  {:>7}",
        "at once", "bare", "supervised", "ratio", "with a journal", "lost"
    );
    for threads in [1, 2] {
        let mut pairs = Vec::new();
        for _ in 0..ROUNDS {
            pairs.push((
                bare_run(&engine, &component, threads)?,
                supervised_run(&host, &plugin, threads, false)?,
                supervised_run(&host, &plugin, threads, true)?,
            ));
        }
        let bare = median(pairs.iter().map(|pair| pair.0));
        let supervised = median(pairs.iter().map(|pair| pair.1));
        let ratio = supervised.as_secs_f64() / bare.as_secs_f64();
        let journalled = median(pairs.iter().map(|pair| pair.2));
        // The share of the throughput that the journal takes, round by round, so
        // that both have had the same machine.
        let mut shares: Vec<_> = pairs
            .iter()
            .map(|(_, without, with)| 1.0 - without.as_secs_f64() / with.as_secs_f64())
            .collect();
        shares.sort_by(f64::total_cmp);
        let share = shares.get(shares.len() / 2).copied().unwrap_or_default();
        println!(
            "{threads:>9}  {:>14}  {:>14}  {ratio:>7.2}  {:>14}  {:>5.1} %",
            rate(bare),
            rate(supervised),
            rate(journalled),
            share * 100.0
        );
    }
    Ok(())
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<_> = times.collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn rate(time: Duration) -> String {
    let each = time.as_secs_f64() / TASKS as f64;
    format!("{:.2} µs {:>7.0}/s", each * 1e6, 1.0 / each)
}

/// The tasks on so many threads, with nothing but wasmtime.
fn bare_run(engine: &Engine, component: &Component, threads: usize) -> Result<Duration> {
    let mut linker = Linker::<State>::new(engine.wasmtime());
    log::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
    let pre = bare::BarePre::new(linker.instantiate_pre(component)?)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()?;
    let started = Instant::now();
    runtime.block_on(async {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                let pre = pre.clone();
                tokio::spawn(async move {
                    for task in 0..TASKS / threads {
                        bare_task(&pre, task).await?;
                    }
                    Ok::<_, anyhow::Error>(())
                })
            })
            .collect();
        for worker in workers {
            worker.await??;
        }
        Ok::<_, anyhow::Error>(())
    })?;
    Ok(started.elapsed())
}

async fn bare_task(pre: &bare::BarePre<State>, task: usize) -> Result<()> {
    let limits = StoreLimitsBuilder::new()
        .memory_size(64 << 20)
        .table_elements(50_000)
        .build();
    let mut store = Store::new(
        pre.engine(),
        State {
            limits,
            lines: Vec::new(),
        },
    );
    store.set_fuel(5_000_000_000)?;
    store.limiter(|state| &mut state.limits);
    store.set_hostcall_fuel(2 << 20);
    store.set_max_component_handles(1_000);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Yield(1)));
    let agent = pre.instantiate_async(&mut store).await?;
    let request = Request {
        session: "bench".into(),
        task: format!("task-{task}"),
        instance: "default".into(),
        input: Content {
            content_type: "text/plain".into(),
            bytes: INPUT.into(),
        },
        dependencies: Vec::new(),
        settings: "{}".into(),
        extensions: Vec::new(),
    };
    let output = agent
        .fusebox_agent_plugin()
        .call_run(&mut store, &request)
        .await?;
    ensure!(
        output.is_ok_and(|output| output.bytes == b"A TRIVIAL TASK"),
        "the guest failed"
    );
    Ok(())
}

/// The same tasks as a session, its report written to disk.
fn supervised_run(host: &Host, plugin: &Path, at_once: usize, journalled: bool) -> Result<Duration> {
    let config = configuration(plugin.to_owned(), at_once)?;
    let graph = Arc::new(Graph::new((0..TASKS).map(task).collect(), vec!["shout".into()])?);
    let registry = host.load(&config, ["shout"])?;
    let folder = tempfile::tempdir()?;
    let started = Instant::now();
    let out = Arc::new(OutputDir::create(&folder.path().join("out"))?);
    let archive = journalled
        .then(|| SessionJournal::begin(&out, &graph, Beginning::default()))
        .transpose()?;
    let recorder = Recorder::begin(out, "bench", "bench", &graph)?;
    let mut launch = Launch::new("bench", graph, config.session, CancellationToken::new());
    if let Some(archive) = &archive {
        launch = launch.kept_by(archive);
    }
    let running = host.launch(launch, &registry)?;
    let recorded = recorder.follow(running, &mut Nobody)?;
    if let Some(archive) = archive {
        archive.finish()?;
    }
    let time = started.elapsed();
    ensure!(
        recorded.outcome.counts.succeeded == TASKS as u64,
        "{:?}",
        recorded.outcome
    );
    Ok(time)
}

fn configuration(plugin: PathBuf, at_once: usize) -> Result<Config> {
    let text = format!(
        "session: {{ max_parallel: {at_once} }}\nagents: {{ shout: {{ plugin: {:?} }} }}",
        plugin.display().to_string()
    );
    Ok(fusebox_config::parse(&text, Path::new("."))?)
}

fn task(index: usize) -> Task {
    Task {
        id: format!("task-{index}").into(),
        agent: 0,
        input: Arc::new(Output {
            content_type: "text/plain".into(),
            bytes: INPUT.into(),
        }),
        settings: None,
        after: Box::default(),
        required: false,
        on_upstream_failure: None,
        fallback: None,
    }
}
