//! What can happen in a session, as data: the only way out of it.
//!
//! The report, the board, the log, the progress bar and whatever else wants to
//! know are all readers of these events. An event names a task by its index in
//! the graph of its session, which every reader has.
//!
//! ```text
//! session, breakers, pools, gateway -> Outbox -> channel -> hide: without secrets
//!                                                              |
//!                                 journal, then the readers <--+
//!                                                  |
//!                       SessionProgress: counts, tasks, breakers, quarantines
//! ```
//!
//! What several of them count is counted in one place: [`SessionProgress`].
//!
//! Features: `schema` adds the JSON Schemas of the views; `arbitrary` makes random
//! sessions, for the tests of readers.

pub mod breaker_key;
mod breaker_view;
mod hide;
mod instance_view;
pub mod quarantine_view;
mod sender;
mod session_progress;

pub use breaker_view::{BreakerView, HeldTasks};
pub use instance_view::{CheckView, InstanceView, LastFailure};
pub use quarantine_view::{QuarantineStatus, QuarantineView};
pub use sender::{EventSender, WeakEventSender};
#[cfg(any(test, feature = "arbitrary"))]
pub use session_progress::arbitrary;
pub use session_progress::{Hold, OpenTask, Phase, Said, SessionEnd, SessionProgress, SessionStart};

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::mpsc;

use fusebox_resilience::breaker::Transition;
use fusebox_resilience::{GiveUp, isolation};
use fusebox_secrets::Vault;
use fusebox_types::failure::{Failure, printable};
use fusebox_types::{InstanceId, Lines, Output, SessionStatus, TaskIndex, TaskStatus, Usage};
use fusebox_upstream::limits::Warning;

/// How many events may wait for their readers. A session that is ahead of its
/// readers waits: nothing is dropped, and memory stays flat.
pub const EVENTS_WAITING: usize = 1024;

/// One attempt, once it is over.
#[derive(Debug, Clone)]
pub struct AttemptRecord {
    /// Its number, from 1.
    pub number: u32,
    /// The agent, if it is another than the task's own: one that stood in.
    pub agent: Option<Arc<str>>,
    /// The id of the instance.
    pub instance: InstanceId,
    /// When it began.
    pub started: Timestamp,
    /// How long the host waited before it.
    pub delay_before: Duration,
    /// What it used.
    pub usage: Usage,
    /// What went wrong; none if it succeeded.
    pub failure: Option<Arc<Failure>>,
    /// Whether it is none of those that may be made: an upstream's breaker refused it,
    /// or it was the probe of one.
    pub is_free: bool,
}

/// One task, once nothing more will happen to it.
#[derive(Debug, Clone)]
pub struct TaskRecord {
    /// What it came to.
    pub status: TaskStatus,
    /// The id of the instance that ran it last; none if none did.
    pub instance: Option<InstanceId>,
    /// The whole result, or what stands in for it.
    pub output: Option<Arc<Output>>,
    /// What gave the result, if it is not the task's agent's own: `agent:<name>`,
    /// `cached:<age>` or `value`.
    pub fallback: Option<Box<str>>,
    /// What there is of a result that is not whole.
    pub partial: Option<Arc<Output>>,
    /// Why there is no whole result.
    pub failure: Option<Arc<Failure>>,
    /// Why nothing more was tried.
    pub reason: Option<GiveUp>,
    /// Before when whoever failed asked not to be tried again; none if nobody did.
    pub not_before: Option<Timestamp>,
}

impl TaskRecord {
    /// A task that came to this, with nothing.
    pub const fn new(status: TaskStatus) -> Self {
        Self {
            status,
            instance: None,
            output: None,
            fallback: None,
            partial: None,
            failure: None,
            reason: None,
            not_before: None,
        }
    }
}

/// What a guest handed in before its attempt failed, as far as it is as declared.
#[derive(Debug, Clone, Default)]
pub struct HandedIn {
    /// What there is of a result that is not whole.
    pub partial: Option<Arc<Output>>,
    /// What is to stand in for a result.
    pub fallback: Option<Arc<Output>>,
}

