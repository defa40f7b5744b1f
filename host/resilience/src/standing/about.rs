//! Whom and what a cause is about, and what is said of requests.

use std::fmt;
use std::sync::Arc;

use fusebox_types::TaskIndex;
use fusebox_types::failure::Failure;

/// An instance of an agent, which holds grants and secrets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holder {
    /// The agent.
    pub agent: Arc<str>,
    /// The instance's id.
    pub instance: Arc<str>,
}

/// An upstream, who asks it, and with whose credentials. Each agent is judged by its own
/// requests: what one asks for may be forbidden, and no other has to pay for that.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account {
    /// The upstream.
    pub upstream: Arc<str>,
    /// The agent that asks.
    pub agent: Arc<str>,
    /// The instance that asks with secrets of its own; none if the upstream's are sent.
    pub instance: Option<Arc<str>>,
}

/// What a cause is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Credentials that an upstream does not take.
    Account(Account),
    /// Something that an instance was not granted.
    Holder(Holder),
}

/// A cause that has begun to stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingCause {
    /// What it is about.
    pub subject: Subject,
    /// What all end with that need it.
    pub failure: Arc<Failure>,
    /// The ids of the tasks that ended with it.
    pub tasks: Vec<Arc<str>>,
}

/// A task that has come to the end of its attempts by an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedTask {
    /// Its index.
    pub index: TaskIndex,
    /// Its id, for people.
    pub id: Arc<str>,
}

/// Whether a request may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// It may.
    Pass,
    /// That is soon known.
    Wait,
    /// It would end with this.
    Refused(Arc<Failure>),
}

/// A request that was let pass, until its end is noted.
#[derive(Debug)]
pub struct Asking {
    pub(super) account: Account,
    pub(super) generation: u64,
    pub(super) task: TaskIndex,
}

/// How many requests have tried out of turn: of those that waited since then, one
/// more may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn(pub(super) u64);

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.agent, self.instance)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The credentials are the upstream's, so that it is one cause to a person.
            Self::Account(Account {
                upstream,
                instance: None,
                ..
            }) => write!(f, "upstream {upstream}"),
            Self::Account(Account {
                upstream,
                agent,
                instance: Some(instance),
            }) => write!(f, "upstream {upstream} with the secrets of {agent}/{instance}"),
            Self::Holder(holder) => write!(f, "instance {holder}"),
        }
    }
}
