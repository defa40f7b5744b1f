//! `fusebox resume --salvage`: what is intact of a session is never lost.

use std::fs;
use std::ops::Range;
use std::time::{Duration, Instant};

use super::held::{bench as webhooks, ok};
use super::{bench, end_of_task, ended, outcomes, start, start_session};
use crate::played_api::{Answer, PlayedApi};
use crate::support::Bench;

const QUICK: &str = "--set=agents.sleeps.settings.ms=0";
const TASKS: &str = "- { id: a, agent: shout, input: { text: one } }\n\
    - { id: b, agent: shout, input: { text: two } }\n\
    - { id: c, agent: shout, input: { text: three } }\n\
    - { id: long, agent: sleeps, after: [a, b, c], input: { text: x } }\n";

/// A session of which three tasks are over, in whichever order, whose host was
/// killed once that had been told: it was durable then.
fn killed() -> Bench {
    let bench = bench();
    let mut child = start_session(&bench, TASKS);
    let is_over = |task| {
        let status = bench.fusebox(&["status", "out", "--task", task]);
        status.stdout.contains("succeeded")
    };
    while !["a", "b", "c"].into_iter().all(is_over) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    bench
}

/// The tasks that were over when the host was killed, in their order.
fn over(bench: &Bench) -> [u32; 3] {
    ended(&bench.path("out")).try_into().unwrap()
}

/// Changes bytes of the journal; gives all of them as they are then.
fn damage(bench: &Bench, place: Range<usize>) -> Vec<u8> {
    let path = bench.path("out/journal");
    let mut bytes = fs::read(&path).unwrap();
    bytes[place].iter_mut().for_each(|byte| *byte ^= 0x10);
    fs::write(&path, &bytes).unwrap();
    bytes
}

fn journal(bench: &Bench) -> Vec<u8> {
    fs::read(bench.path("out/journal")).unwrap()
}

#[test]
fn a_damaged_journal_is_refused_with_the_command_that_saves_what_is_intact() {
    let bench = killed();
    let [first, lost, last] = over(&bench);
    let place = end_of_task(&journal(&bench), 1).start + 30;
    let damaged = damage(&bench, place..place + 1);
    for _ in 0..2 {
        let refused = bench.fusebox(&["resume", "out", QUICK]).expect(65);
        assert!(
            refused.stderr.contains("journal is damaged at byte"),
            "{}",
            refused.stderr
        );
        assert!(
            refused.stderr.contains("`fusebox resume out --salvage`"),
            "{}",
            refused.stderr
        );
        assert_eq!(journal(&bench), damaged);
    }
    let salvaged = bench.fusebox(&["resume", "out", "--salvage", QUICK]).expect(0);
    let lost_id = ["a", "b", "c"][lost as usize];
    let again = format!("may have been over and are run again: {lost_id}, long");
    for said in ["1 record lost between bytes", "journal.damaged-1", &again] {
        assert!(salvaged.stderr.contains(said), "{said}: {}", salvaged.stderr);
    }
    assert_eq!(fs::read(bench.path("out/journal.damaged-1")).unwrap(), damaged);
    let all = ended(&bench.path("out"));
    assert_eq!(all, [first, last, lost, 3], "the others were not run again");
    assert_eq!(bench.report("out").0["counts"]["succeeded"], 4);
    let over = bench.fusebox(&["resume", "out", "--salvage"]).expect(0);
    assert!(
        over.stderr.contains("the journal is not damaged"),
        "{}",
        over.stderr
    );
    assert!(!bench.path("out/journal.damaged-2").exists());
}

/// Several places at once, the header among them.
#[test]
fn a_damaged_header_and_other_places_cost_only_what_is_in_them() {
    let bench = killed();
    let [lost, second, third] = over(&bench);
    let place = end_of_task(&journal(&bench), 0);
    damage(&bench, place.start + 40..place.start + 41);
    let damaged = damage(&bench, 0..32);
    bench.fusebox(&["resume", "out", QUICK]).expect(65);
    let salvaged = bench.fusebox(&["resume", "out", "--salvage", QUICK]).expect(0);
    assert!(
        salvaged.stderr.contains("no record lost between bytes 0 and 32"),
        "{}",
        salvaged.stderr
    );
    assert_eq!(fs::read(bench.path("out/journal.damaged-1")).unwrap(), damaged);
    assert_eq!(ended(&bench.path("out")), [second, third, lost, 3]);
    let report = bench.report("out");
    assert_eq!(
        report.0["session"]["source"], "session.yaml",
        "its first record is intact"
    );
}

#[test]
fn a_session_whose_beginning_is_lost_goes_on_with_its_tasks() {
    let bench = killed();
    damage(&bench, 32 + 40..32 + 60);
    let refused = bench.fusebox(&["resume", "out"]).expect(65);
    assert!(refused.stderr.contains("--salvage"), "{}", refused.stderr);
    let salvaged = bench.fusebox(&["resume", "out", "--salvage", QUICK]).expect(0);
    for said in ["it is lost how the session began", "3 of 4 tasks are over"] {
        assert!(salvaged.stderr.contains(said), "{said}: {}", salvaged.stderr);
    }
    let report = bench.report("out").0;
    assert_eq!(
        (&report["session"]["id"], &report["session"]["seed"]),
        (&"out".into(), &0.into())
    );
    assert_eq!(report["counts"]["succeeded"], 4);
    bench.fusebox(&["resume", "out"]).expect(0);
}

