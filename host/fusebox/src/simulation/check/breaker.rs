//! The cases of breaker policies: every state, from no call to millions.

use std::time::Duration;

use super::{Case, Findings, Invariant, MEMORIES};
use fusebox_resilience::breaker::{BreakerRules, Cause, Counts, Snapshot, State};
use fusebox_runtime::breakers::BreakerQuestion;
use fusebox_runtime::plugin::PolicyUse;
use fusebox_runtime::sandbox::Breaker;
use fusebox_types::failure::{Code, Failure};

const STATES: [State; 2] = [State::Closed, State::HalfOpen];
/// Calls, and how many of them failed.
const CALLS: [(u64, u64); 6] = [
    (1, 0),
    (1, 1),
    (10, 5),
    (1_000, 10),
    (1_000_000, 0),
    (u64::MAX, u64::MAX),
];

pub(crate) async fn check(policy: PolicyUse<Breaker>) -> Vec<Invariant> {
    let mut findings = Findings::default();
    let rules = BreakerRules::default();
    let failure = Failure::new(Code::LimitDeadline, "");
    for (case, (state, calls, memory)) in cases().enumerate() {
        let question = BreakerQuestion {
            breaker: "agent:rehearsal",
            agent: "rehearsal",
            instance: "rehearsal",
            rules: &rules,
            snapshot: snapshot(state, calls),
            failure: (calls.1 > 0).then_some(&failure),
            now: Duration::from_secs(1),
            random: case as u64,
        };
        let name = format!(
            "{state} with {} of {} calls failed and {} bytes of memory",
            calls.1,
            calls.0,
            memory.len()
        );
        let case = Case {
            name: &name,
            question: &question,
            memory,
        };
        findings.ask(&policy, &case).await;
    }
    findings.named("its open times and its memory are within reason", "")
}

fn cases() -> impl Iterator<Item = (State, (u64, u64), &'static [u8])> {
    let of_state = |state| {
        let of_calls = move |calls| MEMORIES.into_iter().map(move |memory| (state, calls, memory));
        CALLS.into_iter().flat_map(of_calls)
    };
    STATES.into_iter().flat_map(of_state)
}

fn snapshot(state: State, (calls, failures): (u64, u64)) -> Snapshot {
    Snapshot {
        state,
        since: Duration::ZERO,
        until: None,
        counts: Counts {
            calls,
            failures,
            slow: 0,
            consecutive_failures: failures,
            consecutive_successes: calls - failures,
        },
        trips: 0,
        cause: Cause::Start,
    }
}
