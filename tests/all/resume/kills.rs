//! A host that is killed at any moment: no result is lost, none is made twice,
//! and in the end everything is as if nothing had happened.

use std::path::Path;
use std::process::Child;

use serde_json::{Value, json};

use super::{ended, outcomes, start};
use crate::support::{Bench, plugin};

const TASKS: usize = 500;
/// How many kills there are, and what their moments follow from.
const KILLS: &str = "FUSEBOX_KILLS";
const SEED: &str = "FUSEBOX_KILLS_SEED";

/// Nodes of three colours: those that are done, some with results that are files
/// of their own; those that fail at first; those that fail for good, and what
/// depends on them is skipped.
fn board() -> String {
    let node = |n: usize| {
        let color = match n {
            n if n % 50 == 7 => "6",
            n if n % 10 == 3 => "5",
            _ => "4",
        };
        let text = "words of a node ".repeat(if n.is_multiple_of(25) { 400 } else { 1 });
        json!({ "id": format!("n{n}"), "type": "text", "text": format!("{n} {text}"), "color": color,
            "x": 600 * (n % 5), "y": 150 * (n / 5), "width": 250, "height": 60 })
    };
    let edge = |n: usize| json!({ "id": format!("e{n}"), "fromNode": format!("n{}", n - 1), "toNode": format!("n{n}") });
    let nodes: Vec<_> = (0..TASKS).map(node).collect();
    let edges: Vec<_> = (0..TASKS).filter(|n| !n.is_multiple_of(5)).map(edge).collect();
    serde_json::to_string_pretty(&json!({ "nodes": nodes, "edges": edges })).unwrap()
}

fn bench() -> Bench {
    let chaos = plugin("chaos");
    let bench = Bench::with_config(&format!(
        "session: {{ max_parallel: 2, retry_budget: {{ reserve: 10000 }} }}\nagents:\n  busy:\n    plugin: {chaos:?}\n    settings: {{ mode: busy, iterations: 500000 }}\n  \
         flaky:\n    plugin: {chaos:?}\n    settings: {{ mode: flaky, failures: 1 }}\n    \
         retry: {{ strategy: fixed, base: 1ms, jitter: none }}\n    breaker: {{ mode: \"off\" }}\n  \
         fails:\n    plugin: {chaos:?}\n    settings: {{ mode: error }}\n    breaker: {{ mode: \"off\" }}\n\
         boards:\n  rules:\n    - {{ agent: busy, when: {{ color: \"4\" }} }}\n    - {{ agent: flaky, when: {{ color: \"5\" }} }}\n    \
         - {{ agent: fails, when: {{ color: \"6\" }} }}\n"
    ));
    bench.write("b.canvas", board());
    bench
}

/// What an undisturbed session leaves.
struct Undisturbed {
    report: Value,
    board: Vec<u8>,
    journal: u64,
}

fn undisturbed() -> Undisturbed {
    let bench = bench();
    bench
        .fusebox(&["run", "b.canvas", "--out", "out", "--write"])
        .expect(3);
    let board = std::fs::read(bench.path("out/board.canvas")).unwrap();
    assert_eq!(std::fs::read(bench.path("b.canvas")).unwrap(), board);
    let report = bench.report("out").0;
    assert_eq!(report["counts"]["total"], TASKS);
    assert!(
        report["counts"]["retried"].as_u64().unwrap() > 20,
        "{}",
        report["counts"]
    );
    assert!(
        report["counts"]["skipped"].as_u64().unwrap() > 5,
        "{}",
        report["counts"]
    );
    Undisturbed {
        report,
        board,
        journal: std::fs::metadata(bench.path("out/journal")).unwrap().len(),
    }
}

/// Numbers that follow from a seed (SplitMix64, Steele and others 2014).
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}

