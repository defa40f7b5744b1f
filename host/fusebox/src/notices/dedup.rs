//! Each alert is told once while it lasts.
//!
//! That it began is told at most once in `min_interval`. What came and went
//! meanwhile is counted. Where an alert still lasts when the interval is over,
//! it is told then: nobody is left believing that it ended. That it ended is
//! told if, and only if, the last thing that was told of it is that it began.

use std::collections::BTreeMap;
use std::time::Duration;

use super::alert::{Alert, AlertChange, Lasts};

/// What is to be told of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The alert.
    pub alert: Alert,
    /// Whether it ended.
    pub ended: bool,
    /// How often else it began since that was last told.
    pub repeats: u64,
}

/// What was told of which alert. All times are since a start that all share.
#[derive(Debug)]
pub struct Dedup {
    min_interval: Duration,
    known: BTreeMap<String, Known>,
}

/// What is known of one alert.
#[derive(Debug, Default)]
struct Known {
    lasts: Until,
    /// When it was last told that it began.
    told: Option<Duration>,
    /// Whether that is the last thing that was told of it.
    told_begun: bool,
    /// How often it began since then.
    untold: u64,
    /// The last of those, to be told when the interval is over.
    held: Option<Alert>,
}

/// Until when an alert lasts.
#[derive(Debug, Default, Clone, Copy)]
enum Until {
    #[default]
    Over,
    Ended,
    Time(Duration),
}

impl Until {
    fn is_reached(self, now: Duration) -> bool {
        match self {
            Self::Over => true,
            Self::Ended => false,
            Self::Time(at) => now >= at,
        }
    }
}

impl Dedup {
    /// Nothing was told yet.
    pub fn new(min_interval: Duration) -> Self {
        Self {
            min_interval,
            known: BTreeMap::new(),
        }
    }

    /// Takes note of what is said; what is to be told of it now.
    pub fn say(&mut self, said: AlertChange, now: Duration) -> Option<Notification> {
        match said {
            AlertChange::Begins(alert) => self.begins(alert, now),
            AlertChange::Ends(alert) => self.ends(alert, now),
        }
    }

    fn begins(&mut self, alert: Alert, now: Duration) -> Option<Notification> {
        let min_interval = self.min_interval;
        let known = self.known.entry(alert.key.clone()).or_default();
        if !known.lasts.is_reached(now) {
            return None;
        }
        known.lasts = match alert.lasts {
            Lasts::UntilEnded => Until::Ended,
            Lasts::For(time) => Until::Time(now.saturating_add(time)),
        };
        known.untold = known.untold.saturating_add(1);
        known.held = Some(alert);
        known.tell(min_interval, now)
    }

    fn ends(&mut self, alert: Alert, now: Duration) -> Option<Notification> {
        let known = self.known.get_mut(&alert.key)?;
        if known.lasts.is_reached(now) {
            return None;
        }
        known.lasts = Until::Over;
        known.held = None;
        std::mem::take(&mut known.told_begun).then_some(Notification {
            alert,
            ended: true,
            repeats: 0,
        })
    }

    /// What was held back and is to be told now.
    pub fn due(&mut self, now: Duration) -> Vec<Notification> {
        let min_interval = self.min_interval;
        let known = self.known.values_mut();
        known.filter_map(|known| known.tell(min_interval, now)).collect()
    }

    /// When [`due`](Self::due) next has something; none if nothing is held back.
    pub fn next_due(&self) -> Option<Duration> {
        let known = self.known.values();
        known.filter_map(|known| known.due(self.min_interval)).min()
    }

    /// What began and was not told: the keys, and how often.
    pub fn untold(&self) -> impl Iterator<Item = (&str, u64)> {
        let known = self.known.iter();
        known
            .filter(|(_, known)| known.untold > 0)
            .map(|(key, known)| (key.as_str(), known.untold))
    }
}

impl Known {
    /// When what is held back may be told.
    fn due(&self, min_interval: Duration) -> Option<Duration> {
        self.held.as_ref()?;
        let after = |told: Duration| told.saturating_add(min_interval);
        Some(self.told.map_or(Duration::ZERO, after))
    }

    /// What is held back, if it may be told.
    fn tell(&mut self, min_interval: Duration, now: Duration) -> Option<Notification> {
        self.due(min_interval).filter(|due| *due <= now)?;
        let alert = self.held.take()?;
        self.told = Some(now);
        self.told_begun = true;
        let repeats = std::mem::take(&mut self.untold).saturating_sub(1);
        Some(Notification {
            alert,
            ended: false,
            repeats,
        })
    }
}

#[cfg(test)]
mod tests;
