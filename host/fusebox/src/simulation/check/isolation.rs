//! The cases of isolation policies: pools of all sizes, from the first strike to
//! millions.

use std::time::Duration;

use super::{Case, Findings, Invariant, MEMORIES};
use fusebox_resilience::isolation::{Counts, Evidence};
use fusebox_runtime::plugin::PolicyUse;
use fusebox_runtime::policies::IsolationQuestion;
use fusebox_runtime::sandbox::Isolation;
use fusebox_types::failure::{Code, Failure};

/// Attempts of the instance, and how many of them were strikes.
const ATTEMPTS: [(u64, u64); 5] = [(1, 1), (10, 5), (1_000, 10), (1_000_000, 1), (u64::MAX, u64::MAX)];
/// Instances of the pool, and how many of them are out.
const POOLS: [(usize, usize); 4] = [(1, 0), (4, 0), (4, 2), (1_000, 500)];

pub(crate) async fn check(policy: PolicyUse<Isolation>) -> Vec<Invariant> {
    let mut findings = Findings::default();
    let failure = Failure::new(Code::TrapPanic, "");
    for (case, (attempts, pool, memory)) in cases().enumerate() {
        let question = IsolationQuestion {
            agent: "rehearsal",
            instance: "rehearsal",
            evidence: evidence(attempts, pool),
            failure: &failure,
            now: Duration::from_secs(1),
            random: case as u64,
        };
        let name = format!(
            "{} of {} attempts were strikes, {} of {} instances are out, {} bytes of memory",
            attempts.1,
            attempts.0,
            pool.1,
            pool.0,
            memory.len()
        );
        let case = Case {
            name: &name,
            question: &question,
            memory,
        };
        findings.ask(&policy, &case).await;
    }
    findings.named("its quarantines and its memory are within reason", "")
}

fn cases() -> impl Iterator<Item = ((u64, u64), (usize, usize), &'static [u8])> {
    let of_attempts = |attempts| {
        let of_pool = move |pool| MEMORIES.into_iter().map(move |memory| (attempts, pool, memory));
        POOLS.into_iter().flat_map(of_pool)
    };
    ATTEMPTS.into_iter().flat_map(of_attempts)
}

fn evidence((attempts, strikes): (u64, u64), (pool_size, quarantined): (usize, usize)) -> Evidence {
    let consecutive = u32::try_from(strikes).unwrap_or(u32::MAX);
    let of_pool = |count: u64| count.saturating_mul(pool_size as u64);
    Evidence {
        counts: Counts {
            consecutive,
            attempts,
            strikes,
            pool_attempts: of_pool(attempts),
            pool_strikes: strikes,
        },
        median: Duration::from_millis(20),
        pool_median: Duration::from_millis(10),
        pool_consecutive: consecutive,
        pool_size,
        quarantined,
        allowed: pool_size / 2,
        times: u32::try_from(quarantined).unwrap_or(u32::MAX),
    }
}
