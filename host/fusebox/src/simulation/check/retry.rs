//! The cases of retry policies: every kind of failure, at the first attempt and
//! at the millionth.

use std::sync::Arc;
use std::time::Duration;

use super::{Case, Findings, Invariant, MEMORIES};
use fusebox_resilience::{RetryRules, Snapshot, Verdict};
use fusebox_runtime::gateway::meanings;
use fusebox_runtime::plugin::PolicyUse;
use fusebox_runtime::policies::{RetryDecision, RetryQuestion};
use fusebox_runtime::sandbox::Retry;
use fusebox_types::InstanceId;
use fusebox_types::failure::{Code, Failure};

const ATTEMPTS: [u32; 6] = [1, 2, 3, 10, 1_000, 1_000_000];

pub(crate) async fn check(policy: PolicyUse<Retry>) -> Vec<Invariant> {
    let rules = RetryRules {
        max_attempts: u32::MAX,
        ..RetryRules::default()
    };
    let mut findings = Findings::default();
    let mut gave_up = GaveUp::default();
    for case in cases() {
        let asked = Case {
            name: &case.to_string(),
            question: &case.question(&rules, &policy),
            memory: case.memory,
        };
        if let Some(decided) = findings.ask(&policy, &asked).await {
            gave_up.note(decided);
        }
    }
    findings.named("its waits and its memory are within reason", &gave_up.to_string())
}

/// One situation that a policy is asked about.
struct Situation {
    failure: Arc<Failure>,
    attempt: u32,
    memory: &'static [u8],
}

/// Every kind of failure, at the first attempt and at the millionth, with every
/// memory.
fn cases() -> Vec<Situation> {
    let guest = |code: &str| Code::Guest(code.into());
    let codes = [
        Code::TrapPanic,
        Code::LimitDeadline,
        Code::LimitFuel,
        guest("glm.1302"),
        guest(""),
    ];
    let mut cases = Vec::new();
    for (code, retry_after_ms) in codes
        .into_iter()
        .zip([None, Some(0), Some(u64::MAX), Some(1_000), None])
    {
        let mut failure = Failure::new(code, "");
        failure.retry_after_ms = retry_after_ms;
        let failure = Arc::new(failure);
        for attempt in ATTEMPTS {
            cases.extend(MEMORIES.into_iter().map(|memory| Situation {
                failure: failure.clone(),
                attempt,
                memory,
            }));
        }
    }
    cases
}

impl Situation {
    fn question<'a>(&'a self, rules: &'a RetryRules, policy: &'a PolicyUse<Retry>) -> RetryQuestion<'a> {
        RetryQuestion {
            agent: "rehearsal",
            instance: InstanceId::new("rehearsal"),
            rules,
            policy: Some(policy),
            snapshot: Snapshot {
                failure: &self.failure,
                attempt: self.attempt,
                // Never twice no wait: that is the session's to judge.
                previous_delay: Duration::from_millis(1),
                elapsed: Duration::from_millis(u64::from(self.attempt)),
                remaining: None,
                idempotent: true,
                meanings: meanings(),
            },
            history: &[],
            budget_left: 10,
            now: Duration::from_millis(u64::from(self.attempt)),
            random: u64::from(self.attempt).wrapping_mul(0x9e37_79b9_7f4a_7c15),
        }
    }
}

impl std::fmt::Display for Situation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Situation {
            failure,
            attempt,
            memory,
        } = self;
        write!(
            f,
            "{} at attempt {attempt} with {} bytes of memory",
            failure.code,
            memory.len()
        )
    }
}

/// How often a policy gave up, and why the first time.
#[derive(Default)]
struct GaveUp {
    count: u32,
    first: Option<String>,
}

impl GaveUp {
    fn note(&mut self, decided: RetryDecision) {
        if let Verdict::GiveUp(reason) = decided.verdict {
            self.count += 1;
            let why = decided.reason.unwrap_or_else(|| reason.name().into());
            self.first.get_or_insert(why);
        }
    }
}

impl std::fmt::Display for GaveUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.first {
            Some(why) => write!(
                f,
                "; it gave up in {}, the first time because of: {why}",
                self.count
            ),
            None => Ok(()),
        }
    }
}
