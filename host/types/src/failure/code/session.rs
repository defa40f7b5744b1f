//! Sessions that cannot be run.

macro_rules! session {
    ($($before:tt)*) => { families! { $($before)*
        SessionUnreadable = "session.unreadable" {
            category: Validation, retryable: Some(false), fault: Row::INPUT, kind: Other,
            meaning: "The session file cannot be read.",
            next: "Correct it at the place that the message names.",
        }
        SessionDuplicateId = "session.duplicate-id" {
            category: Validation, retryable: Some(false), fault: Row::INPUT, kind: Other,
            meaning: "Two tasks of the session have the same id.",
            next: "Give each its own id.",
        }
        SessionUnknownTask = "session.unknown-task" {
            category: Validation, retryable: Some(false), fault: Row::INPUT, kind: Other,
            meaning: "A task depends on a task that is not in the session.",
            next: "Correct the id under `after`.",
        }
        SessionUnknownAgent = "session.unknown-agent" {
            category: Validation, retryable: Some(false), fault: Row::OPERATOR, kind: Other,
            meaning: "An agent is named that the configuration does not have.",
            next: "Add it under `agents`, or correct the name.",
        }
        SessionCycle = "session.cycle" {
            category: Validation, retryable: Some(false), fault: Row::INPUT, kind: Other,
            meaning: "Tasks depend on each other in a circle, so none of them can start.",
            next: "Remove one of the edges that the message lists.",
        }
    } };
}
