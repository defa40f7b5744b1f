//! Whether the next task of an agent may start: what its breaker, its track record and
//! the upstream that it needs say now.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::live_settings::LiveSettings;
use super::scheduler::Pick;
use crate::agents::Agent;
use fusebox_resilience::breaker::{Admission, BreakerMode, Outcome};
use fusebox_resilience::track_record::TrackRecord;
use fusebox_runtime::sandbox::SessionContext;
use fusebox_types::TaskIndex;
use fusebox_types::digest::Digest;

/// How many attempts more than an upstream has places are begun of an agent that needs
/// it: they are ready when a place is, and no sandbox queues for nothing.
const AHEAD: usize = 2;

/// Says whether the tasks of agents may start. It looks at the breakers each time, and
/// holds nothing of them.
#[derive(Debug)]
pub(super) struct Gatekeeper {
    live: Arc<LiveSettings>,
    outside: Arc<SessionContext>,
    agents: Box<[AgentState]>,
    /// The upstreams that tasks were held by, by their numbers.
    upstreams: Mutex<Vec<Arc<str>>>,
}

/// What is known of an agent.
#[derive(Debug)]
struct AgentState {
    record: Mutex<TrackRecord<Digest>>,
    /// Whether its last attempt called an upstream.
    calls: AtomicBool,
}

/// What an agent's tasks meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Passage {
    /// They may start, so many at once.
    Open { most: usize, pick: Pick },
    /// So many may find out whether the upstream is well again.
    Probes { upstream: u16, most: usize },
    /// They are held.
    Closed(Closed),
}

/// What holds tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Closed {
    /// The breaker.
    pub(super) by: Arc<str>,
    /// The upstream whose breaker it is, by its number; none if it is an agent's.
    pub(super) upstream: Option<u16>,
    /// When the next of them may try, on the clock of the breakers; none if a person
    /// has to act.
    pub(super) until: Option<Duration>,
}

impl Gatekeeper {
    /// For the agents of a session.
    pub(super) fn new(live: Arc<LiveSettings>, outside: Arc<SessionContext>) -> Self {
        let state = |_| AgentState {
            record: Mutex::default(),
            calls: AtomicBool::new(true),
        };
        let agents = (0..outside.breakers.agents()).map(state).collect();
        Self {
            agents,
            live,
            outside,
            upstreams: Mutex::default(),
        }
    }

    /// What the next task of an agent meets, of which so many run; whether one is ready
    /// that has begun.
    pub(super) fn passage(&self, agent: u16, running: usize, has_begun: bool) -> Passage {
        let Some(configured) = self.live.agent(agent) else {
            // Whoever takes it up ends it.
            return Passage::Open {
                most: usize::MAX,
                pick: Pick::First,
            };
        };
        let of_agent = self.by_agent(agent, &configured, has_begun);
        match (of_agent, configured.only_upstream()) {
            (Passage::Open { most, pick }, Some(upstream)) if most > running => {
                match self.by_upstream(&configured, upstream) {
                    Passage::Open { .. } => Passage::Open {
                        most: most.min(self.room_at(agent, upstream)),
                        pick,
                    },
                    held => held,
                }
            }
            (of_agent, _) => of_agent,
        }
    }

    /// What an agent's tasks meet that need this upstream.
    pub(super) fn by_upstream(&self, agent: &Agent, upstream: &str) -> Passage {
        let closed = |until| {
            Passage::Closed(Closed {
                by: format!("upstream:{upstream}").into(),
                upstream: Some(self.number(upstream)),
                until,
            })
        };
        match self.outside.gateway.admission(&agent.name, upstream) {
            Admission::Free => Passage::Open {
                most: usize::MAX,
                pick: Pick::First,
            },
            Admission::Probes { most, .. } => Passage::Probes {
                upstream: self.number(upstream),
                most: most as usize,
            },
            Admission::Until(until) => closed(Some(until)),
            Admission::Never => closed(None),
        }
    }

    /// What an agent's breaker and its track record say.
    fn by_agent(&self, index: u16, agent: &Agent, has_begun: bool) -> Passage {
        let open = |most, pick| Passage::Open { most, pick };
        let Some(breaker) = self.outside.breakers.agent(index) else {
            return open(usize::MAX, Pick::First);
        };
        let admission = breaker.admission(&agent.breaker);
        if let Admission::Never = admission {
            return Passage::Closed(Closed {
                by: breaker.key().into(),
                upstream: None,
                until: None,
            });
        }
        if self.is_hopeless(index, agent) {
            // Each ends at once.
            return open(usize::MAX, Pick::First);
        }
        let has_room = self.has_room(index, agent);
        let most = match admission {
            Admission::Free => usize::MAX,
            Admission::Probes { under_way: 0, .. } => 1,
            Admission::Probes { .. } | Admission::Until(_) | Admission::Never => 0,
        };
        match (admission, has_room) {
            (Admission::Free, true) => open(most, Pick::First),
            (_, true) => open(most, Pick::Anywhere),
            // Those that have begun come first.
            (_, false) if has_begun => open(most, Pick::First),
            (_, false) => open(0, Pick::First),
        }
    }

