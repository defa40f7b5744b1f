//! Isolation: an instance that fails by its own doing leaves its pool for a
//! while, and the others carry its work.
//!
//! # Design
//!
//! **Pure.** A [`Pool`] is a plain state machine behind `&mut self` for the
//! instances of one agent. The time, a random number and the rules are arguments
//! of each call, so a reload of the rules takes effect at the next one, and
//! reaches quarantines that are under way. A choice and a result are O(instances)
//! and allocate nothing as long as nobody fails. Put it behind a mutex that is
//! held for one call.
//!
//! **Choice.** The least in flight among those in the pool; of equals, the one
//! that was chosen longest ago. A first attempt goes to an instance that awaits
//! its probe, if there is one. A retry goes where the task has not failed: to a
//! healthy one, then to one that is held, then to one that awaits its probe; then
//! to one where it failed before, but the last, if there is any other.
//!
//! **Strikes.** [`Outcome::of`] says what counts: the instance's own doing. What
//! is neutral neither adds a strike nor takes one away. A success ends the strikes
//! in a row. A failed health check is a strike; one that succeeds takes none away,
//! for an instance may answer well and still not work.
//!
//! **Verdict.** After a strike: so many in a row, or an outlier. An outlier fails
//! at least a share of its attempts, and more often than the rest of its pool by
//! more than chance; see the page of `outlier`, which says how that differs from
//! Envoy's outlier detection and why. A failed probe is always a verdict.
//!
//! **Quarantine.** It lasts base x n up to a cap, shortened by a random share of
//! it. n counts the quarantines, and one is forgotten for each base time that the
//! instance is in its pool and not held. When the time is over (elapsed >=), one
//! attempt is its probe, and one only. A success brings it back, a strike begins
//! a longer quarantine, and what is neutral lets another probe go. A probe is a
//! lease: if it has not ended in time another one may go, and what it comes to
//! does nothing. So nothing wedges as long as there is work.
//!
//! **Release.** By that probe; by the operator; or because the plugin is another
//! one. The last two forget n.
//!
//! **Floor.** No more are out than `max_quarantined` of the pool allows, counted
//! after; one of two or more always may, the last one never. An instance that
//! would have to leave and cannot is *held*: it works on, and is said to be so
//! once. The operator and policies are bound to it too. If a reload allows fewer
//! than are out, those whose time is over first come back. If less than half of
//! the pool is healthy (in it, and not held), it is *degraded*: it runs on what
//! it has, and each [`Choice`] says so.
//!
//! **Generations.** Each change of an instance is a new generation with fresh
//! counts. A result that began in another counts in the totals alone.
//!
//! **Policies.** [`Pool::record`] is [`Pool::count`], a judgement, and
//! [`Pool::apply`]. A policy that is a component stands in for the middle one: it
//! is told the [`Evidence`] of a [`Case`], and [`clamp`] makes its answer a
//! [`Ruling`]. Meanwhile the pool is not locked; a ruling on an instance that has
//! changed since does nothing. [`Pool::judge`] is the built-in policy, which
//! decides if the component cannot.
//!
//! **Time.** As for circuit breakers, `now` is the time since some fixed start; if
//! it runs backwards, the pool goes on from where it was. What it shows is
//! relative to the moment of the look. What it keeps for the next run is by a time
//! that all runs share.

mod apply;
mod bounds;
mod cause;
mod change;
mod check;
mod count;
mod counts;
mod durations;
mod floor;
mod health;
mod judge;
mod kept;
mod lease;
mod operator;
mod outcome;
mod outlier;
mod pool;
mod record;
mod reload;
mod rules;
mod slot;
mod view;
mod wait;

#[cfg(test)]
mod check_scenarios;
#[cfg(test)]
mod model;
#[cfg(test)]
mod operator_scenarios;
#[cfg(test)]
mod policy_scenarios;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod quarantine_scenarios;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod sessions;

pub use bounds::{Answer, InvalidDecision, clamp};
pub use cause::{Reason, Release};
pub use change::{Change, Kind};
pub use check::{Check, Checked};
pub use count::{Case, Counted};
pub use counts::Counts;
pub use health::{Health, State};
pub use judge::{Evidence, Ruling};
pub use kept::{KeptFailure, KeptInstance, KeptQuarantine};
pub use lease::{Choice, Lease};
pub use operator::Refused;
pub use outcome::{Outcome, Usage};
pub use pool::Pool;
pub use reload::Member;
pub use rules::IsolationRules;
pub use view::{PastFailure, Quarantined};
pub use wait::Wait;
