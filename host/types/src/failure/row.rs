//! What follows from a code.

use super::{Blame, Category, Severity};

/// What follows from a code, before any policy is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Its class.
    pub category: Category,
    /// How bad it is, unless a guest says otherwise.
    pub severity: Severity,
    /// Whose fault it is.
    pub blame: Blame,
    /// Whether trying again can help; none if nobody knows. [`Code::tried_again`] has
    /// it in words.
    ///
    /// [`Code::tried_again`]: super::Code::tried_again
    pub retryable: Option<bool>,
    /// Whether it is a strike against the instance: enough of them, and the instance
    /// is taken out of its pool.
    pub strike: bool,
    /// Whether it counts on the agent's circuit breaker, as a failure. What does not
    /// is neither a failure nor a success there.
    pub agent_breaker: bool,
    /// Whether it counts on the circuit breaker of the upstream that was asked, as a
    /// failure.
    pub upstream_breaker: bool,
    /// Whether a retry after it is charged to the retry budget; where it is not, the
    /// retry is free.
    pub budget: bool,
}

/// Whose fault a code can be, and what that counts on. Class and whether trying again
/// can help stand in the row of each code.
impl Row {
    /// Nobody's that counts: back-pressure and the like.
    pub(super) const NEUTRAL: Row = Row {
        category: Category::System,
        severity: Severity::Medium,
        blame: Blame::Host,
        retryable: None,
        strike: false,
        agent_breaker: false,
        upstream_breaker: false,
        budget: false,
    };

    /// The guest's own doing.
    pub(super) const GUEST: Row = Row {
        severity: Severity::High,
        blame: Blame::Guest,
        strike: true,
        agent_breaker: true,
        budget: true,
        ..Row::NEUTRAL
    };

    /// An outside service's doing. On the agent's breaker it never counts.
    pub(super) const UPSTREAM: Row = Row {
        severity: Severity::High,
        blame: Blame::Upstream,
        upstream_breaker: true,
        budget: true,
        ..Row::NEUTRAL
    };

    /// That of a service that answers, and says when to come back: a breaker would
    /// only guess.
    pub(super) const BUSY_UPSTREAM: Row = Row {
        upstream_breaker: false,
        ..Row::UPSTREAM
    };

    /// That of the data that was given.
    pub(super) const INPUT: Row = Row {
        severity: Severity::High,
        blame: Blame::Input,
        ..Row::NEUTRAL
    };

    /// That of whoever configured it.
    pub(super) const OPERATOR: Row = Row {
        severity: Severity::High,
        blame: Blame::Operator,
        ..Row::NEUTRAL
    };

    /// The host's own.
    pub(super) const HOST: Row = Row {
        severity: Severity::Critical,
        budget: true,
        ..Row::NEUTRAL
    };
}
