//! The commands that a report gives work when they are pasted.

use std::process::Command;

use serde_json::Value;

use super::{bench, kill_after, start_session};
use crate::support::{Bench, Ended, plugin};

/// A command, pasted into a shell in the bench's folder.
pub(super) fn paste(bench: &Bench, command: &str) -> Ended {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_fusebox"))
        .parent()
        .unwrap();
    let path = std::env::join_paths(
        std::iter::once(program.to_owned()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let mut shell = Command::new("bash");
    shell
        .args(["-c", command])
        .current_dir(bench.path(""))
        .env("PATH", path.unwrap());
    shell
        .env("XDG_RUNTIME_DIR", bench.path(""))
        .env("XDG_STATE_HOME", bench.path("state"));
    Ended::of(shell.output().unwrap())
}

#[track_caller]
fn option(bench: &Bench, action: &str) -> Value {
    let report = bench.report("out").0;
    let options = report["recovery"].as_array().unwrap();
    let found = options.iter().find(|option| option["action"] == action);
    found
        .unwrap_or_else(|| panic!("no {action}: {options:?}"))
        .clone()
}

#[track_caller]
fn paste_option(bench: &Bench, action: &str) -> Ended {
    paste(bench, option(bench, action)["command"].as_str().unwrap())
}

#[test]
fn a_cancelled_session_goes_on_with_the_command_of_its_report() {
    let bench = bench();
    let mut child = start_session(
        &bench,
        "- { id: a, agent: shout, input: { text: x } }\n- { id: long, agent: sleeps, after: [a], input: { text: x } }\n",
    );
    while super::ended(&bench.path("out")).is_empty() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
    }
    bench.fusebox(&["cancel", "out"]).expect(0);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let quick = bench.path("fusebox.yaml");
    let config = std::fs::read_to_string(&quick).unwrap();
    std::fs::write(&quick, config.replace("ms: 3600000", "ms: 0")).unwrap();
    paste_option(&bench, "resume").expect(0);
}

#[test]
fn failed_tasks_run_again_with_the_command_of_the_report_and_only_they() {
    let bench = bench();
    let id = "it's; $HOME";
    let tasks = format!(
        "- {{ id: a, agent: shout, input: {{ text: x }} }}\n- {{ id: \"{id}\", agent: fails, input: {{ text: x }} }}\n"
    );
    bench.session(&tasks, "out").expect(3);
    let config = bench.path("fusebox.yaml");
    let mended = std::fs::read_to_string(&config)
        .unwrap()
        .replace("mode: error", "mode: none");
    std::fs::write(&config, mended).unwrap();
    let again = paste_option(&bench, "correct").expect(0);
    assert!(again.stderr.contains("1 of 2 tasks are over"), "{}", again.stderr);
}

#[test]
fn a_limit_that_was_too_low_is_raised_by_the_command_of_the_report() {
    let chaos = plugin("chaos");
    let bench = Bench::with_config(&format!(
        "agents:\n  busy:\n    plugin: {chaos:?}\n    settings: {{ mode: busy, iterations: 200000 }}\n    \
         limits: {{ fuel: 1000000 }}\n"
    ));
    bench
        .session("- { id: t, agent: busy, input: { text: x } }\n", "out")
        .expect(1);
    assert_eq!(bench.report("out").code("t"), "limit.fuel");
    let option = option(&bench, "raise-limit");
    assert!(
        option["command"]
            .as_str()
            .unwrap()
            .contains("agents.busy.limits.fuel="),
        "{option}"
    );
    let mut runs = 0;
    while paste_option(&bench, "raise-limit").code == Some(1) {
        runs += 1;
        assert!(runs < 8, "{option}");
    }
    assert_eq!(bench.report("out").task("t")["status"], "succeeded");
}

#[test]
fn a_grant_that_is_missing_is_added_by_the_command_of_the_report() {
    let api = crate::played_api::PlayedApi::start(vec![crate::played_api::Answer::new(
        200,
        "text/plain",
        "thanks",
    )]);
    let bench = Bench::with_config(&format!(
        "agents:\n  notify:\n    plugin: {:?}\n    settings: {{ url: {:?} }}\n\
         upstreams:\n  chat: {{ address: {:?}, network: loopback }}\n",
        plugin("webhook"),
        api.url("/hook"),
        api.origin(),
    ));
    bench
        .session("- { id: t, agent: notify, input: { text: x } }\n", "out")
        .expect(1);
    assert_eq!(bench.report("out").code("t"), "denied.upstream");
    paste_option(&bench, "add-grant").expect(0);
    assert_eq!(api.received().len(), 1);
}

/// What nobody but a person can mend names the page that says how.
#[test]
fn every_command_of_every_report_is_one_that_the_program_knows() {
    let bench = Bench::new("");
    let tasks = "- { id: panics, agent: chaos, settings: { mode: panic }, input: { text: x } }\n\
        - { id: garbage, agent: chaos, settings: { mode: garbage }, input: { text: x } }\n\
        - { id: after, agent: shout, after: [panics], input: { text: x } }\n";
    bench.session(tasks, "out").expect(1);
    let options = bench.report("out").0["recovery"].as_array().unwrap().clone();
    assert!(options.len() >= 3, "{options:?}");
    for option in options {
        assert!(option["why"].as_str().unwrap().len() > 20, "{option}");
        let pasted = paste(&bench, option["command"].as_str().unwrap());
        assert!(
            [Some(0), Some(1), Some(3)].contains(&pasted.code),
            "{option} {}",
            pasted.stderr
        );
    }
}

#[test]
fn a_session_whose_host_was_killed_is_said_to_be_one_that_goes_on() {
    let bench = bench();
    let mut child = start_session(
        &bench,
        "- { id: a, agent: shout, input: { text: x } }\n- { id: long, agent: sleeps, input: { text: x } }\n",
    );
    kill_after(&bench, &mut child, 1);
    let status = bench.fusebox(&["status", "out"]).expect(66);
    assert!(
        status.stderr.contains("`fusebox resume out` resumes it"),
        "{}",
        status.stderr
    );
}
