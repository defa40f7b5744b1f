//! A session that can be repeated: on one thread, under a clock that goes on
//! only while everything waits, with what is left to chance drawn from a seed.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use fusebox::board::{Board, Pick};
use fusebox::config::Config;
use fusebox::engine::{Compiler, EngineOptions};
use fusebox::event::{Event, channel};
use fusebox::session::{GiveUp, Graph, LiveSettings, Session};
use fusebox::{Cancellation, Host, TaskStatus};
use fusebox_config::parse;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

use crate::support::{Bench, plugin};

const SEED: u64 = 20_251_124;
const TASKS: u64 = 60;
/// Of `chaos` below. `smart` takes five times the base for a network.
const BASE: Duration = Duration::from_secs(4 * 5);
const MAX_DELAY: Duration = Duration::from_secs(30);

/// What became of a task: the waits before its attempts, and its end.
#[derive(Debug, Clone, PartialEq)]
struct Course {
    delays: Vec<Duration>,
    status: TaskStatus,
    reason: Option<GiveUp>,
}

/// SplitMix64, written out once more.
fn turn(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d049bb133111eb);
    z ^ (z >> 31)
}

/// How often a task fails, from 0 to 4.
fn failures(task: u64) -> usize {
    (turn(SEED ^ task) % 5) as usize
}

/// What is to become of a task, by the documented formulas: the number of an
/// attempt is `next(next(seed) + task x 2^32 + attempt)`; full jitter takes that
/// part of the exponential wait in whole nanoseconds; the cap comes last.
fn by_hand(task: u64) -> Course {
    let wait = |attempt: u64| {
        let number = turn(turn(SEED).wrapping_add((task << 32) + attempt));
        let whole = BASE.as_nanos() << (attempt - 1);
        let drawn = (u128::from(number) * (whole + 1)) >> 64;
        Duration::from_nanos(drawn as u64).min(MAX_DELAY)
    };
    let retries = failures(task).min(3) as u64;
    let fails = failures(task) > 3;
    Course {
        delays: [Duration::ZERO]
            .into_iter()
            .chain((1..=retries).map(wait))
            .collect(),
        status: if fails {
            TaskStatus::Failed
        } else {
            TaskStatus::Succeeded
        },
        reason: fails.then_some(GiveUp::Attempts),
    }
}

fn board() -> String {
    let nodes = (0..TASKS).map(|task| {
        let (y, text) = (task * 100, format!("@fails {} and then says so", failures(task)));
        serde_json::json!({"id": task.to_string(), "type": "text", "text": text, "x": 0, "y": y, "width": 9, "height": 9})
    });
    serde_json::json!({"nodes": nodes.collect::<Vec<_>>(), "edges": []}).to_string()
}

fn config() -> Config {
    let rule = |n: u32| {
        format!(
            "    - {{ agent: chaos, when: {{ prefix: '@fails {n}' }}, settings: {{ mode: flaky, failures: {n} }} }}\n"
        )
    };
    let text = format!(
        "session: {{ seed: {SEED}, retry_budget: {{ reserve: 1000 }} }}\n\
         agents:\n  chaos: {{ plugin: {:?}, retry: {{ base: 4s }}, breaker: {{ mode: 'off' }} }}\n\
         boards:\n  rules:\n{}",
        plugin("chaos"),
        (0..5).map(rule).collect::<String>()
    );
    parse(&text, Path::new("")).unwrap()
}

/// A host whose plugins the command compiles.
fn host() -> Host {
    let program = env!("CARGO_BIN_EXE_fusebox").into();
    let options = EngineOptions {
        compiler: Compiler::Program(program),
        ..EngineOptions::default()
    };
    Host::new(&options).unwrap()
}

/// Runs a graph on this thread under a paused clock. Says what became of each
/// task, and how long that took by that clock.
fn run(host: &Host, config: &Config, graph: &Arc<Graph>) -> (BTreeMap<u64, Course>, Duration) {
    let registry = host
        .load(config, graph.agents().iter().map(String::as_str))
        .unwrap();
    let live = Arc::new(LiveSettings::new(graph, &registry, config.session).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let started = tokio::time::Instant::now();
        let (sender, mut events) = channel(Arc::default());
        let session = Session::new(
            "seeded".into(),
            graph.clone(),
            live,
            sender,
            Arc::new(Cancellation::new(CancellationToken::new())),
        );
        let read = async {
            let (mut delays, mut courses) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::new());
            while let Some(event) = events.recv().await {
                match event {
                    Event::SessionStarted { seed, .. } => assert_eq!(seed, SEED),
                    Event::AttemptEnded { task, attempt, .. } => {
                        delays.entry(task).or_default().push(attempt.delay_before);
                    }
                    Event::TaskEnded { task, record } => {
                        let course = Course {
                            delays: delays.remove(&task).unwrap_or_default(),
                            status: record.status,
                            reason: record.reason,
                        };
                        courses.insert(u64::from(task), course);
                    }
                    _ => {}
                }
            }
            courses
        };
        let (_, courses) = tokio::join!(session.run(), read);
        (courses, started.elapsed())
    })
}

