//! A chat completion, as far as it is read.

use serde::Deserialize;
use serde::de::IgnoredAny;

#[derive(Debug, Deserialize)]
pub(super) struct Completion {
    pub(super) choices: Option<Vec<Choice>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    pub(super) message: Option<Message>,
    pub(super) finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Message {
    pub(super) content: Option<Content>,
    /// OpenAI's: why the model does not want to.
    pub(super) refusal: Option<String>,
}

/// A text, or, with some upstreams, parts of which some are text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Part {
    Text { text: String },
    Other(IgnoredAny),
}

impl Content {
    pub(super) fn text(self) -> String {
        let parts = match self {
            Self::Text(text) => return text,
            Self::Parts(parts) => parts,
        };
        let texts = parts.into_iter().filter_map(|part| match part {
            Part::Text { text } => Some(text),
            Part::Other(_) => None,
        });
        texts.collect()
    }
}
