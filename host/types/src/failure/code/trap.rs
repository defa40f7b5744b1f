//! Guests that WebAssembly stopped.

/// What is said of every trap of which nothing better is known.
macro_rules! any_trap {
    (meaning) => {
        "The plugin did something that WebAssembly forbids and was stopped on the spot."
    };
    (next) => {
        "Report the message and the input to the plugin's author."
    };
}

macro_rules! trap {
    ($($before:tt)*) => { families! { $($before)*
        /// The guest reached code that it had marked as unreachable, or aborted.
        TrapUnreachable = "trap.unreachable" {
            category: InstanceFailure, retryable: Some(true), fault: Row::GUEST, kind: Other,
            meaning: any_trap!(meaning),
            next: any_trap!(next),
        }
        TrapPanic = "trap.panic" {
            category: InstanceFailure, retryable: Some(true), fault: Row::GUEST, kind: Other,
            meaning: "The plugin panicked; the message is its own.",
            next: any_trap!(next),
        }
        /// The guest accessed memory or a table outside its bounds.
        TrapOutOfBounds = "trap.out-of-bounds" {
            category: InstanceFailure, retryable: Some(true), fault: Row::GUEST, kind: Other,
            meaning: any_trap!(meaning),
            next: any_trap!(next),
        }
        /// A division by zero, an overflow or a bad conversion.
        TrapArithmetic = "trap.arithmetic" {
            category: InstanceFailure, retryable: Some(true), fault: Row::GUEST, kind: Other,
            meaning: any_trap!(meaning),
            next: any_trap!(next),
        }
        /// A call through a function pointer of the wrong kind.
        TrapIndirectCall = "trap.indirect-call" {
            category: InstanceFailure, retryable: Some(true), fault: Row::GUEST, kind: Other,
            meaning: any_trap!(meaning),
            next: any_trap!(next),
        }
        TrapStackOverflow = "trap.stack-overflow" {
            category: InstanceFailure, retryable: Some(false), fault: Row::GUEST, kind: Other,
            meaning: "The plugin called itself so deeply that its stack was used up.",
            next: "Report the input to the plugin's author. Trying again would end the same way.",
        }
        TrapContract = "trap.contract" {
            category: InstanceFailure, retryable: Some(true), fault: Row::GUEST, kind: Other,
            meaning: "The plugin broke the rules of the component model: a bad string, pointer, handle or call.",
            next: "Rebuild the plugin with the current SDK; if it stays, report it to the plugin's author.",
        }
        TrapExit = "trap.exit" {
            category: InstanceFailure, retryable: Some(true), fault: Row::GUEST, kind: Other,
            meaning: "The plugin ended itself in the middle of the task. That is not success, whatever its exit code.",
            next: "The plugin's `run` must return; report it to the plugin's author.",
        }
        /// Any other trap.
        TrapOther = "trap.other" {
            category: InstanceFailure, retryable: Some(true), fault: Row::GUEST, kind: Other,
            meaning: any_trap!(meaning),
            next: any_trap!(next),
        }
    } };
}
