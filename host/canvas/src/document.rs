//! The outline of a board's text: the top level and its two arrays.

use crate::error::CanvasError;
use crate::spans::{self, Object, Span};

/// Where the top level and its arrays are.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) top: Object,
    pub(crate) nodes: Array,
    pub(crate) edges: Array,
}

/// One of the two arrays.
#[derive(Debug)]
pub(crate) struct Array {
    pub(crate) key: &'static str,
    pub(crate) state: State,
    pub(crate) items: Vec<Span>,
}

/// How an array is there, or is not. Both keys are optional in JSON Canvas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// From its `[` to its `]`.
    There(Span),
    /// A `null` in its place.
    Null(Span),
    /// Not even the key.
    Missing,
}

impl Document {
    pub(crate) fn read(text: &str) -> Result<Self, CanvasError> {
        let span = spans::body(text);
        let body = spans::slice(text, &span);
        if body.is_empty() {
            return Err(CanvasError::at(text, 0, "the board is empty"));
        }
        let start = span.start;
        let top = Object::read(text, span).map_err(|error| {
            // Only a top level of another type is well-formed and still wrong.
            if error.is_data() {
                return CanvasError::at(text, start, "a board is a JSON object, and this is none");
            }
            CanvasError::at(text, start + spans::offset(body, &error), message(&error))
        })?;
        Ok(Self {
            nodes: array(text, &top, "nodes")?,
            edges: array(text, &top, "edges")?,
            top,
        })
    }
}

fn array(text: &str, top: &Object, key: &'static str) -> Result<Array, CanvasError> {
    let (state, items) = match top.get(key) {
        None => (State::Missing, Vec::new()),
        Some((_, span)) if spans::slice(text, span) == "null" => (State::Null(span.clone()), Vec::new()),
        Some((_, span)) => {
            let items = spans::items(text, span)
                .map_err(|_| CanvasError::at(text, span.start, format!("`{key}` is not an array")))?;
            (State::There(span.clone()), items)
        }
    };
    Ok(Array { key, state, items })
}

/// What serde_json says, without the place, which is counted anew.
fn message(error: &serde_json::Error) -> String {
    let mut text = error.to_string();
    if let Some(end) = text.rfind(" at line ") {
        text.truncate(end);
    }
    if error.is_eof() {
        text.push_str(": the file seems to be cut off here");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_has_its_place_and_its_words() {
        let cases = [
            ("", 1, 1, "empty"),
            ("\u{feff} \n", 1, 1, "empty"),
            ("[]", 1, 1, "a JSON object"),
            ("\n  \"界\"", 2, 3, "a JSON object"),
            ("{\n \"nodes\": {}}", 2, 11, "`nodes` is not an array"),
            ("{\"edges\": 7}", 1, 11, "`edges` is not an array"),
            ("{\"nodes\": [{\"id\": \"a\"", 1, 21, "cut off"),
            ("{\n\"界\" 1}", 2, 5, "expected `:`"),
            ("\u{feff}{\"a\": tru}", 1, 10, "expected ident"),
            ("{} {}", 1, 4, "trailing characters"),
            ("{\"a\": 01}", 1, 8, "invalid number"),
        ];
        for (text, line, column, words) in cases {
            match Document::read(text).unwrap_err() {
                CanvasError::Unreadable {
                    line: l,
                    column: c,
                    message,
                } => {
                    assert_eq!((l, c), (line, column), "{text}: {message}");
                    assert!(message.contains(words), "{text}: {message}");
                }
                other => panic!("{text}: {other}"),
            }
        }
    }

    #[test]
    fn the_last_of_a_repeated_key_counts() {
        let document = Document::read(r#"{"nodes":[1],"nodes":[2,3],"edges":null}"#).unwrap();
        assert_eq!(document.nodes.items.len(), 2);
        assert_eq!(document.edges.state, State::Null(35..39));
    }
}
