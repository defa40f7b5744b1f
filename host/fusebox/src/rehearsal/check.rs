//! Whether a policy keeps the rules, whatever it is told: it answers within its
//! limits, its answers make sense, and equal input gives an equal answer.

mod breaker;
mod degradation;
mod isolation;
mod retry;

pub(crate) use breaker::check as check_breaker;
pub(crate) use degradation::check as check_degradation;
pub(crate) use isolation::check as check_isolation;
pub(crate) use retry::check as check_retry;

use std::time::{Duration, Instant};

use fusebox_runtime::plugin::PolicyUse;
use fusebox_runtime::sandbox::{self, POLICY_FUEL, PolicyKind};

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

/// How long all answers may take together: an honest policy takes a second for
/// all of them, an interpreted one some, and one that waits out its time in each
/// would take minutes.
const MOST_TIME: Duration = Duration::from_secs(20);

/// What has been found so far.
#[derive(Default)]
struct Findings {
    answers: Rule,
    sense: Rule,
    same: Rule,
    most_fuel: u64,
    /// Time that the answers took.
    took: Duration,
}

impl Findings {
    /// Asks a policy about one case, twice.
    async fn ask<K: PolicyKind>(
        &mut self,
        policy: &PolicyUse<K>,
        case: &str,
        told: &K::Snapshot,
        judge: impl FnOnce(K::Verdict) -> Result<(), String>,
    ) {
        if self.took > MOST_TIME {
            let why = format!("the cases before took {} seconds", MOST_TIME.as_secs());
            return self.answers.note(case, Err(why));
        }
        let begun = Instant::now();
        self.ask_twice(policy, case, told, judge).await;
        self.took = self.took.saturating_add(begun.elapsed());
    }

    async fn ask_twice<K: PolicyKind>(
        &mut self,
        policy: &PolicyUse<K>,
        case: &str,
        told: &K::Snapshot,
        judge: impl FnOnce(K::Verdict) -> Result<(), String>,
    ) {
        let pre = &policy.policy.pre;
        let (verdict, fuel) = match sandbox::ask::<K>(pre, told).await {
            Ok(answer) => answer,
            Err(failure) => return self.answers.note(case, Err(failure.to_string())),
        };
        self.most_fuel = self.most_fuel.max(fuel);
        self.answers.note(case, Ok(()));
        // The generated type compares by its debug form: every field is in it.
        let other = sandbox::ask::<K>(pre, told).await;
        let is_same = other.is_ok_and(|(other, _)| format!("{other:?}") == format!("{verdict:?}"));
        let same = is_same.then_some(()).ok_or("another answer the second time");
        self.same.note(case, same.map_err(Into::into));
        self.sense.note(case, judge(verdict));
    }

    /// The rules, each with what was found; `more` is said of the second.
    fn named(self, sense: &'static str, more: &str) -> Vec<Invariant> {
        let most_fuel = self.most_fuel;
        vec![
            self.answers
                .named("it answers, within its fuel, memory and time", |count| {
                    format!("{count} cases, at most {most_fuel} of {POLICY_FUEL} fuel")
                }),
            self.sense.named(sense, |count| format!("{count} cases{more}")),
            self.same.named("equal input gives an equal answer", |count| {
                format!("{count} cases")
            }),
        ]
    }
}

/// How a rule fares.
#[derive(Default)]
struct Rule {
    kept: u32,
    broken: Option<String>,
}

impl Rule {
    fn note(&mut self, case: &str, found: Result<(), String>) {
        match found {
            Ok(()) => self.kept += 1,
            Err(how) => {
                self.broken.get_or_insert_with(|| format!("{case}: {how}"));
            }
        }
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
