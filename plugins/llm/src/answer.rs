//! What an upstream answered: a text, or why there is none.

mod completion;

use fusebox_sdk::http::{HttpError, Response};
use fusebox_sdk::{Category, TaskError};
use serde::Deserialize;
use serde_json::Value;

use crate::finish::{Finish, finish};
use crate::{refusal, unreadable};
use completion::Completion;

/// A model's answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Its words, without white space around them; not empty unless it was cut
    /// off.
    pub(crate) text: String,
    pub(crate) finish: Finish,
}

/// The JSON of an answer, or what came instead.
///
/// # Errors
/// By its status if that is from 400 on or a redirect and there is no JSON, else by
/// what it looks like.
pub(crate) fn parse(response: &Response) -> Result<Value, TaskError> {
    unreadable::json(response).map_err(|unreadable| match response.is_error() {
        true => HttpError::Status(Box::new(response.clone())).into(),
        false => unreadable,
    })
}

/// Reads an answer.
///
/// # Errors
/// The upstream's own error, in whichever shape and with whatever status; what
/// its status says; or what is wrong with its answer.
pub(crate) fn read(response: &Response, value: &Value) -> Result<Answer, TaskError> {
    if let Some(refused) = refusal::read(response, value) {
        return Err(refused);
    }
    if response.is_error() {
        return Err(HttpError::Status(Box::new(response.clone())).into());
    }
    let completion = Completion::deserialize(value).map_err(|error| no_completion(&error.to_string()))?;
    let Some(choice) = completion.choices.and_then(|choices| choices.into_iter().next()) else {
        return Err(no_completion("it has no `choices`"));
    };
    let message = choice.message.unwrap_or_default();
    if let Some(words) = message.refusal.filter(|words| !words.trim().is_empty()) {
        let refused = TaskError::validation("llm.refused", "the model does not want to answer");
        return Err(refused.with("words", words));
    }
    let finish = finish(choice.finish_reason.as_deref())?;
    let text = message.content.map(|content| content.text()).unwrap_or_default();
    if text.trim().is_empty() && finish == Finish::Whole {
        // Another draw of the model can have words.
        let empty = TaskError::validation("llm.empty", "the model answered without a word");
        return Err(empty.transient());
    }
    Ok(Answer {
        text: text.trim().to_owned(),
        finish,
    })
}

fn no_completion(why: &str) -> TaskError {
    let message = format!("the upstream's answer is no chat completion: {why}");
    TaskError::new(Category::Validation, "llm.no-completion", message)
}

#[cfg(test)]
mod tests;
