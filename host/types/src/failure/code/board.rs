//! Boards that cannot be run.

macro_rules! board {
    ($($before:tt)*) => { families! { $($before)*
        BoardUnreadable = "board.unreadable" {
            category: CanvasCorruption, retryable: Some(false), fault: Row::INPUT, kind: Other,
            meaning: "The board is not a readable JSON Canvas document.",
            next: "Correct it at the place that the message names, or restore it from a backup.",
        }
        BoardDuplicateId = "board.duplicate-id" {
            category: CanvasCorruption, retryable: Some(false), fault: Row::INPUT, kind: Other,
            meaning: "Two nodes, or two edges, of the board have the same id.",
            next: "Give each its own id; otherwise results could end up at the wrong node.",
        }
        BoardNoTasks = "board.no-tasks" {
            category: Validation, retryable: Some(false), fault: Row::OPERATOR, kind: Other,
            meaning: "No rule makes a task of any node of the board.",
            next: "Add a rule under `boards.rules`, or choose by hand with `--agent NAME --color N`.",
        }
    } };
}
