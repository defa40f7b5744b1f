//! Whether a policy keeps the rules, whatever it is told.

use std::sync::Arc;
use std::time::Duration;

use crate::bindings::wire::{Snapshot as Told, Verdict as Answered};
use crate::config::RetryRules;
use crate::failure::{Code, Failure};
use crate::plugin::{Instance, PolicyUse};
use crate::resilience::{Snapshot, Verdict};
use crate::sandbox::{POLICY_FUEL, decide_retry};
use crate::session::{Consultation, Decided, judge, to_wire};

/// One rule, and whether the policy keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invariant {
    /// The rule.
    pub name: &'static str,
    /// What it did in how many cases, or the first case in which it broke the
    /// rule.
    pub outcome: Result<String, String>,
}

/// What a policy keeps, in the cases: nothing, what it never wrote, all it may.
const MEMORIES: [&[u8]; 4] = [b"", b"\x00", b"{\"not\": \"mine\"", &[0xff; 4096]];
const ATTEMPTS: [u32; 6] = [1, 2, 3, 10, 1_000, 1_000_000];

/// Asks a policy about every case and says which rules it keeps: it answers
/// within its limits, its answers make sense, and equal input gives an equal
/// answer.
pub(crate) async fn check(policy: PolicyUse) -> Vec<Invariant> {
    let rules = RetryRules {
        max_attempts: u32::MAX,
        ..RetryRules::default()
    };
    let instance = Instance::rehearsing(rules, Some(policy.clone()));
    let (mut answers, mut sense, mut same) = (Rule::default(), Rule::default(), Rule::default());
    let mut most_fuel = 0;
    let mut gave_up = GaveUp::default();
    for case in cases() {
        let about = case.about(&instance);
        let told = to_wire(&about, &policy, case.memory.to_vec());
        let (verdict, fuel) = match decide_retry(&policy.policy.pre, &told).await {
            Ok(answer) => answer,
            Err(failure) => {
                answers.broken(&case, &failure.to_string());
                continue;
            }
        };
        most_fuel = most_fuel.max(fuel);
        answers.kept();
        match again(&policy, &told).await {
            Some(other) if is_same(&other, &verdict) => same.kept(),
            _ => same.broken(&case, "another answer the second time"),
        }
        match judge(&about, verdict) {
            Ok((decided, _)) => {
                gave_up.note(decided);
                sense.kept();
            }
            Err(nonsense) => sense.broken(&case, &nonsense.to_string()),
        }
    }
    vec![
        answers.named("it answers, within its fuel, memory and time", |count| {
            format!("{count} cases, at most {most_fuel} of {POLICY_FUEL} fuel")
        }),
        sense.named("its waits and its memory are within reason", |count| {
            format!("{count} cases{gave_up}")
        }),
        same.named("equal input gives an equal answer", |count| {
            format!("{count} cases")
        }),
    ]
}

async fn again(policy: &PolicyUse, told: &Told) -> Option<Answered> {
    Some(decide_retry(&policy.policy.pre, told).await.ok()?.0)
}

fn is_same(one: &Answered, other: &Answered) -> bool {
    // The generated type compares by its debug form: every field is in it.
    format!("{one:?}") == format!("{other:?}")
}

/// One situation that a policy is asked about.
struct Case {
    failure: Arc<Failure>,
    attempt: u32,
    memory: &'static [u8],
}

/// Every kind of failure, at the first attempt and at the millionth, with every
/// memory.
fn cases() -> Vec<Case> {
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
            cases.extend(MEMORIES.into_iter().map(|memory| Case {
                failure: failure.clone(),
                attempt,
                memory,
            }));
        }
    }
    cases
}

impl Case {
    fn about<'a>(&'a self, instance: &'a Instance) -> Consultation<'a> {
        Consultation {
            agent: 0,
            agent_name: "rehearsal",
            instance,
            snapshot: Snapshot {
                failure: &self.failure,
                attempt: self.attempt,
                // Never twice no wait: that is the session's to judge.
                previous_delay: Duration::from_millis(1),
                elapsed: Duration::from_millis(u64::from(self.attempt)),
                remaining: None,
                idempotent: true,
            },
            history: &[],
            budget_left: 10,
            now: Duration::from_millis(u64::from(self.attempt)),
            random: u64::from(self.attempt).wrapping_mul(0x9e37_79b9_7f4a_7c15),
        }
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Case {
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
    fn note(&mut self, decided: Decided) {
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

/// How a rule fares.
#[derive(Default)]
struct Rule {
    kept: u32,
    broken: Option<String>,
}

impl Rule {
    fn kept(&mut self) {
        self.kept += 1;
    }

    fn broken(&mut self, case: &Case, how: &str) {
        self.broken.get_or_insert_with(|| format!("{case}: {how}"));
    }

    fn named(self, name: &'static str, kept: impl FnOnce(u32) -> String) -> Invariant {
        Invariant {
            name,
            outcome: match self.broken {
                Some(how) => Err(how),
                None => Ok(kept(self.kept)),
            },
        }
    }
}