/// Nothing is whole: what is known is what the tasks are.
#[test]
fn a_journal_of_which_nothing_is_left_begins_anew() {
    let bench = killed();
    for left in [vec![0; 500], b"short".to_vec(), Vec::new()] {
        fs::write(bench.path("out/journal"), &left).unwrap();
        bench.fusebox(&["resume", "out", QUICK]).expect(65);
        bench.fusebox(&["resume", "out", "--salvage", QUICK]).expect(0);
        assert_eq!(bench.report("out").0["counts"]["succeeded"], 4);
    }
}

#[test]
fn when_the_tasks_are_damaged_the_results_are_put_out() {
    for also_the_journal in [false, true] {
        let bench = killed();
        let [first, ..] = over(&bench);
        let path = bench.path("out/tasks");
        let mut bytes = fs::read(&path).unwrap();
        bytes[12] ^= 1;
        fs::write(&path, &bytes).unwrap();
        if also_the_journal {
            let place = end_of_task(&journal(&bench), 0).start + 30;
            damage(&bench, place..place + 1);
        }
        let before = journal(&bench);
        let refused = bench.fusebox(&["resume", "out"]).expect(65);
        assert!(refused.stderr.contains("--salvage"), "{}", refused.stderr);
        let put_out = bench.fusebox(&["resume", "out", "--salvage"]).expect(65);
        let expected = 3 - usize::from(also_the_journal);
        let said = format!("{expected} results that its journal held are in out/results now");
        assert!(put_out.stderr.contains(&said), "{}", put_out.stderr);
        for (task, text) in (0..).zip(["ONE", "TWO", "THREE"]) {
            let result = fs::read_to_string(bench.path(&format!("out/results/task-{task}.txt"))).ok();
            let is_lost = also_the_journal && task == first;
            assert_eq!(result.as_deref(), (!is_lost).then_some(text));
        }
        assert_eq!(
            (journal(&bench), fs::read(&path).unwrap()),
            (before, bytes),
            "nothing else is touched"
        );
    }
}

pub(super) fn api(answers: Vec<Answer>) -> PlayedApi {
    PlayedApi::start(answers)
}

/// A session of two messages that were sent and answered, and one task more.
pub(super) fn run_three(bench: &Bench) {
    let tasks = "- { id: first, agent: notify, input: { text: one } }\n\
        - { id: second, agent: notify, after: [first], input: { text: two } }\n\
        - { id: last, agent: keywords, after: [second], input: { text: '' } }\n";
    bench.session(tasks, "out").expect(0);
}

#[test]
fn what_may_have_been_sent_is_held_when_its_end_is_lost() {
    let api = api(vec![ok(), ok(), ok()]);
    let bench = webhooks(&api);
    run_three(&bench);
    // The end of the second, and that it had sent its request.
    let bytes = journal(&bench);
    let second = end_of_task(&bytes, 1);
    let sent = super::frames(&bytes)
        .into_iter()
        .filter(|(_, kind)| *kind == 5)
        .nth(1)
        .unwrap()
        .0;
    for place in [second.start + 30, sent.start + 20] {
        damage(&bench, place..place + 1);
    }
    bench.fusebox(&["resume", "out"]).expect(65);
    let salvaged = bench.fusebox(&["resume", "out", "--salvage"]).expect(3);
    assert!(
        salvaged.stderr.contains("second is not run again on its own"),
        "{}",
        salvaged.stderr
    );
    assert_eq!(api.received().len(), 2);
    let report = bench.report("out");
    assert_eq!(
        (report.code("first"), report.code("second")),
        ("none", "held.sent")
    );
    assert_eq!(report.task("first")["output"]["inline"], "library library");
    bench.fusebox(&["resume", "out", "--retry-failed"]).expect(0);
    assert_eq!(api.received().len(), 3);
}

/// A host that is killed while it salvages: the journal or the new one is there,
/// and what is lost is not forgotten.
#[test]
fn a_salvage_that_is_killed_can_be_done_again() {
    let whole = bench();
    whole
        .session(TASKS.replace("sleeps", "shout").as_str(), "out")
        .expect(0);
    let mut met = [0; 2];
    for kill in 0..8_u32 {
        let bench = killed();
        let place = end_of_task(&journal(&bench), 1).start + 30;
        let damaged = damage(&bench, place..place + 1);
        let mut child = start(&bench, &["resume", "out", "--salvage"]);
        let begun = Instant::now();
        let kept = bench.path("out/journal.damaged-1");
        while !kept.exists() && begun.elapsed() < Duration::from_secs(20) {
            std::hint::spin_loop();
        }
        (0..kill * 40_000).for_each(|_| std::hint::spin_loop());
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(fs::read(&kept).unwrap(), damaged);
        let is_replaced = journal(&bench) != damaged;
        met[usize::from(is_replaced)] += 1;
        let plain = bench.fusebox(&["resume", "out", QUICK]);
        assert_eq!(
            plain.code,
            Some(if is_replaced { 0 } else { 65 }),
            "{}",
            plain.stderr
        );
        if !is_replaced {
            bench.fusebox(&["resume", "out", "--salvage", QUICK]).expect(0);
        }
        assert!(!bench.path("out/journal.damaged-2").exists());
        assert_eq!(fs::read(&kept).unwrap(), damaged);
        assert_eq!(
            outcomes(&bench.report("out").0).len(),
            outcomes(&whole.report("out").0).len()
        );
    }
    println!("killed before the new journal was in place, after that: {met:?}");
}
