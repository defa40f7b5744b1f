//! The status of tasks and their cancellation, from Rust.

use fusebox::control::{Ending, State};
use fusebox::engine::{Compiler, EngineOptions};
use fusebox::event::Event;
use fusebox::session::GiveUp;
use fusebox::{Host, SessionStatus, TaskStatus, session};

use crate::support::{Bench, plugin};

#[test]
fn a_handle_tells_the_status_of_a_task_and_cancels_it() {
    let retry = "{ strategy: fixed, jitter: none, base: 1h, max_delay: 1h, max_elapsed: 10h }";
    let bench = Bench::with_config(&format!(
        "agents: {{ chaos: {{ plugin: {:?}, retry: {retry} }} }}\n",
        plugin("chaos")
    ));
    bench.write(
        "session.yaml",
        "session: test\ntasks:\n- { id: waits, agent: chaos, settings: { mode: flaky }, input: { text: x } }\n\
         - { id: done, agent: chaos, input: { text: x } }\n",
    );
    let config = fusebox_config::load(&bench.path("fusebox.yaml")).unwrap();
    let (name, graph) = session::load(&bench.path("session.yaml")).unwrap();
    let options = EngineOptions {
        compiler: Compiler::Program(env!("CARGO_BIN_EXE_fusebox").into()),
        ..EngineOptions::default()
    };
    let host = Host::new(&options).unwrap();
    let mut running = host.start(&name, graph, &config).unwrap();
    let handle = running.handle();
    assert_eq!(handle.task("waits").unwrap().state, State::Pending);
    while let Some(event) = running.next_event() {
        if let Event::RetryScheduled { number: 2, .. } = event {
            let before = handle.cancel_task("waits").unwrap();
            assert!(matches!(
                before.state,
                State::Waiting {
                    attempt: 2,
                    of: 4,
                    ..
                }
            ));
            assert_eq!(
                before.attempts[0].failure.as_ref().unwrap().code,
                "guest.chaos.flaky"
            );
        }
    }
    assert_eq!(running.wait().unwrap().status, SessionStatus::Degraded);
    let reason = |id: &str| match handle.task(id).unwrap().state {
        State::Over { status, reason, .. } => (status, reason),
        other => panic!("{other:?}"),
    };
    let cancelled = Some(Ending::GaveUp(GiveUp::Cancelled));
    assert_eq!(reason("waits"), (Some(TaskStatus::Cancelled), cancelled));
    assert_eq!(
        reason("done"),
        (Some(TaskStatus::Succeeded), Some(Ending::Succeeded))
    );
    assert_eq!(handle.status().status, Some(SessionStatus::Degraded));
    assert!(handle.task("nobody").is_err() && handle.cancel_task("nobody").is_err());
}
