//! Upstreams that are down, and the tasks that are held because of that: one alert,
//! however often they are probed meanwhile.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::Commands;
use super::breaker::alert;
use crate::notices::alert::{Alert, AlertChange, Lasts};
use fusebox_events::{Event, TaskRecord, breaker_key};
use fusebox_resilience::GiveUp;
use fusebox_resilience::breaker::State;
use fusebox_types::TaskStatus;
use fusebox_types::failure::Code;

/// The upstreams whose breakers were not closed all the time.
#[derive(Debug, Default)]
pub(super) struct Holds(BTreeMap<Arc<str>, Upstream>);

/// What is known of an upstream.
#[derive(Debug, Default)]
struct Upstream {
    /// That its breaker opened: not told while nobody has noticed it.
    opened: Option<Alert>,
    /// Whether people were told that it is down.
    is_told: bool,
    /// How many tasks it holds.
    tasks: u64,
    /// What it has held since it went down.
    held: Option<Held>,
}

/// What was held.
#[derive(Debug, Clone, Copy)]
struct Held {
    since: Timestamp,
    most: u64,
}

impl Holds {
    /// What is told of a breaker's change. That of an upstream opens in silence:
    /// what it does to tasks says more.
    pub(super) fn breaker(&mut self, key: &Arc<str>, to: State, change: AlertChange) -> Option<AlertChange> {
        if !key.starts_with("upstream:") {
            return Some(change);
        }
        let upstream = self.0.entry(key.clone()).or_default();
        match change {
            AlertChange::Begins(_) if upstream.is_told => None,
            AlertChange::Begins(alert) if to == State::Open => {
                upstream.opened = Some(alert);
                None
            }
            AlertChange::Begins(alert) => {
                upstream.is_told = true;
                Some(AlertChange::Begins(alert))
            }
            AlertChange::Ends(alert) => upstream.ends(key, to, alert),
        }
    }

    /// That an upstream begins to hold tasks.
    pub(super) fn holds(&mut self, event: &Event, commands: &Commands) -> Option<AlertChange> {
        let Event::Hold { by, at, until, tasks } = event else {
            return None;
        };
        if !by.starts_with("upstream:") {
            return None;
        }
        let upstream = self.0.entry(by.clone()).or_default();
        let began = std::mem::replace(&mut upstream.tasks, *tasks) == 0 && *tasks > 0;
        if *tasks > 0 {
            let held = upstream.held.get_or_insert(Held { since: *at, most: 0 });
            held.most = held.most.max(*tasks);
        }
        if !began || std::mem::replace(&mut upstream.is_told, true) {
            return None;
        }
        let opened = upstream.opened.take();
        let (state, why) = match &opened {
            Some(opened) => ("is down", opened.why.as_str()),
            None => ("is not asked for now", ""),
        };
        let what = format!("{} {state}: {}", breaker_key::guarded(by), are_held(*tasks));
        let next = match until {
            Some(until) => format!("the next try is at {until:.0}; nothing is lost"),
            None => "nothing is lost; somebody has to close its breaker".into(),
        };
        let alert = alert(by, *at, &what).because(why).then(&next);
        Some(AlertChange::Begins(
            alert.command(commands.of("breaker show", by)),
        ))
    }

    /// That an upstream's breaker is open, once a task is lost to that.
    pub(super) fn lost(&mut self, record: &TaskRecord) -> Option<AlertChange> {
        let failure = record.failure.as_deref()?;
        let is_refused = failure.code == Code::ShedBreaker || record.reason == Some(GiveUp::BreakerOpen);
        if record.status == TaskStatus::Held || !is_refused {
            return None;
        }
        let named = failure.context.iter().find(|(name, _)| name == "upstream");
        let key = format!("upstream:{}", named?.1);
        let upstream = self.0.get_mut(&*key)?;
        let opened = upstream.opened.take()?;
        upstream.is_told = true;
        Some(AlertChange::Begins(opened))
    }
}

impl Upstream {
    /// Its breaker lets all pass again.
    fn ends(&mut self, key: &str, to: State, ended: Alert) -> Option<AlertChange> {
        let (at, held) = (ended.at, self.held.take());
        self.opened = None;
        if !std::mem::take(&mut self.is_told) {
            return None;
        }
        let Some(held) = held else {
            return Some(AlertChange::Ends(ended));
        };
        let back = match to {
            State::Closed => format!("{} is back", breaker_key::guarded(key)),
            _ => ended.what.clone(),
        };
        let time = Duration::try_from(at.duration_since(held.since)).unwrap_or_default();
        let what = format!(
            "{back}; held {} for {:.0} s",
            tasks(held.most),
            time.as_secs_f64()
        );
        Some(AlertChange::Ends(
            alert(key, at, &what).lasting(Lasts::UntilEnded),
        ))
    }
}

fn are_held(count: u64) -> String {
    let are = if count == 1 { "is" } else { "are" };
    format!("{} {are} held", tasks(count))
}

fn tasks(count: u64) -> String {
    match count {
        1 => "1 task".into(),
        _ => format!("{count} tasks"),
    }
}