    /// How many attempts of an agent are begun that needs this upstream.
    fn room_at(&self, agent: u16, upstream: &str) -> usize {
        let calls = self.agents.get(usize::from(agent));
        let calls = calls.is_none_or(|agent| agent.calls.load(Ordering::Relaxed));
        let services = self.live.services().load();
        let places = services.by_name.get(upstream).filter(|_| calls);
        places.map_or(usize::MAX, |service| service.limits().in_flight as usize + AHEAD)
    }

    /// Notes whether an attempt of an agent called an upstream.
    pub(super) fn attempted(&self, agent: u16, called: bool) {
        if let Some(agent) = self.agents.get(usize::from(agent)) {
            agent.calls.store(called, Ordering::Relaxed);
        }
    }

    /// Notes that a task of an agent begins, or goes on.
    pub(super) fn begins(&self, index: u16, task: TaskIndex) {
        let agent = self.live.agent(index);
        if let (Some(mut record), Some(agent)) = (self.record(index), agent) {
            record.begins(agent.digest, task);
        }
    }

    /// Notes what a task came to by an agent.
    pub(super) fn ended(&self, index: u16, agent: &Agent, task: TaskIndex, outcome: Outcome) {
        if let Some(mut record) = self.record(index) {
            record.ended(agent.digest, task, outcome);
        }
    }

    /// Notes that a task of an agent is over, or held: it takes no other's place among
    /// those that show whether the agent can do anything.
    pub(super) fn rests(&self, index: u16, task: TaskIndex) {
        if let Some(agent) = self.live.agent(index) {
            self.ended(index, &agent, task, Outcome::Ignored);
        }
    }

    /// Whether an agent has failed at everything, so that the rest of its tasks need not
    /// be tried. A breaker that refuses nothing refuses them neither.
    pub(super) fn is_hopeless(&self, index: u16, agent: &Agent) -> bool {
        let is_on = agent.breaker.mode == BreakerMode::On;
        is_on
            && self
                .record(index)
                .is_some_and(|record| record.is_hopeless(&agent.digest))
    }

    fn has_room(&self, index: u16, agent: &Agent) -> bool {
        let is_off = agent.breaker.mode != BreakerMode::On;
        is_off
            || self
                .record(index)
                .is_none_or(|record| record.has_room(&agent.digest))
    }

    fn record(&self, index: u16) -> Option<MutexGuard<'_, TrackRecord<Digest>>> {
        let agent = self.agents.get(usize::from(index))?;
        Some(agent.record.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// For how long a task of an agent may be held at most, all times together.
    pub(super) fn longest_hold(&self, agent: u16) -> Duration {
        let Some(agent) = self.live.agent(agent) else {
            return Duration::ZERO;
        };
        let services = self.live.services().load();
        let upstream = agent.only_upstream().and_then(|name| services.by_name.get(name));
        let rules = upstream.map_or(agent.breaker, |service| *service.breaker());
        let hold = agent.breaker.hold.min(rules.hold);
        match agent.degradation.fallback.is_empty() {
            true => hold,
            // Something serves in its stead: long enough for one probe.
            false => hold.min(rules.max_open_time),
        }
    }

    /// The time, on the clock of the breakers.
    pub(super) fn now(&self) -> Duration {
        self.outside.breakers.now()
    }

    /// A moment of that clock, as a date and time.
    pub(super) fn time(&self, at: Duration) -> Timestamp {
        self.outside.breakers.timestamp(at)
    }

    /// Waits until a breaker has changed, or a probe of one has ended.
    pub(super) async fn changed(&self) {
        self.outside.breakers.changed().await;
    }

    /// Whether a wait for an upstream is longer than a breaker's own guess: somebody asked
    /// for it.
    pub(super) fn is_asked_for(&self, upstream: &str, wait: Duration) -> bool {
        let services = self.live.services().load();
        let service = services.by_name.get(upstream);
        service.is_some_and(|service| wait > service.breaker().max_open_time)
    }

    /// The number of an upstream in this session.
    pub(super) fn number(&self, upstream: &str) -> u16 {
        let mut names = self.names();
        let known = names.iter().position(|name| **name == *upstream);
        let at = known.unwrap_or_else(|| {
            names.push(upstream.into());
            names.len() - 1
        });
        u16::try_from(at).unwrap_or(u16::MAX)
    }

    /// The name of an upstream of this number.
    pub(super) fn name(&self, upstream: u16) -> Option<Arc<str>> {
        self.names().get(usize::from(upstream)).cloned()
    }

    /// Agents, by their numbers.
    pub(super) fn agents(&self) -> std::ops::Range<u16> {
        0..u16::try_from(self.agents.len()).unwrap_or(u16::MAX)
    }

    /// An agent as it is now.
    pub(super) fn agent(&self, agent: u16) -> Option<Arc<Agent>> {
        self.live.agent(agent)
    }

    fn names(&self) -> MutexGuard<'_, Vec<Arc<str>>> {
        self.upstreams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
