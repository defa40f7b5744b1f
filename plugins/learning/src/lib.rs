//! A retry policy that learns from each failure code which wait worked.
//!
//! A policy is asked only after failures, so what it sees of a wait that was
//! long enough is silence. It counts, for each code and wait, how often it gave
//! the wait and how often the same code came back after it in the same task.

mod code;
mod memory;
mod settings;

use code::Code;
use fusebox_sdk::policy::retry::{Decision, PastAttempt, prelude::*};
use memory::Memory;
use settings::Settings;

/// The policy.
pub struct Learning;

impl RetryPolicy for Learning {
    fn decide(snapshot: &Snapshot) -> Result<Verdict, GiveUp> {
        let settings: Settings = snapshot.settings()?;
        let now_ms = milliseconds(snapshot.now);
        let mut memory = Memory::of(snapshot, &settings);
        let mut code = memory.take(&snapshot.failure.code, now_ms);
        code.forget(&settings, now_ms);
        let least = learn(&mut code, &settings, snapshot);
        // What was learned is kept even if there is nothing more to try.
        let verdict = snapshot
            .may_help()
            .and_then(|()| answer(&mut code, &settings, snapshot, least))
            .unwrap_or_else(Verdict::from);
        if matches!(verdict.decision, Decision::Again(_)) || code.is_known() {
            memory.put(code);
        }
        Ok(verdict.remember(&memory))
    }
}

#[cfg(target_family = "wasm")]
export_retry_policy!(Learning);

/// Counts the wait before this attempt as too short if the same code came back,
/// and gives the least step that is worth trying now.
fn learn(code: &mut Code, settings: &Settings, snapshot: &Snapshot) -> usize {
    let earlier = |past: &&PastAttempt| past.number < snapshot.attempt;
    let Some(before) = snapshot.history.iter().rev().find(earlier) else {
        return 0;
    };
    if before.failure.code != snapshot.failure.code {
        return 0;
    }
    let waited = settings.step_within(milliseconds(snapshot.delay_before));
    code.came_back(waited);
    waited.saturating_add(1)
}

/// Gives the shortest wait that is good, and up to a quarter more so that tasks
/// that failed together do not come back together.
fn answer(
    code: &mut Code,
    settings: &Settings,
    snapshot: &Snapshot,
    least: usize,
) -> Result<Verdict, GiveUp> {
    let wait = Duration::from_millis(settings.wait_ms(code.best(settings, least)));
    let longest = Duration::from_millis(settings.max_ms);
    let verdict = snapshot.again(snapshot.draw(wait..=wait.saturating_add(wait / 4)).min(longest))?;
    if let Decision::Again(wait) = verdict.decision {
        let given = settings.step_within(milliseconds(wait));
        // After the last attempt nobody asks: silence would prove nothing.
        if snapshot.attempt.saturating_add(1) < snapshot.max_attempts && snapshot.budget_left > 1 {
            code.try_step(given);
        }
    }
    Ok(verdict)
}

fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
