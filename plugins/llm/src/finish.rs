//! Why a model stopped, and what that means for the answer.

use fusebox_sdk::TaskError;

/// What an answer is worth that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finish {
    /// The model was done.
    Whole,
    /// It ran into the limit of tokens.
    CutOff,
}

/// Reads `finish_reason`. `sensitive`, `network_error` and
/// `model_context_window_exceeded` are GLM's. A reason that is not known, or
/// none, is no reason to throw an answer away.
///
/// # Errors
/// If there is no answer to be had of it.
pub(crate) fn finish(reason: Option<&str>) -> Result<Finish, TaskError> {
    match reason {
        Some("length") => Ok(Finish::CutOff),
        Some("content_filter" | "sensitive") => {
            let message = "the upstream's content filter stopped the answer";
            Err(TaskError::validation("llm.content-filter", message))
        }
        Some("model_context_window_exceeded") => {
            let message = "the input and the answer together are longer than the model can hold";
            Err(TaskError::validation("llm.context-window", message))
        }
        Some("tool_calls" | "function_call") => {
            let message = "the model wants to call a tool; this agent offers none";
            Err(TaskError::validation("llm.tool-calls", message))
        }
        Some("network_error") => {
            let message = "the upstream lost the model in the middle of the answer";
            Err(TaskError::network("llm.network-error", message).transient())
        }
        _ => Ok(Finish::Whole),
    }
}

/// The failure that an answer is that ran into the limit of tokens. It would
/// run into it again.
pub(crate) fn cut_off() -> TaskError {
    let message = "the answer was cut off at the limit of tokens; raise `max_tokens`, or ask for less";
    TaskError::validation("llm.length", message)
}
