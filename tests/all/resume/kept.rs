//! What is over is kept; what is left is run.

use super::{bench, ended, kill_after, start_session};
use crate::support::plugin;

const TASKS: &str = "- { id: a, agent: shout, input: { text: library library } }\n\
    - { id: b, agent: shout, after: [a], input: { text: '' } }\n\
    - { id: long, agent: sleeps, after: [b], input: { text: x } }\n\
    - { id: c, agent: keywords, after: [a, long], input: { text: '' } }\n";

/// The plugin of the one that never ends is replaced before the session goes on.
const QUICK: &str = "--set=agents.sleeps.settings.ms=0";

#[test]
fn what_is_over_is_kept_and_handed_on_and_the_rest_runs_under_the_new_configuration() {
    let bench = bench();
    let mut child = start_session(&bench, TASKS);
    kill_after(&bench, &mut child, 2);
    // The original is gone, and was not needed.
    std::fs::remove_file(bench.path("session.yaml")).unwrap();
    let resumed = bench.fusebox(&["resume", "out", QUICK]).expect(0);
    assert!(
        resumed.stderr.contains("2 of 4 tasks are over, 2 are to be run"),
        "{}",
        resumed.stderr
    );
    assert!(
        resumed.stderr.contains("session.yaml is not there any more"),
        "{}",
        resumed.stderr
    );
    assert_eq!(ended(&bench.path("out")), [0, 1, 2, 3]);
    let report = bench.report("out");
    assert_eq!(report.0["counts"]["succeeded"], 4);
    assert_eq!(report.task("a")["output"]["inline"], "LIBRARY LIBRARY");
    let words = report.task("c")["output"]["inline"].as_str().unwrap();
    assert!(words.to_lowercase().contains("library"), "{words}");
    assert_eq!(report.0["session"]["source"], "session.yaml");
}

#[test]
fn a_session_that_is_over_is_not_run_again_and_says_so_with_its_status() {
    let bench = bench();
    bench
        .session(
            "- { id: a, agent: shout, input: { text: x } }\n- { id: f, agent: fails, input: { text: x } }\n",
            "out",
        )
        .expect(3);
    let before = std::fs::read(bench.path("out/report.json")).unwrap();
    let records = super::records(&bench.path("out"));
    for _ in 0..2 {
        let again = bench.fusebox(&["resume", "out"]).expect(3);
        assert!(
            again.stdout.contains("degraded; nothing is left to run"),
            "{}",
            again.stdout
        );
        assert!(again.stdout.contains("--retry-failed"), "{}", again.stdout);
    }
    assert_eq!(std::fs::read(bench.path("out/report.json")).unwrap(), before);
    assert_eq!(super::records(&bench.path("out")), records);
    let json = bench.fusebox(&["resume", "out", "--format", "json"]).expect(3);
    assert_eq!(json.stdout.as_bytes(), before);
}

