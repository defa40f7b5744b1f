//! An isolation policy that takes out an instance that is clearly worse than
//! its pool, for longer each time.
//!
//! What strikes all instances alike is not the fault of one: a bad input, a bad
//! build, a machine under load. Taking one out then helps nobody.

mod settings;
mod share;

use fusebox_sdk::policy::Blame;
use fusebox_sdk::policy::isolation::prelude::*;
use settings::Settings;
use share::Share;

/// The policy.
pub struct Parole;

impl IsolationPolicy for Parole {
    fn decide(snapshot: &Snapshot) -> Result<Verdict, Undecided> {
        let settings: Settings = snapshot.settings()?;
        Ok(match reason_to_keep(snapshot, &settings) {
            Some(reason) => Verdict::keep().because(reason),
            None => Verdict::quarantine(span(snapshot, &settings)).because(evidence(snapshot)),
        })
    }
}

#[cfg(target_family = "wasm")]
export_isolation_policy!(Parole);

/// Why the instance is let work, if it is.
fn reason_to_keep(snapshot: &Snapshot, settings: &Settings) -> Option<&'static str> {
    let Health {
        attempts, strikes, ..
    } = snapshot.health;
    let own = Share::seen(strikes, attempts);
    let (attempts, strikes) = snapshot.others();
    let others = Share::expected(strikes, attempts);
    if snapshot.failure.blame != Blame::Guest {
        Some("the failure is not its fault")
    } else if snapshot.pool_size < 2 {
        Some("it is alone in its pool")
    } else if snapshot.health.strikes < settings.min_strikes || !own.reaches(settings.min_percent) {
        Some("it has struck too seldom")
    } else if others.reaches(settings.pool_percent) {
        Some("for all that is known, the others are no better")
    } else if !own.reaches_times(settings.times_worse, others) {
        Some("it is not clearly worse than the others")
    } else {
        None
    }
}

/// What speaks against it.
fn evidence(snapshot: &Snapshot) -> String {
    let Health {
        attempts, strikes, ..
    } = snapshot.health;
    let (others, others_struck) = snapshot.others();
    format!("{strikes} of {attempts} attempts were strikes, of the others' {others_struck} of {others}")
}

/// Doubles with each quarantine; up to a tenth is left to chance, so that
/// instances that went together do not come back together.
fn span(snapshot: &Snapshot, settings: &Settings) -> Duration {
    let [first, longest] = [settings.base_ms, settings.max_ms].map(Duration::from_millis);
    let span = snapshot.doubled(first, longest);
    snapshot.draw(span - span / 10..=span)
}

#[cfg(test)]
mod tests;
