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
use fusebox_runtime::policies::{Clamped, Question};
use fusebox_runtime::sandbox::{self, POLICY_FUEL};

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

/// One case that a policy is asked about.
struct Case<'a, Q> {
    name: &'a str,
    question: &'a Q,
    /// What it has kept.
    memory: &'a [u8],
}

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
    async fn ask<Q: Question>(
        &mut self,
        policy: &PolicyUse<Q::Kind>,
        case: &Case<'_, Q>,
    ) -> Option<Q::Decision> {
        if self.took > MOST_TIME {
            let why = format!("the cases before took {} seconds", MOST_TIME.as_secs());
            self.answers.note(case.name, Err(why));
            return None;
        }
        let begun = Instant::now();
        let decision = self.ask_twice(policy, case).await;
        self.took = self.took.saturating_add(begun.elapsed());
        decision
    }

    async fn ask_twice<Q: Question>(
        &mut self,
        policy: &PolicyUse<Q::Kind>,
        &Case {
            name,
            question,
            memory,
        }: &Case<'_, Q>,
    ) -> Option<Q::Decision> {
        let pre = &policy.policy.pre;
        let snapshot = question.snapshot(question.about().context(policy, memory.to_vec()));
        let (verdict, fuel) = match sandbox::ask::<Q::Kind>(pre, &snapshot).await {
            Ok(answer) => answer,
            Err(failure) => {
                self.answers.note(name, Err(failure.to_string()));
                return None;
            }
        };
        self.most_fuel = self.most_fuel.max(fuel);
        self.answers.note(name, Ok(()));
        // The generated type compares by its debug form: every field is in it.
        let other = sandbox::ask::<Q::Kind>(pre, &snapshot).await;
        let is_same = other.is_ok_and(|(other, _)| format!("{other:?}") == format!("{verdict:?}"));
        let same = is_same.then_some(()).ok_or("another answer the second time");
        self.same.note(name, same.map_err(Into::into));
        match Clamped::of(question, verdict) {
            Ok(clamped) => {
                self.sense.note(name, Ok(()));
                Some(clamped.decision)
            }
            Err(invalid) => {
                self.sense.note(name, Err(invalid.to_string()));
                None
            }
        }
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
