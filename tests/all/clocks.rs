//! The clock on the wall is set while nobody looks. No test may set it, so what was
//! written down is changed to what it would be, had the clock been set after.

use std::fs;
use std::path::Path;

use fusebox::journal::{FILE, Grouping, Journal, Reader, Record};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::asked_waits;
use crate::played_api::{Answer, PlayedApi};
use crate::support::{Bench, plugin};

const DAY_MS: i64 = 24 * 3_600_000;

/// An agent that is well or fails, as its tasks say.
fn bench(more: &str) -> Bench {
    let chaos = plugin("chaos");
    Bench::with_config(&format!(
        "agents:\n  chaos:\n    plugin: {chaos:?}\n    retry: {{ max_attempts: 1 }}\n    {more}\n"
    ))
}

fn task(id: &str, mode: &str) -> String {
    format!("- {{ id: {id}, agent: chaos, settings: {mode}, input: {{ text: x }} }}\n")
}

/// Moves every time in a journal. One that was killed has no end.
fn move_journal(session: &Path, by_ms: i64, killed: bool) {
    let mut reader = Reader::open(&session.join(FILE)).unwrap();
    let mut records = std::iter::from_fn(|| reader.next_record().unwrap()).map(|record| moved(record, by_ms));
    let Some(Record::Started(started)) = records.next() else {
        panic!("it does not begin")
    };
    let records: Vec<_> = records
        .filter(|record| !(killed && matches!(record, Record::Ended(_) | Record::Reported(_))))
        .collect();
    fs::remove_file(session.join(FILE)).unwrap();
    let journal = Journal::create(session, started, Grouping::default()).unwrap();
    for record in records {
        journal.appender().append(&record).unwrap().wait().unwrap();
    }
    journal.close().unwrap();
}

fn moved(mut record: Record, by_ms: i64) -> Record {
    let by = by_ms * 1000;
    match &mut record {
        Record::Started(started) => started.at += by,
        Record::Resumed(resumed) => resumed.at += by,
        Record::Retry(retry) => {
            retry.attempt.started += by;
            retry.next_at += by;
        }
        Record::TaskEnded(ended) => ended.last.iter_mut().for_each(|last| last.started += by),
        Record::Ended(ended) => ended.at += by,
        Record::Reported(reported) => reported.at += by,
        Record::Reopened(_) | Record::RequestSent(_) | Record::BoardSaved(_) | Record::Gap(_) => {}
    }
    record
}

/// How long a session took by its report, in milliseconds; it ended after it began.
fn took(bench: &Bench) -> f64 {
    let report = bench.report("out").0;
    let time = |name: &str| {
        let at = report["session"][name].as_str().unwrap();
        at.parse::<Timestamp>().unwrap()
    };
    assert!(time("started") <= time("finished"), "{}", report["session"]);
    report["session"]["duration_ms"].as_f64().unwrap()
}

#[test]
fn a_session_that_is_resumed_took_the_time_that_it_ran_whatever_the_clock_says() {
    for (days, killed) in [(30, false), (-30, false), (30, true), (-30, true)] {
        let bench = bench("breaker: { mode: \"off\" }");
        let tasks = task("a", "{ mode: sleep, ms: 300 }") + &task("b", "{ mode: error }");
        bench.session(&tasks, "out").expect(3);
        let mut least = took(&bench);
        assert!((300.0..60_000.0).contains(&least), "{least}");
        if killed {
            // What came after the last thing that is known of it is not known.
            least = 300.0;
        }
        for _ in 0..2 {
            move_journal(&bench.path("out"), days * DAY_MS, killed);
            let resumed = bench.fusebox(&["resume", "out", "--retry-failed"]).expect(3);
            let now = took(&bench);
            assert!(now >= least && now < least + 60_000.0, "{now} after {least}");
            let seconds = format!("degraded in {:.2} s", now / 1e3);
            assert!(resumed.stderr.contains(&seconds) || resumed.stdout.contains(&seconds));
            least = least.max(if killed { 300.0 } else { now });
        }
    }
}

