//! The host itself: what it left unfinished, what was cancelled, what it failed in.

/// What is said of every defect of the host's own.
macro_rules! defect {
    (meaning) => {
        "The host itself failed. This is a defect of Fusebox, not of the plugin."
    };
    (next) => {
        "Please report it with the message and, if you can, the plugin and the input."
    };
}

macro_rules! host {
    ($($before:tt)*) => { families! { $($before)*
        // Only a person can find out whether it was done.
        HeldSent = "held.sent" {
            category: System, retryable: Some(false), fault: Row { severity: Severity::High, ..Row::NEUTRAL }, kind: Other,
            meaning: "The host ended after this task had sent a request, and nobody knows whether that was carried out. The plugin says that doing it twice does harm, so it was not sent again.",
            next: "Look at the upstream whether it was carried out. If it was not, run the task again: `fusebox resume DIR --retry-failed`.",
        }
        Cancelled = "cancelled" {
            category: System, retryable: Some(false), fault: Row { blame: Blame::Operator, ..Row::NEUTRAL }, kind: Other,
            meaning: "The task was cancelled before it was done.",
            next: "Run the session again when you want the rest.",
        }
        /// The host's own code failed.
        HostPanic = "host.panic" {
            category: System, retryable: Some(true), fault: Row::HOST, kind: Other,
            meaning: defect!(meaning),
            next: defect!(next),
        }
        HostState = "host.state" {
            category: System, retryable: Some(true), fault: Row::HOST, kind: Other,
            meaning: "What is kept over sessions (how much of a quota is used up) cannot be read or written, so nothing is sent.",
            next: "Do what the message says with the file or folder that it names.",
        }
        HostJournal = "host.journal" {
            category: System, retryable: Some(true), fault: Row::HOST, kind: Other,
            meaning: "The session's journal cannot be written, so that results could be lost. The session was cancelled; what was told until then is kept.",
            next: "Make room on the disk, or make the folder writable, then resume the session: `fusebox resume DIR`. If it had not begun, run it again.",
        }
        /// The engine failed in a way that is not the guest's doing.
        HostEngine = "host.engine" {
            category: System, retryable: Some(true), fault: Row::HOST, kind: Other,
            meaning: defect!(meaning),
            next: defect!(next),
        }
    } };
}
