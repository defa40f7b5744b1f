//! A study card.

use serde::Serialize;

/// What a card was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// A sentence or an entry that says what something is.
    Definition,
    /// A question with its answer.
    Question,
    /// A sentence with a bold term, which is left out on the front.
    Cloze,
}

/// A study card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Card {
    pub(crate) kind: Kind,
    /// What is asked.
    pub(crate) front: String,
    /// What is to be known.
    pub(crate) back: String,
    /// The line or the sentence that it was made of.
    pub(crate) source: String,
}
