//! When requests were made, in bounded memory.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// Steps into which a window is divided. Requests of one step count until its
/// end has left the window: up to 0.4 % too long, never too short.
const STEPS: u64 = 256;

/// How many requests were made in which step, the oldest first. Not more than
/// one entry for each step of the window.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Log(VecDeque<(u64, u32)>);

/// The end of the step that a time lies in.
fn end_of_step(window_ms: u64, now_ms: u64) -> u64 {
    let step = (window_ms / STEPS).max(1);
    now_ms.checked_next_multiple_of(step).unwrap_or(u64::MAX)
}

impl Log {
    /// Counts a request; the time that it is counted at.
    pub(super) fn add(&mut self, window_ms: u64, now_ms: u64) -> u64 {
        let at = end_of_step(window_ms, now_ms);
        match self.0.back_mut() {
            Some((last, count)) if *last >= at => {
                *count = count.saturating_add(1);
                *last
            }
            _ => {
                self.0.push_back((at, 1));
                at
            }
        }
    }

    /// Takes back a request that was counted at a time.
    pub(super) fn remove(&mut self, at: u64) {
        if let Some((_, count)) = self.0.iter_mut().find(|(time, _)| *time == at) {
            *count = count.saturating_sub(1);
        }
        self.0.retain(|(_, count)| *count > 0);
    }

    /// Forgets what has left the window, and brings back what lies in the future
    /// because the clock has jumped.
    pub(super) fn settle(&mut self, window_ms: u64, now_ms: u64) {
        let now_at = end_of_step(window_ms, now_ms);
        let mut ahead: u32 = 0;
        while let Some((_, count)) = self.0.pop_back_if(|(at, _)| *at > now_at) {
            ahead = ahead.saturating_add(count);
        }
        match self.0.back_mut() {
            _ if ahead == 0 => {}
            Some((last, count)) if *last == now_at => *count = count.saturating_add(ahead),
            _ => self.0.push_back((now_at, ahead)),
        }
        while self
            .0
            .pop_front_if(|(at, _)| at.saturating_add(window_ms) <= now_ms)
            .is_some()
        {}
    }

    /// Requests in the window.
    pub(super) fn count(&self) -> u64 {
        self.0.iter().map(|(_, count)| u64::from(*count)).sum()
    }

    /// When requests were made, and how many.
    pub(super) fn entries(&self) -> impl Iterator<Item = (u64, u32)> {
        self.0.iter().copied()
    }
}
