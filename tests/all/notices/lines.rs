//! The terminal and the log.

use serde_json::Value;

use super::{bench, failing};
use crate::support::{Bench, plugin};

fn log(bench: &Bench) -> Vec<Value> {
    let text = std::fs::read_to_string(bench.path("out/logs/notices.jsonl")).unwrap_or_default();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn each_matter_is_one_line_on_the_terminal_and_one_in_the_log() {
    let bench = bench("  min_interval: 1m\n");
    let ended = bench.session(&failing(6), "out").expect(1);
    let said = |what: &str| ended.stderr.matches(what).count();
    assert_eq!(said("warning: breaker agent:chaos: open "), 1, "{}", ended.stderr);
    assert_eq!(said("3 failures in a row"), 1, "{}", ended.stderr);
    assert_eq!(
        said("fusebox breaker show out agent:chaos"),
        1,
        "{}",
        ended.stderr
    );
    assert_eq!(said("critical: session "), 1, "{}", ended.stderr);
    let log = log(&bench);
    let keys: Vec<_> = log
        .iter()
        .map(|notice| notice["matter"].as_str().unwrap())
        .collect();
    assert_eq!(keys, ["circuit:agent:chaos:open", "session:ended"]);
    assert_eq!(log[1]["counts"]["failed"], 6);
    assert_eq!(log[1]["commands"][0], "fusebox explain trap.panic");
    assert!(!ended.stdout.contains("warning:"), "{}", ended.stdout);
}

#[test]
fn a_session_in_which_all_is_well_tells_nobody_anything() {
    let bench = bench("  min_interval: 1m\n");
    let task = "- { id: a, agent: chaos, settings: { mode: none }, input: { text: x } }\n";
    let ended = bench.session(task, "out").expect(0);
    assert_eq!(ended.stderr, "");
    assert!(log(&bench).is_empty());
}

#[test]
fn the_terminal_is_silent_where_it_is_off_or_the_command_is_quiet() {
    let off = bench("  terminal: { enabled: false }\n");
    let ended = off.session(&failing(4), "out").expect(1);
    assert_eq!(ended.stderr, "");
    assert_eq!(log(&off).len(), 2);
    let quiet = bench("  terminal: { enabled: true }\n");
    quiet.write("session.yaml", format!("session: test\ntasks:\n{}", failing(4)));
    let ended = quiet
        .fusebox(&["run", "session.yaml", "--out", "out", "--quiet"])
        .expect(1);
    assert_eq!(ended.stderr, "");
    assert_eq!(log(&quiet).len(), 2);
}

#[test]
fn a_required_task_that_failed_is_told_before_the_end() {
    let bench = bench("  log: { topics: [session] }\n");
    let tasks = "- { id: \"a\\e[2J\\nFAKE\", agent: chaos, required: true, settings: { mode: error }, input: { text: x } }\n\
                 - { id: b, agent: chaos, settings: { mode: none }, input: { text: x } }\n";
    let ended = bench.session(tasks, "out").expect(1);
    let log = log(&bench);
    assert_eq!(log[0]["matter"], "session:will-fail");
    assert_eq!(log[0]["level"], "critical");
    assert_eq!(log[1]["matter"], "session:ended");
    assert_eq!(log.len(), 2);
    assert!(!ended.stderr.contains('\u{1b}'), "{:?}", ended.stderr);
    assert!(!ended.stderr.contains("\nFAKE"), "{:?}", ended.stderr);
    assert!(ended.stderr.contains("\\u{1b}[2J\\nFAKE"), "{:?}", ended.stderr);
}

/// What the first run told is not told again by the second.
#[test]
fn going_on_with_a_session_tells_only_what_is_new() {
    let bench = bench("  log: { topics: [session] }\n");
    let tasks = "- { id: a, agent: chaos, required: true, settings: { mode: error }, input: { text: x } }\n\
                 - { id: b, agent: chaos, settings: { mode: error }, input: { text: x } }\n";
    bench.session(tasks, "out").expect(1);
    assert_eq!(log(&bench).len(), 2);
    bench
        .fusebox(&["resume", "out", "--retry-failed", "--only", "b"])
        .expect(1);
    let all = log(&bench);
    let keys: Vec<_> = all[2..]
        .iter()
        .map(|notice| notice["matter"].as_str().unwrap())
        .collect();
    assert_eq!(keys, ["session:ended"]);
    assert_ne!(all[1]["id"], all[2]["id"]);
}

#[test]
fn a_quarantine_names_the_command_that_ends_it() {
    let bench = Bench::with_config(&format!(
        "session: {{ max_parallel: 1 }}\nagents:\n  pool:\n    plugin: {:?}\n    retry: {{ base: 1ms, max_attempts: 6 }}\n    \
         breaker: {{ mode: \"off\" }}\n    isolation: {{ strikes: 2 }}\n    instances:\n      good: {{ settings: {{ mode: none }} }}\n      bad: {{ settings: {{ mode: panic }} }}\n",
        plugin("chaos"),
    ));
    let tasks: String = (0..12)
        .map(|n| format!("- {{ id: t{n}, agent: pool, input: {{ text: x }} }}\n"))
        .collect();
    let ended = bench.session(&tasks, "out").expect(0);
    let said = |what: &str| ended.stderr.matches(what).count();
    assert_eq!(
        said("instance pool/bad: quarantined until"),
        1,
        "{}",
        ended.stderr
    );
    assert_eq!(
        said("fusebox quarantine release out pool/bad"),
        1,
        "{}",
        ended.stderr
    );
}
