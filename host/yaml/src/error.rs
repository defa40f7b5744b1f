//! What is wrong with a text, and where.

use saphyr_parser::Span;

use super::marks::Place;

/// A text that is not the YAML that was expected.
#[derive(Debug, thiserror::Error)]
#[error("{}{message}", .place.map_or(String::new(), |at| format!("line {}, column {}: ", at.line, at.column)))]
pub struct YamlError {
    /// Where, if that is known.
    pub place: Option<Place>,
    /// What is wrong there.
    pub message: String,
}

/// Where a span begins.
pub(crate) fn place(span: &Span) -> Place {
    Place {
        line: span.start.line(),
        column: span.start.col() + 1,
    }
}

/// An error at a place.
pub(crate) fn fault(place: Place, message: &str) -> YamlError {
    YamlError {
        place: Some(place),
        message: message.to_owned(),
    }
}
