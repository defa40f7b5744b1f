//! A breaker policy that opens when the error budget burns too fast.
//!
//! An objective leaves an error budget: of 99.5 %, one call in 200 may fail.
//! The **burn rate** says how many times faster than that calls fail:
//!
//! ```text
//! burn rate = (failures / calls) / (1 - objective)
//! ```
//!
//! At a burn rate of 1 the budget lasts exactly its period, at 14.4 one of
//! thirty days lasts 50 hours. There are two alerts, a fast and a slow one; each
//! has a window and a burn rate, and burns while the rate is reached both over
//! the window and over its last twelfth. That is the multiwindow,
//! multi-burn-rate alert of "The Site Reliability Workbook" (Google, 2018),
//! chapter 5, "Alerting on SLOs". Where it would page a person, this opens the
//! breaker; the windows are shorter for that.

mod alert;
mod cause;
mod memory;
mod ring;
mod settings;

use fusebox_sdk::policy::breaker::prelude::*;
use memory::Memory;
use settings::Settings;

/// The policy.
pub struct BurnRate;

impl BreakerPolicy for BurnRate {
    fn decide(snapshot: &Snapshot) -> Result<Verdict, Undecided> {
        let settings: Settings = snapshot.settings()?;
        let alerts = settings.alerts()?;
        let wait = open_time(snapshot, &settings);
        match snapshot.state {
            State::Open => return Ok(Verdict::stay()),
            State::HalfOpen => return Ok(snapshot.probed(settings.probes, wait).unwrap_or(Verdict::stay())),
            State::Closed => (),
        }
        let mut memory = Memory::of(snapshot, &alerts);
        memory.count(snapshot.failure.is_some(), snapshot.now);
        let verdict = match memory.burning(&alerts) {
            Some((alert, sum)) => Verdict::open(wait).because(cause::of(alert, sum, &settings)?),
            None => Verdict::stay(),
        };
        Ok(verdict.remember_bytes(memory.to_bytes()))
    }
}

#[cfg(target_family = "wasm")]
export_breaker_policy!(BurnRate);

/// Doubles with each trip; up to a tenth is left to chance, so that breakers
/// that opened together do not probe together.
fn open_time(snapshot: &Snapshot, settings: &Settings) -> Duration {
    let [first, longest] = [settings.open_ms, settings.max_open_ms].map(Duration::from_millis);
    let wait = snapshot.doubled(first, longest);
    snapshot.draw(wait - wait / 10..=wait)
}

fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
