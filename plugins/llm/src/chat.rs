//! Asking, and what comes of it. All I/O of this plugin is here.

use fusebox_sdk::http::{self, HttpError};
use fusebox_sdk::log::{self, Level};
use fusebox_sdk::{Output, Task, TaskError, partial, retry};

use crate::answer::{self, Answer};
use crate::finish::{Finish, cut_off};
use crate::prompt::{self, Message};
use crate::settings::{Format, Settings};
use crate::upstream::Upstream;
use crate::{json, request, usage};

pub(crate) fn run(task: &Task) -> Result<Output, TaskError> {
    let settings: Settings = task.settings()?;
    settings.check()?;
    let given: Vec<Upstream<'_>> = task.dependencies().iter().map(Upstream::from).collect();
    let messages = prompt::messages(&settings, task.text()?, &given)?;
    match settings.response {
        Format::Text => text(&settings, &messages),
        Format::Json => value(&settings, messages),
    }
}

/// An answer that was cut off is kept as a partial result.
fn text(settings: &Settings, messages: &[Message]) -> Result<Output, TaskError> {
    let answer = ask(settings, messages)?;
    let output = Output::markdown(answer.text.as_str());
    if answer.finish == Finish::Whole {
        return Ok(output);
    }
    if !answer.text.is_empty() {
        partial(output);
    }
    Err(cut_off())
}

/// Only bad JSON is tried again here, since only that needs the conversation.
/// All other failures end the attempt: the host knows best when to come back.
fn value(settings: &Settings, mut messages: Vec<Message>) -> Result<Output, TaskError> {
    let mut left = settings.json_retries;
    let mut ended = None;
    let result = retry("json", || {
        let answer = whole(settings, &messages).map_err(|error| {
            ended = Some(error.clone());
            error.permanent()
        })?;
        let fault = match json::value(&answer.text, settings.schema.as_ref()) {
            Ok(value) => return Ok(Output::new(Output::JSON, value)),
            Err(fault) => fault,
        };
        prompt::ask_again(&mut messages, &answer.text, &fault);
        let error = TaskError::validation("llm.json", format!("the model's answer: {fault}"));
        let Some(fewer) = left.checked_sub(1) else {
            return Err(error);
        };
        left = fewer;
        Err(error.transient())
    });
    result.map_err(|error| ended.unwrap_or(error))
}

/// Half a value is no value.
fn whole(settings: &Settings, messages: &[Message]) -> Result<Answer, TaskError> {
    let answer = ask(settings, messages)?;
    match answer.finish {
        Finish::Whole => Ok(answer),
        Finish::CutOff => Err(cut_off()),
    }
}

fn ask(settings: &Settings, messages: &[Message]) -> Result<Answer, TaskError> {
    let request = http::post(&settings.url).header("accept", "application/json");
    let response = match request.json(&request::body(settings, messages))?.send() {
        Ok(response) => response,
        // The upstream's own words say more than its status.
        Err(HttpError::Status(response)) => *response,
        Err(error) => return Err(error.into()),
    };
    let value = answer::parse(&response)?;
    if let Some(fields) = usage::fields(&value) {
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        log::write(Level::Info, "tokens used", &fields);
    }
    answer::read(&response, &value)
}