/// Moves the times in the files of some folders of the state.
fn move_state(bench: &Bench, folders: &[&str], by_ms: i64) {
    for folder in folders {
        let files = fs::read_dir(bench.path("state/fusebox").join(folder)).unwrap();
        let files = files.map(|file| file.unwrap().path());
        let files: Vec<_> = files
            .filter(|path| path.extension().is_some_and(|ending| ending == "state"))
            .collect();
        assert!(!files.is_empty(), "{folder}");
        files.iter().for_each(|file| move_file(file, by_ms));
    }
}

/// The first line says what it is, the second holds the times.
fn move_file(file: &Path, by_ms: i64) {
    let bytes = fs::read(file).unwrap();
    let mut lines = bytes.splitn(3, |byte| *byte == b'\n').skip(1);
    let mut value: Value = serde_json::from_slice(lines.next().unwrap()).unwrap();
    move_value(&mut value, by_ms);
    let mut body = serde_json::to_vec(&value).unwrap();
    body.push(b'\n');
    body.extend_from_slice(lines.next().unwrap_or_default());
    let mut whole = format!("fusebox-state 1 {:08x}\n", crc32fast::hash(&body)).into_bytes();
    whole.extend(body);
    fs::write(file, whole).unwrap();
}

fn move_value(value: &mut Value, by_ms: i64) {
    let Value::Object(fields) = value else { return };
    for (name, field) in fields {
        match field.as_i64() {
            Some(at) if ["at_ms", "since", "until", "at"].contains(&name.as_str()) => {
                *field = json!(at + by_ms);
            }
            _ => move_value(field, by_ms),
        }
    }
}

#[test]
fn an_open_circuit_stays_open_for_its_time_when_the_clock_is_set() {
    for days in [-1, 2] {
        let api = PlayedApi::answering(|_| Some(Answer::json(503, "{}")));
        let bench = asked_waits::bench(&api, "base: 1ms");
        let breaker = "--set=upstreams.api.breaker={ open_time: 10m, max_open_time: 10m, hold: 0ms }";
        bench.write("session.yaml", format!("session: test\ntasks:\n{}", writers(6)));
        let run = |out: &str| {
            bench
                .fusebox(&["run", "session.yaml", "--out", out, breaker])
                .expect(1)
        };
        run("one");
        let asked = api.received().len();
        // As if the clock had been set forward by a day since, or back by two.
        move_state(&bench, &["clock", "circuits"], days * DAY_MS);
        let shown = bench.fusebox(&["breaker", "show", "one", "upstream:api", "--format", "json"]);
        let breakers: Value = serde_json::from_str(&shown.expect(0).stdout).unwrap();
        assert_eq!(breakers[0]["state"], "open");
        let from_now = |name: &str| {
            let at: Timestamp = breakers[0][name].as_str().unwrap().parse().unwrap();
            at.duration_since(Timestamp::now())
        };
        let minutes = SignedDuration::from_mins;
        assert!(from_now("since") <= minutes(0) && from_now("since") > minutes(-5));
        assert!(from_now("until") > minutes(5) && from_now("until") < minutes(13));
        run("two");
        assert_eq!(api.received().len(), asked, "{days}");
        assert_eq!(bench.report("two").code("w0"), "shed.breaker", "{days}");
    }
}

fn writers(count: u32) -> String {
    let task = |n| format!("- {{ id: w{n}, agent: writer, input: {{ text: x }} }}\n");
    (0..count).map(task).collect()
}

#[test]
fn an_output_is_as_old_as_it_is_when_the_clock_is_set() {
    for days in [-1, 2] {
        let bench = bench("settings: { mode: flaky, failures: 1 }\n    degradation: { fallback: [cached] }");
        let one = "- { id: a, agent: chaos, input: { text: x } }\n";
        let more = |count: u32| format!("--set=agents.chaos.retry.max_attempts={count}");
        bench.write("session.yaml", format!("session: test\ntasks:\n{one}"));
        let run = |out: &str, attempts: u32| {
            bench.fusebox(&["run", "session.yaml", "--out", out, &more(attempts)]);
            bench.report(out)
        };
        assert_eq!(run("one", 2).task("a")["status"], "succeeded");
        move_state(&bench, &["clock", "last-good"], days * DAY_MS);
        let fallback = run("two", 1).task("a")["fallback"].as_str().unwrap().to_owned();
        let age = fallback.strip_prefix("cached:").unwrap();
        let seconds: u32 = age.strip_suffix('s').unwrap().parse().unwrap();
        assert!(seconds < 110, "{age}");
    }
}