#[test]
fn a_flaky_board_ends_as_computed_by_hand_twice_in_a_row() {
    let (host, config) = (host(), config());
    let made = Board::parse(board())
        .unwrap()
        .graph(&config.boards, &Pick::default(), Path::new("."));
    let graph = Arc::new(made.unwrap().0);
    let expected: BTreeMap<_, _> = (0..TASKS).map(|task| (task, by_hand(task))).collect();
    let counts = [0, 1, 2, 3, 4].map(|n| (0..TASKS).filter(|task| failures(*task) == n).count());
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
    let waits = expected
        .values()
        .map(|course| course.delays.iter().sum::<Duration>());
    let longest = waits.max().unwrap();
    // Longer than an attempt's deadline, which only the paused clock has passed.
    assert!(longest > Duration::from_secs(30), "{longest:?}");
    for _ in 0..2 {
        let began = Instant::now();
        let (found, took) = run(&host, &config, &graph);
        assert_eq!(found, expected);
        // A timer goes off at the next whole millisecond.
        assert!(
            took >= longest && took < longest + Duration::from_millis(5),
            "{took:?} {longest:?}"
        );
        assert!(
            began.elapsed() < longest,
            "it really waited: {:?}",
            began.elapsed()
        );
    }
}

/// The deadline goes by the clock by which guests wait.
#[test]
fn under_a_paused_clock_a_guest_that_waits_has_its_deadline() {
    let (host, config) = (host(), config());
    let bench = Bench::with_config("{}");
    let task = |id: &str, ms: u64| {
        format!(
            "- {{ id: {id}, agent: chaos, settings: {{ mode: sleep, ms: {ms} }}, input: {{ text: x }} }}\n"
        )
    };
    let tasks = format!("{}{}", task("short", 29_000), task("long", 31_000));
    bench.write("sleepers.yaml", format!("session: sleepers\ntasks:\n{tasks}"));
    let (_, graph) = fusebox::session::load(&bench.path("sleepers.yaml")).unwrap();
    let began = Instant::now();
    let (found, took) = run(&host, &config, &Arc::new(graph));
    assert_eq!(found[&0].status, TaskStatus::Succeeded);
    assert_eq!(found[&1].status, TaskStatus::Failed);
    assert_eq!(found[&1].delays.len(), 4);
    assert!(took >= Duration::from_secs(120), "{took:?}");
    assert!(began.elapsed() < Duration::from_secs(29), "it really waited");
}

/// The seed is written down, and the waits are those of that seed again.
#[test]
fn a_run_is_repeated_with_the_seed_of_its_report() {
    let bench = Bench::new("");
    let tasks: String = (0..8)
        .map(|n| {
            format!("- {{ id: t{n}, agent: chaos, settings: {{ mode: flaky, failures: 2 }}, input: {{ text: x }} }}\n")
        })
        .collect();
    let waits = |out: &str| {
        let report = bench.report(out);
        let wait = |id: u32| {
            let attempts = report.task(&format!("t{id}"))["attempts"].as_array().unwrap();
            attempts
                .iter()
                .map(|attempt| attempt["delay_before_ms"].as_f64().unwrap())
                .collect::<Vec<_>>()
        };
        let seed = report.0["session"]["seed"].as_u64().unwrap();
        (seed, (0..8).map(wait).collect::<Vec<_>>())
    };
    bench.session(&tasks, "drawn").expect(0);
    let (seed, first) = waits("drawn");
    assert!(seed < 1 << 53, "{seed} is not the same number to every reader");
    bench
        .fusebox(&[
            "run",
            "session.yaml",
            "--out",
            "again",
            "--set",
            &format!("session.seed={seed}"),
        ])
        .expect(0);
    assert_eq!(waits("again"), (seed, first.clone()));
    bench.session(&tasks, "other").expect(0);
    assert_ne!(waits("other").1, first);
}
