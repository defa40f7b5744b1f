//! Random sessions through the real program: random graphs and outcomes, hosts
//! that are killed at any moment, and tasks that are run again. Each task ends
//! once for each time that it was to run, what is done is done once, and the
//! counts are true.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Child;

use fusebox::journal::Record;

use super::kills::{Chance, number};
use super::{records, start};
use crate::played_api::{Answer, PlayedApi};
use crate::support::{Bench, plugin};

/// How many sessions there are, and what they follow from.
const SESSIONS: &str = "FUSEBOX_SESSIONS";
const SEED: &str = "FUSEBOX_SESSIONS_SEED";

const AGENTS: [&str; 6] = ["whole", "flaky", "late", "fails", "told", "makes-do"];

/// Agents that succeed, that need a retry, that need to be run again, that fail
/// until they are mended, that must not be run twice, and that make do without
/// what they come after.
fn bench(api: &PlayedApi, chance: &mut Chance) -> Bench {
    let (chaos, shout, webhook) = (plugin("chaos"), plugin("shout"), plugin("webhook"));
    let parallel = 1 + chance.below(4);
    Bench::with_config(&format!(
        "session: {{ max_parallel: {parallel}, retry_budget: {{ reserve: 10000 }} }}\n\
         defaults: {{ breaker: {{ mode: \"off\" }}, isolation: {{ mode: \"off\" }}, retry: {{ strategy: fixed, jitter: none, base: 2ms }} }}\n\
         agents:\n  whole: {{ plugin: {shout:?} }}\n  \
         flaky: {{ plugin: {chaos:?}, settings: {{ mode: flaky, failures: 2 }} }}\n  \
         late: {{ plugin: {chaos:?}, settings: {{ mode: flaky, failures: 1 }}, retry: {{ max_attempts: 1 }} }}\n  \
         fails: {{ plugin: {chaos:?}, settings: {{ mode: error }}, retry: {{ max_attempts: 1 }} }}\n  \
         told: {{ plugin: {webhook:?}, settings: {{ url: {:?} }}, grants: {{ upstreams: [chat] }}, degradation: {{ on_upstream_failure: run-degraded }} }}\n  \
         makes-do: {{ plugin: {chaos:?}, settings: {{ mode: busy, iterations: 100000 }}, degradation: {{ on_upstream_failure: run-degraded }} }}\n\
         upstreams:\n  chat: {{ address: {:?}, network: loopback }}\n",
        api.url("/hook"),
        api.origin(),
    ))
}

/// Tasks that come after some of those before them.
fn tasks(chance: &mut Chance) -> String {
    let count = 3 + chance.below(10);
    let task = |at: u64, chance: &mut Chance| {
        let agent = AGENTS[chance.below(AGENTS.len() as u64) as usize];
        let after: BTreeSet<_> = (0..chance.below(4))
            .filter(|_| at > 0)
            .map(|_| chance.below(at.max(1)))
            .collect();
        let after: Vec<_> = after.iter().map(|on| format!("t{on}")).collect();
        format!(
            "- {{ id: t{at}, agent: {agent}, after: [{}], input: {{ text: t{at} }} }}\n",
            after.join(", ")
        )
    };
    (0..count).map(|at| task(at, chance)).collect()
}

/// Kills a host at some moment, unless it has ended before.
fn kill(mut child: Child, bench: &Bench, chance: &mut Chance) {
    let bytes = chance.below(6_000);
    let length = || std::fs::metadata(bench.path("out/journal")).map_or(0, |found| found.len());
    while length() < bytes && child.try_wait().unwrap().is_none() {
        std::hint::spin_loop();
    }
    (0..chance.below(2_000_000)).for_each(|_| std::hint::spin_loop());
    let _ = child.kill();
    child.wait().unwrap();
}

/// What a journal says has happened to each task.
#[derive(Debug, Default)]
struct Told {
    over: BTreeSet<u32>,
    ended: BTreeMap<u32, u32>,
    reopened: BTreeMap<u32, u32>,
    twice: Vec<u32>,
}

fn told(bench: &Bench) -> Told {
    let mut told = Told::default();
    for record in records(&bench.path("out")) {
        match record {
            Record::TaskEnded(ended) => {
                *told.ended.entry(ended.task).or_default() += 1;
                if !told.over.insert(ended.task) {
                    told.twice.push(ended.task);
                }
            }
            Record::Reopened(reopened) => {
                for task in reopened.tasks {
                    told.over.remove(&task);
                    *told.reopened.entry(task).or_default() += 1;
                }
            }
            _ => {}
        }
    }
    told
}

fn session(chance: &mut Chance) {
    let api = PlayedApi::answering(|_| Some(Answer::new(200, "text/plain", "told")));
    let bench = bench(&api, chance);
    bench.write(
        "session.yaml",
        format!("session: test\ntasks:\n{}", tasks(chance)),
    );
    let run = start(&bench, &["run", "session.yaml", "--out", "out"]);
    match chance.below(3) {
        0 => drop(Child::wait_with_output(run).unwrap()),
        _ => kill(run, &bench, chance),
    }
    if !bench.path("out/journal").exists() {
        return;
    }
    for _ in 0..chance.below(4) {
        let again: &[&str] = [&[][..], &["--retry-failed"]][chance.below(2) as usize];
        let resumed = start(&bench, &[&["resume", "out"], again].concat());
        match chance.below(2) {
            0 => drop(Child::wait_with_output(resumed).unwrap()),
            _ => kill(resumed, &bench, chance),
        }
    }
    bench.fusebox(&["resume", "out"]);
    as_told(&bench, &api);
    let mended = [
        "resume",
        "out",
        "--retry-failed",
        "--set=agents.fails.settings.mode=none",
    ];
    bench.fusebox(&mended);
    // What had to be held is run now, and what came after it.
    bench.fusebox(&mended).expect(0);
    as_told(&bench, &api);
}

/// Nobody ended twice, nobody is missing, nothing was sent that was not to be.
fn as_told(bench: &Bench, api: &PlayedApi) {
    let (told, report) = (told(bench), bench.report("out"));
    assert!(told.twice.is_empty(), "ended though they were over: {told:?}");
    let counts = &report.0["counts"];
    let count = |status: &str| counts[status].as_u64().unwrap();
    let total = count("total");
    let all = ["succeeded", "degraded", "failed", "skipped", "cancelled"];
    assert_eq!(
        all.iter().map(|status| count(status)).sum::<u64>(),
        total,
        "{counts}"
    );
    assert_eq!(told.over.len() as u64, total);
    assert_eq!(report.tasks().len() as u64, total);
    for status in all {
        let there = report
            .tasks()
            .iter()
            .filter(|task| task["status"] == status)
            .count();
        assert_eq!(there as u64, count(status), "{status}");
    }
    for (at, task) in (0_u32..).zip(0..total) {
        let sent = api
            .received()
            .iter()
            .filter(|request| request.body == format!("t{task}").as_bytes())
            .count();
        let reopened = told.reopened.get(&at).copied().unwrap_or(0);
        assert!(
            sent as u32 <= 1 + reopened,
            "t{task} was sent {sent} times and reopened {reopened} times"
        );
    }
}

fn sessions(count: u64) {
    let seed = number(SEED, 20_261_127);
    for session_number in 0..count {
        println!("session {session_number} of seed {seed}");
        session(&mut Chance(seed.wrapping_add(session_number)));
    }
}

#[test]
fn two_hundred_random_sessions_with_kills_end_each_task_once() {
    sessions(number(SESSIONS, 200));
}
