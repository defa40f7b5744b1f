//! Failure patterns: whether the failures of a code come in bursts, in a rhythm,
//! or at random.
//!
//! # Design
//!
//! **What is kept.** A [`FailureLog`] holds, for each code, the totals (count,
//! first, last, count per instance) and the times of the last [`KEPT`]
//! failures, exactly: a sample would break the very gaps that are judged. So
//! memory does not grow with failures, the totals are of all, and the kind is
//! that of the last ones.
//!
//! **How it is judged**, on the n gaps between failures, in this order:
//!
//! 1. *Burst, all at once.* All of it (first to last) lies within a tenth of the
//!    time that was watched. Five random failures do so once in two thousand.
//! 2. *Rhythm.* With a period P, the gaps are whole multiples of it (more than
//!    one where a beat is missing). The statistic is that of the V-test, the form
//!    of Rayleigh's test for a known direction: the mean of cos(2 pi gap/P), where
//!    a gap of less than half a period is a stray and counts -1. It is 1 for a
//!    clock and below 0 for chance. P is sought around the median gap. `periodic`
//!    is 3/sqrt(n) or more, held between 0.35 and 0.55, with strays among no more
//!    than a twentieth of the gaps. Gaps, and not the phases of the failures
//!    themselves, make it blind to drift, and strict with mixtures: one failure
//!    that is not of the rhythm splits a beat, and makes a stray. A period of less than
//!    a tenth of a second is the pace of the work, and no rhythm.
//! 3. *Bursts.* The dispersion, which is the squared coefficient of variation of
//!    the gaps, is 1 for chance (a Poisson process) and grows with clustering.
//!    `burst` is more than the larger of 2 and 1 + 9/sqrt(n): for chance that is
//!    more than four standard deviations off (each is about 2/sqrt(n)).
//! 4. What is left is `random`.
//!
//! **What is advised.** A sentence is said only with its evidence: that one
//! instance differs from the others needs others that made attempts and did better
//! by far, and failures that are the guest's; that a retry can mend the rest needs
//! an attempt that succeeded after the failures ended. Failures of one instance
//! that are not from outside, and after which no task succeeded, have no times of
//! their own ([`Pattern::has_times_of_its_own`]): the same attempt ends the same
//! way whenever it is made.
//!
//! Of fewer than eight failures, or five that came all at once, nothing is said.
//! Other mixtures (a rhythm and chance in like amounts, two rhythms, bursts in a
//! rhythm) are called what they are by dispersion; they are not periodic.

mod advice;
mod classify;
mod dispersion;
mod evidence;
mod log;
mod occurrences;
mod pattern;
mod rhythm;

#[cfg(test)]
mod synthetic;
#[cfg(test)]
mod tests;

pub use classify::{Kind, Statistic};
pub use log::{FailureLog, KEPT, Watched};
pub use pattern::{Affected, Pattern, Place};
