//! The cases of degradation policies: tasks with and without a partial result and
//! fallbacks, from the first failure to a session in which everything fails.

use std::time::Duration;

use super::{Case, Findings, Invariant, MEMORIES};
use fusebox_resilience::degradation::{FallbackLink, Step};
use fusebox_runtime::plugin::PolicyUse;
use fusebox_runtime::policies::DegradationQuestion;
use fusebox_runtime::sandbox::Degradation;
use fusebox_types::Counts;
use fusebox_types::failure::{Code, Failure};

/// Bytes of partial result.
const PARTIAL: [Option<u64>; 4] = [None, Some(0), Some(1_000), Some(u64::MAX)];
/// How many fallbacks there are.
const FALLBACKS: [usize; 3] = [0, 1, 100];
/// Tasks, and how many of them have failed.
const TASKS: [(u64, u64); 4] = [(1, 0), (10, 5), (1_000_000, 999_999), (u64::MAX, u64::MAX)];

pub(crate) async fn check(policy: PolicyUse<Degradation>) -> Vec<Invariant> {
    let mut findings = Findings::default();
    let failure = Failure::new(Code::LimitDeadline, "");
    let chain: Vec<_> = (0..100)
        .map(|n| FallbackLink::Agent(format!("agent-{n}")))
        .collect();
    for (number, case) in cases().enumerate() {
        let fallbacks: Vec<_> = chain
            .iter()
            .take(case.fallbacks)
            .cloned()
            .map(Step::Link)
            .collect();
        let asked = Case {
            name: &case.to_string(),
            question: &case.question(&failure, &fallbacks, number as u64),
            memory: case.memory,
        };
        findings.ask(&policy, &asked).await;
    }
    findings.named(
        "it chooses among what there is, and its memory is within reason",
        "",
    )
}

/// One situation that a policy is asked about.
#[derive(Clone, Copy)]
struct Situation {
    partial: Option<u64>,
    fallbacks: usize,
    tasks: (u64, u64),
    memory: &'static [u8],
    required: bool,
}

fn cases() -> impl Iterator<Item = Situation> {
    let with_fallbacks = |partial| FALLBACKS.into_iter().map(move |fallbacks| (partial, fallbacks));
    let with_tasks = |(partial, fallbacks)| {
        let rest = TASKS.into_iter().zip(MEMORIES);
        rest.flat_map(move |(tasks, memory)| {
            [false, true].map(|required| Situation {
                partial,
                fallbacks,
                tasks,
                memory,
                required,
            })
        })
    };
    PARTIAL.into_iter().flat_map(with_fallbacks).flat_map(with_tasks)
}

impl Situation {
    fn question<'q>(
        &self,
        failure: &'q Failure,
        fallbacks: &'q [Step],
        random: u64,
    ) -> DegradationQuestion<'q> {
        DegradationQuestion {
            task: "rehearsal",
            agent: "rehearsal",
            instance: "rehearsal",
            failure,
            attempts: 3,
            required: self.required,
            partial: self.partial,
            fallbacks,
            dependants: u32::try_from(self.fallbacks).unwrap_or(u32::MAX),
            counts: Counts {
                total: self.tasks.0,
                failed: self.tasks.1,
                ..Counts::default()
            },
            now: Duration::from_secs(1),
            random,
        }
    }
}

impl std::fmt::Display for Situation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.required {
            "a required task with "
        } else {
            "a task with "
        })?;
        match self.partial {
            Some(bytes) => write!(f, "{bytes} bytes of partial result")?,
            None => f.write_str("no partial result")?,
        }
        let (total, failed) = self.tasks;
        write!(
            f,
            ", {} fallbacks, {failed} of {total} tasks have failed, {} bytes of memory",
            self.fallbacks,
            self.memory.len()
        )
    }
}
