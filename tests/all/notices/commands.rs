//! Notices handed to a command.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use super::{bench, failing};
use crate::support::Bench;

fn script(bench: &Bench, text: &str) {
    bench.write("tell.sh", format!("#!/bin/sh\n{text}\n"));
    let path = bench.path("tell.sh");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn read(bench: &Bench, name: &str) -> String {
    std::fs::read_to_string(bench.path(name)).unwrap_or_default()
}

#[test]
fn a_command_has_the_notice_on_its_input_and_its_words_in_its_environment() {
    let bench = bench(
        "  commands:\n    mail: { run: [./tell.sh, \"a; touch evil\", \"$HOME\"], secrets: { TOKEN: { file: token } } }\n",
    );
    bench.write("token", "hunter22-hunter22");
    script(
        &bench,
        "cd \"$(dirname \"$0\")\"; cat >> told; echo >> told; env | sort > env; printf '%s\\n' \"$@\" > arguments",
    );
    let mut command = bench.command(&["run", "session.yaml", "--out", "out"]);
    bench.write("session.yaml", format!("session: test\ntasks:\n{}", failing(5)));
    command.env("NOT_HANDED_ON", "x");
    let ended = crate::support::Ended::of(command.output().unwrap()).expect(1);
    let told = read(&bench, "told");
    let told: Vec<Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let matters: Vec<_> = told.iter().map(|notice| notice["matter"].clone()).collect();
    assert_eq!(matters, ["circuit:agent:chaos:open", "session:ended"]);
    assert_eq!(read(&bench, "arguments"), "a; touch evil\n$HOME\n");
    assert!(!bench.path("evil").exists());
    let environment = read(&bench, "env");
    for line in [
        "FUSEBOX_MATTER=session:ended",
        "FUSEBOX_LEVEL=critical",
        "TOKEN=hunter22-hunter22",
    ] {
        assert!(environment.lines().any(|found| found == line), "{environment}");
    }
    assert!(!environment.contains("NOT_HANDED_ON"), "{environment}");
    assert!(!ended.stderr.contains("hunter22"), "{}", ended.stderr);
}

#[test]
fn a_command_that_fails_is_said_once_without_its_secrets() {
    let bench = bench("  commands: { mail: { run: [./tell.sh], secrets: { TOKEN: { file: token } } } }\n");
    bench.write("token", "hunter22-hunter22");
    script(
        &bench,
        "printf 'no \\033[2Jroute for %s\\n' \"$TOKEN\" >&2; yes no | head -c 500000 >&2; exit 7",
    );
    let ended = bench.session(&failing(4), "out").expect(1);
    let said = "2 notices did not reach command `mail`: it ended with exit status: 7: no \\u{1b}[2Jroute for [secret notify.commands.mail.secrets.TOKEN]";
    assert_eq!(ended.stderr.matches(said).count(), 1, "{}", ended.stderr);
    assert!(!ended.stderr.contains("hunter22") && ended.stderr.len() < 20_000);
}

/// What it started goes with it, so nothing of it writes later.
#[test]
fn a_command_that_hangs_is_killed_with_all_that_it_started() {
    let bench = bench("  commands: { mail: { run: [./tell.sh], timeout: 200ms, topics: [session] } }\n");
    script(
        &bench,
        "cd \"$(dirname \"$0\")\"; sleep 1000 & echo $! > child; sleep 1000",
    );
    let ended = bench.session(&failing(4), "out").expect(1);
    let said = "1 notice did not reach command `mail`: it took longer than 200 ms";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    let child = read(&bench, "child");
    let state = std::fs::read_to_string(format!("/proc/{}/stat", child.trim()));
    // Gone, or dead and not yet collected.
    assert!(
        state.is_err() || state.unwrap().contains(") Z "),
        "{child} still runs"
    );
}

#[test]
fn a_command_that_is_not_there_fails_no_session() {
    let bench = bench("  commands: { mail: { run: [./nowhere] } }\n");
    let ended = bench.session(&failing(4), "out").expect(1);
    assert!(
        ended
            .stderr
            .contains("2 notices did not reach command `mail`: it cannot be started"),
        "{}",
        ended.stderr
    );
}