/// Kills a host at some moment: at some length of its journal, or while report
/// and board are written.
fn kill(child: &mut Child, out: &Path, journal: u64, chance: &mut Chance) {
    let length = |name: &str| std::fs::metadata(out.join(name)).map_or(0, |found| found.len());
    let (moment, bytes) = (chance.below(12), chance.below(journal));
    let reached = || match moment {
        8 => length("report.json.part") > 200_000,
        9 => length("report.json") > 0,
        10 => length("board.canvas.new") > 0,
        11 => length("board.canvas") > 0,
        _ => length("journal") >= bytes,
    };
    while !reached() && child.try_wait().unwrap().is_none() {
        std::hint::spin_loop();
    }
    (0..chance.below(300_000)).for_each(|_| std::hint::spin_loop());
    // It may have ended meanwhile.
    let _ = child.kill();
    child.wait().unwrap();
}

/// What the kills met.
#[derive(Debug, Default)]
struct Met {
    before_the_journal: u32,
    over: u32,
    torn: u32,
    tasks_kept: usize,
}

fn kill_and_resume(expected: &Undisturbed, chance: &mut Chance, met: &mut Met) {
    let (bench, out) = (bench(), "out");
    let folder = bench.path(out);
    let write: &[&str] = if chance.below(2) == 0 { &["--write"] } else { &[] };
    let mut child = start(&bench, &[&["run", "b.canvas", "--out", out], write].concat());
    kill(&mut child, &folder, expected.journal, chance);
    if !folder.join("journal").exists() {
        // Nothing had begun.
        met.before_the_journal += 1;
        let code = bench.fusebox(&["resume", out]).code;
        assert_eq!(code, Some(66));
        return;
    }
    for _ in 0..chance.below(3) {
        let mut again = start(&bench, &["resume", out]);
        kill(&mut again, &folder, expected.journal, chance);
    }
    let before = ended(&folder);
    met.tasks_kept += before.len();
    let resumed = bench.fusebox(&["resume", out]).expect(3);
    met.over += u32::from(resumed.stdout.contains("nothing is left to run"));
    met.torn += u32::from(resumed.stderr.contains("were cut off"));
    as_if_nothing_had_happened(&bench, expected, !write.is_empty());
    let after = ended(&folder);
    assert_eq!(after[..before.len()], before, "an end that was durable is lost");
}

fn as_if_nothing_had_happened(bench: &Bench, expected: &Undisturbed, write: bool) {
    let report = bench.report("out").0;
    assert_eq!(outcomes(&report), outcomes(&expected.report));
    assert_eq!(report["counts"], expected.report["counts"]);
    assert_eq!(report["session"]["status"], "degraded");
    let board = std::fs::read(bench.path("out/board.canvas")).unwrap();
    assert!(board == expected.board, "another board");
    let original = std::fs::read(bench.path("b.canvas")).unwrap();
    let wanted = if write {
        expected.board.clone()
    } else {
        board_bytes()
    };
    assert!(original == wanted, "another original");
    let mut all = ended(&bench.path("out"));
    all.sort_unstable();
    assert_eq!(all, (0..TASKS as u32).collect::<Vec<_>>(), "each task ends once");
    bench.fusebox(&["resume", "out"]).expect(3);
}

fn board_bytes() -> Vec<u8> {
    board().into_bytes()
}

pub(super) fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

fn kill_often(kills: u64) {
    let expected = undisturbed();
    let seed = number(SEED, 20_261_125);
    let (mut chance, mut met) = (Chance(seed), Met::default());
    for kill in 0..kills {
        println!("kill {kill} of seed {seed}");
        kill_and_resume(&expected, &mut chance, &mut met);
    }
    println!("{kills} kills: {met:?}");
    assert!(met.tasks_kept > 0);
}

#[test]
fn a_killed_session_goes_on_as_if_nothing_had_happened() {
    kill_often(number(KILLS, 20));
}

/// Some minutes: for whoever changes the journal.
#[test]
#[ignore = "takes minutes"]
fn a_session_killed_two_hundred_times_goes_on_as_if_nothing_had_happened() {
    kill_often(number(KILLS, 200));
}