#[test]
fn failed_tasks_run_again_when_that_is_said_with_those_that_waited_for_them() {
    let bench = bench();
    let tasks = "- { id: a, agent: shout, input: { text: x } }\n\
        - { id: f, agent: fails, input: { text: mended } }\n\
        - { id: g, agent: fails, input: { text: other } }\n\
        - { id: after, agent: shout, after: [f], input: { text: '' } }\n";
    bench.session(tasks, "out").expect(3);
    let mend = "--set=agents.fails.settings.mode=none";
    let only = bench
        .fusebox(&["resume", "out", "--retry-failed", "--only=f", mend])
        .expect(3);
    assert!(only.stderr.contains("2 of 4 tasks are over"), "{}", only.stderr);
    let report = bench.report("out");
    assert_eq!(report.task("after")["status"], "succeeded");
    assert_eq!(report.code("g"), "guest.chaos.error");
    bench
        .fusebox(&["resume", "out", "--retry-failed", mend])
        .expect(0);
    assert_eq!(
        ended(&bench.path("out"))
            .iter()
            .filter(|task| **task == 0)
            .count(),
        1
    );
    let unknown = bench
        .fusebox(&["resume", "out", "--retry-failed", "--only=nobody"])
        .expect(2);
    assert!(
        unknown.stderr.contains("there is no such task"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn a_cancelled_session_goes_on_where_it_was_and_attempts_are_counted_on() {
    let chaos = plugin("chaos");
    let bench = crate::support::Bench::with_config(&format!(
        "agents:\n  flaky:\n    plugin: {chaos:?}\n    settings: {{ mode: flaky, failures: 2 }}\n    \
         retry: {{ strategy: fixed, jitter: none, base: 1h, max_delay: 1h, max_elapsed: 10h, max_attempts: 3 }}\n"
    ));
    let mut child = start_session(&bench, "- { id: t, agent: flaky, input: { text: x } }\n");
    while super::records(&bench.path("out")).len() < 2 {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    bench
        .fusebox(&[
            "resume",
            "out",
            "--set=agents.flaky.retry.base=1ms",
            "--set=agents.flaky.retry.max_delay=1ms",
        ])
        .expect(0);
    let report = bench.report("out");
    let attempts = report.task("t")["attempts"].as_array().unwrap();
    let numbers: Vec<_> = attempts
        .iter()
        .map(|attempt| attempt["number"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(attempts[0]["failure"]["code"], "guest.chaos.flaky");
    assert_eq!(report.0["counts"]["retried"], 1);
}

/// The configuration that the run had, `--set` and `--config`, is that of the
/// resumed session, unless something else is given.
#[test]
fn the_configuration_of_the_run_is_found_again_and_a_plugin_may_have_changed() {
    let bench = bench();
    let mine = bench.path("mine.wasm");
    std::fs::copy(plugin("chaos"), &mine).unwrap();
    bench.write(
        "other.yaml",
        format!(
            "agents:\n  shout: {{ plugin: {:?} }}\n  mine: {{ plugin: mine.wasm }}\n",
            plugin("shout")
        ),
    );
    let tasks = "- { id: a, agent: shout, input: { text: x } }\n- { id: m, agent: mine, after: [a], input: { text: abc } }\n";
    bench.write("session.yaml", format!("session: test\ntasks:\n{tasks}"));
    let set = [
        "--set=agents.mine.settings.mode=sleep",
        "--set=agents.mine.settings.ms=3600000",
        "--set=agents.mine.limits.deadline=2h",
    ];
    let run = ["run", "session.yaml", "--out", "out", "--config", "other.yaml"];
    let mut child = super::start(&bench, &[&run[..], &set[..]].concat());
    kill_after(&bench, &mut child, 1);
    std::fs::copy(plugin("shout"), &mine).unwrap();
    let child = bench
        .command(&["resume", "out"])
        .current_dir(bench.path("out"))
        .output();
    // From another folder: the paths that are kept are whole ones.
    assert!(child.unwrap().status.code() == Some(66), "`out` is not there");
    let resumed = bench
        .command(&["resume", "."])
        .current_dir(bench.path("out"))
        .output()
        .unwrap();
    let resumed = crate::support::Ended::of(resumed).expect(0);
    assert!(!resumed.stderr.contains("changed"), "{}", resumed.stderr);
    assert_eq!(bench.report("out").task("m")["output"]["inline"], "ABC");
}

#[test]
fn a_result_that_is_gone_is_made_again_and_that_is_said() {
    let bench = bench();
    let long = "x".repeat(10_000);
    let tasks = format!(
        "- {{ id: a, agent: shout, input: {{ text: {long} }} }}\n- {{ id: long, agent: sleeps, after: [a], input: {{ text: x }} }}\n"
    );
    let mut child = start_session(&bench, &tasks);
    kill_after(&bench, &mut child, 1);
    let file = std::fs::read_dir(bench.path("out/results"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    assert_eq!(std::fs::read(&file).unwrap(), long.to_uppercase().as_bytes());
    std::fs::write(&file, "half").unwrap();
    let resumed = bench.fusebox(&["resume", "out", QUICK]).expect(0);
    assert!(
        resumed.stderr.contains("the result of a is gone"),
        "{}",
        resumed.stderr
    );
    assert_eq!(std::fs::read(&file).unwrap(), long.to_uppercase().as_bytes());
    assert_eq!(ended(&bench.path("out")), [0, 0, 1]);
}
