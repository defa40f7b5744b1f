//! Ctrl-C ends a session cleanly: what is there is written.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::support::Bench;

#[test]
fn an_interrupt_keeps_what_is_there_and_says_what_was_cancelled() {
    let bench = Bench::new("fuel: 18446744073709551615, deadline: 10m, cpu: 10m");
    let tasks = "- { id: done, agent: shout, input: { text: kept } }\n\
                 - { id: spins, agent: chaos, settings: { mode: spin, partial: true }, input: { text: x } }\n\
                 - { id: waits, agent: chaos, settings: { mode: sleep, ms: 3600000 }, input: { text: x } }\n\
                 - { id: never, agent: shout, after: [waits], input: { text: x } }\n";
    bench.write("session.yaml", format!("session: test\ntasks:\n{tasks}"));
    let mut child = bench
        .command(&["run", "session.yaml", "--out", "out"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The session is under way once its report has begun; the first task is
    // long done when both of the others hold the cores.
    let begun = bench.path("out/report.json.part");
    while !begun.exists() {
        std::thread::yield_now();
    }
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let said: Vec<_> = BufReader::new(child.stderr.take().unwrap())
        .lines()
        .map_while(Result::ok)
        .collect();
    let code = child.wait().unwrap().code();
    assert_eq!(code, Some(130), "{said:?}");
    assert!(said.iter().any(|line| line.contains("cancelling")), "{said:?}");
    let report = bench.report("out");
    assert_eq!(report.0["session"]["status"], "cancelled");
    assert_eq!(report.tasks().len(), 4);
    for id in ["spins", "waits", "never"] {
        assert_eq!(report.task(id)["status"], "cancelled", "{id}");
    }
}