/// What a reload of the configuration came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reload {
    /// The new one is in force; each line says a key and what became of it.
    Applied(Vec<String>),
    /// The old one is still in force; the message says why.
    Refused(String),
}

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// The session has begun.
    SessionStarted {
        /// When.
        at: Timestamp,
        /// What its chance follows from; with `session.seed` it can be repeated.
        seed: u64,
        /// For how long earlier processes ran it.
        ran: Duration,
    },
    /// An attempt has begun.
    AttemptStarted {
        /// The task.
        task: TaskIndex,
        /// The attempt's number, from 1.
        number: u32,
        /// How many may be made, as far as is known now.
        maximum: u32,
        /// When.
        at: Timestamp,
    },
    /// A guest says how far it is.
    Progress {
        /// The task.
        task: TaskIndex,
        /// From 0 to 1.
        fraction: f32,
        /// What is being done; already harmless to print.
        message: String,
    },
    /// An attempt is over.
    AttemptEnded {
        /// The task.
        task: TaskIndex,
        /// How it went.
        attempt: AttemptRecord,
        /// What the guest said.
        lines: Lines,
    },
    /// A guest handed something in before its attempt failed; the attempt's end
    /// comes next.
    HandedIn {
        /// The task.
        task: TaskIndex,
        /// What.
        handed_in: HandedIn,
    },
    /// A task waits before its next attempt, because the last one failed.
    RetryScheduled {
        /// The task.
        task: TaskIndex,
        /// The number of the attempt that is to come, from 2.
        number: u32,
        /// How many may be made after this failure.
        maximum: u32,
        /// When it is to begin.
        at: Timestamp,
    },
    /// A task that had begun is held back by an upstream's breaker: it goes on when
    /// that lets it. Nobody's fault, and it has cost nothing.
    TaskHeld {
        /// The task.
        task: TaskIndex,
        /// The breaker that holds it, such as `upstream:llm`.
        by: Arc<str>,
        /// When it is asked next whether it may go on; none if a person has to act.
        until: Option<Timestamp>,
        /// The number of the attempt that is to come.
        number: u32,
        /// How many may be made.
        maximum: u32,
    },
    /// A breaker holds tasks back, or holds others than before, or until another
    /// time.
    Hold {
        /// The breaker, such as `upstream:llm`.
        by: Arc<str>,
        /// When this was so.
        at: Timestamp,
        /// When the next of them may try; none if a person has to act.
        until: Option<Timestamp>,
        /// How many tasks it holds, those that had not begun included; 0 if none
        /// any more.
        tasks: u64,
    },
    /// Nothing more will happen to a task.
    TaskEnded {
        /// The task.
        task: TaskIndex,
        /// What it came to.
        record: TaskRecord,
    },
    /// A breaker has opened, closed, or begun to be probed.
    Breaker {
        /// Which: `agent:<name>`, `upstream:<name>` or `service:<agent>/<name>`.
        key: Arc<str>,
        /// When.
        at: Timestamp,
        /// When it can be probed, if it opened.
        until: Option<Timestamp>,
        /// From which state to which, why, and what was counted.
        transition: Transition,
        /// What the policy that judged it said, if one did.
        reason: Option<String>,
    },
    /// A quota of an upstream is nearly used up.
    QuotaWarning {
        /// The upstream.
        upstream: Arc<str>,
        /// Which quota, and how far.
        warning: Warning,
    },
    /// An instance has left its pool, would have left it, or is back.
    Instance {
        /// The agent.
        agent: Arc<str>,
        /// The instance.
        instance: InstanceId,
        /// When.
        at: Timestamp,
        /// When its probe may go, if it left.
        until: Option<Timestamp>,
        /// What changed, why, and what speaks for it.
        change: isolation::Kind,
    },
    /// How the instances are doing, said once, at the session's end.
    Instances(Vec<InstanceView>),
    /// A policy component failed to decide; the built-in one did.
    PolicyStrike {
        /// The policy: its file, as the configuration names it.
        policy: Arc<str>,
        /// The agent, or the breaker, that it was to decide about.
        about: Arc<str>,
        /// How it failed. May hold a guest's words.
        message: String,
        /// Whether it is not asked any more.
        put_aside: bool,
    },
    /// Something fails for every task that needs it, until a person mends it: the
    /// rest is not asked for.
    Standing {
        /// When it was known.
        at: Timestamp,
        /// What it is about, such as `upstream llm`.
        about: Arc<str>,
        /// What all end with that need it.
        failure: Arc<Failure>,
        /// The ids of the tasks that ended with it before.
        tasks: Vec<Arc<str>>,
    },
    /// The configuration was changed under way, or was not.
    Reload {
        /// When; what began later began under the new one.
        at: Timestamp,
        /// What changed, or why nothing did.
        outcome: Reload,
    },
    /// The session is over.
    SessionEnded {
        /// When: never before it began.
        at: Timestamp,
        /// For how long it ran, in all processes together, whatever the clock on
        /// the wall was set to.
        ran: Duration,
        /// What it came to.
        status: SessionStatus,
    },
}

/// Where its readers take them.
pub type EventReceiver = mpsc::Receiver<Event>;

/// A channel for a session's events, in which none of these secrets stands.
pub fn channel(vault: Arc<Vault>) -> (EventSender, EventReceiver) {
    let (to, events) = mpsc::channel(EVENTS_WAITING);
    (EventSender::new(to, vault), events)
}

/// Events on their way: gathered, and sent together.
#[derive(Debug)]
pub struct Outbox {
    sender: EventSender,
    held: Vec<Event>,
}

impl Outbox {
    pub fn new(sender: EventSender) -> Self {
        Self {
            sender,
            held: Vec::new(),
        }
    }

    /// Takes an event; it goes out with the next flush.
    pub fn say(&mut self, event: Event) {
        self.held.push(event);
    }

    /// Sends what was said. Waits while the readers are behind.
    pub async fn flush(&mut self) {
        self.sender.send_all(&mut self.held).await;
    }
}

/// The least time between two reports of progress that are passed on.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);
/// Longest message of progress, in characters.
const PROGRESS_CHARS: usize = 200;

/// Passes on a guest's progress, not too often, and never waits.
#[derive(Debug)]
pub struct ProgressGate {
    task: TaskIndex,
    last: Option<Instant>,
}

impl ProgressGate {
    pub fn new(task: TaskIndex) -> Self {
        Self { task, last: None }
    }

    pub fn report(&mut self, events: &EventSender, fraction: f32, mut message: String) {
        let now = Instant::now();
        if self
            .last
            .is_some_and(|last| now.duration_since(last) < PROGRESS_INTERVAL)
        {
            return;
        }
        self.last = Some(now);
        let fraction = if fraction.is_finite() {
            fraction.clamp(0.0, 1.0)
        } else {
            0.0
        };
        // Before it is cut.
        events.hide(&mut message);
        let message = printable(&message).chars().take(PROGRESS_CHARS).collect();
        let task = self.task;
        // Where the readers are behind, progress is what can be spared.
        let _ = events.try_send(Event::Progress {
            task,
            fraction,
            message,
        });
    }
}
