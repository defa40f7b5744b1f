//! The circuit breaker: stops calls to what keeps failing, and finds out by a
//! few probes when it is back.
//!
//! # Design
//!
//! **Pure.** A [`Breaker`] is a plain state machine behind `&mut self`. The
//! time, a random number and the rules are arguments of each call. It reads no
//! clock, never sleeps, takes no lock and does no I/O. [`SharedBreaker`] is the
//! same for many threads; no lock of it is held across a call.
//!
//! **States.** Closed: calls pass. Open: calls are refused until a wait is over.
//! Half-open: a bounded number of probes pass. The operator adds forced-open
//! (all are refused) and disabled (all pass, none counts); both last until
//! [`Breaker::enable`] or [`Breaker::reset`]. The mode of the rules lies over
//! the state and does not change it: `MetricsOnly` lets all pass and counts
//! them, `Off` lets all pass and counts none; back at `On` the machine goes on
//! where it stood. What the operator forces holds in every mode.
//!
//! **Generations.** Each change of state starts a new generation with fresh
//! counts. A [`Permit`] carries the generation that granted it; a result that
//! comes home to another one changes nothing. So calls that started before a
//! trip neither close the breaker nor open it again.
//!
//! **Opening.** Two models: consecutive failures (the default), or a rate of failures
//! in a window. Boundaries are inclusive: trip at >= the threshold, leave open at
//! elapsed >= the wait; but slow is > the limit. Rates are judged after
//! successes too, for a success may bring the calls up to the minimum, and may
//! be slow. Both models count all the time, so a change of model, like any
//! change of the rules, loses no count.
//!
//! **Windows.** A ring holds the last calls. Ten buckets hold the calls of a
//! span of time: they start at the first call, advance by whole widths, and
//! count exactly. A span is thus forgotten a tenth at a time, and a call counts
//! for between nine and ten tenths of it. A gap of any length empties the
//! buckets in one step. Memory does not grow with calls.
//!
//! **The wait.** `open_time`, times `open_growth` for each further trip, capped,
//! then shortened by a random share of up to `open_jitter`: the cap holds after
//! jitter. What is kept is the draw and not the time, so a reload that shortens
//! `open_time` frees a breaker that is open. The trips are forgotten after a
//! lasting recovery: the breaker was closed for the longer of `open_time` and
//! `window_time`.
//!
//! **Half-open.** A probe is a lease. The first probe is alone; then as many are
//! held at once as successes in a row have doubled that, and one again after a
//! failure, but never more than `probes` (without `probe_ramp` always so many). One
//! that is not ended within `probe_lease` is taken back, so a probe that
//! hangs or is lost cannot wedge the breaker. Cancelled and ignored calls give
//! the lease back and count nowhere. In the consecutive model the breaker opens
//! again if the first probe fails, or two in a row (without `probe_ramp` if any
//! does), and `success_threshold` successes close it. In the
//! window model the probes are a sample of `max(probes, success_threshold)`:
//!
//! - it is complete: a failure rate or slow rate at its limit opens the breaker
//!   again, anything less closes it;
//! - before that, it opens again as soon as its rate must end over the limit
//!   (a sample that can still end exactly at the limit is let run to its end);
//! - before that, it closes at `success_threshold` successes, if the rates are
//!   below their limits so far.
//!
//! **Time.** `now` is the time since some fixed start. It should never run
//! backwards. If it does, by more than what threads that overtake each other
//! explain, the breaker goes on from where it was: a wait lasts as long as it
//! would have. A jump forward is taken as time that has passed, as after a
//! sleep of the machine.
//!
//! **Lanes.** A closed breaker whose calls succeed in time is calm: there every
//! permit is granted, and a success only raises counts. It raises no rate, so it
//! trips nothing once the calls have reached the minimum, or while none of them
//! failed or was slow. So each thread of a [`SharedBreaker`] grants and counts
//! in a shard of its own, under a lock that it alone uses. A failure, a slow call,
//! a look, an order, other rules, a jump of the clock and the end of a bucket take
//! the lock of the one `Breaker`, close the shards and count first what they hold:
//! the outcome is that of one lock. A calm lasts half a second at most, so that
//! no two moments of it are a jump of the clock. Lanes are opened after a run of
//! results without a failure, for in rough times they would not pay.
//!
//! **Runs.** [`Breaker::keep`] says what the next run has to know, by a time that
//! all runs share, and [`Breaker::restore`] goes on from it: an open breaker is open
//! for what is left of its wait, an order holds until it is reset, and trips go
//! on counting. What was counted while closed is not kept.
//!
//! **Policies.** [`Breaker::finish`] is three steps: [`Breaker::record`] counts a
//! result, a function of the rules and the counts rules on it, and
//! [`Breaker::apply`] acts on the [`Ruling`]. A policy that is a component
//! stands in for the middle one; a ruling that arrives after the state has
//! changed does nothing.

mod admission;
mod bounds;
mod call_window;
mod change;
mod counts;
mod finish;
mod judge;
mod kept;
mod machine;
mod operator;
mod permit;
mod probes;
mod rules;
mod shared;
mod state;
mod tally;
mod view;
mod wait;

#[cfg(test)]
mod model;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod through_shared;
#[cfg(test)]
mod vectors;

pub use admission::Admission;
pub use bounds::{Answer, InvalidDecision, clamp};
pub use counts::Counts;
pub use judge::Ruling;
pub use kept::{KeptBreaker, KeptState};
pub use machine::Breaker;
pub use permit::{Grant, Outcome, Permit, Refusal};
pub use rules::{BreakerMode, BreakerRules, FailureModel, MAX_WINDOW_CALLS, WindowKind};
pub use shared::SharedBreaker;
pub use state::{Cause, State};
pub use view::{Snapshot, Transition};
pub use wait::Wait;
