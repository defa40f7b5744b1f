//! How a canvas's text is laid out, so that what is added looks at home in it.

use crate::document::{Array, Document, State};
use crate::spans::{self, Object};

/// The white space of an array's elements.
#[derive(Debug)]
pub(crate) struct Style<'a> {
    /// Before each element.
    before: String,
    /// Before the `]`.
    after: &'a str,
    element: Element<'a>,
}

/// The white space within an element; none of it is compact.
#[derive(Debug, Default)]
struct Element<'a> {
    open: &'a str,
    colon: &'a str,
    between: &'a str,
    close: &'a str,
}

impl<'a> Style<'a> {
    /// As the array's own last element is written; where it has none, as that of
    /// the other array; where there is none at all, compact elements under the
    /// indentation of the top level.
    pub(crate) fn of(text: &'a str, document: &Document, array: &Array, other: &Array) -> Self {
        let elements = [array, other]
            .into_iter()
            .find_map(|array| Some((spaces(text, array)?, Element::of(text, array))));
        if let Some(((before, after), element)) = elements {
            return Self {
                before: before.to_owned(),
                after,
                element,
            };
        }
        let indent = spans::lead(text, document.top.span.start + 1);
        let (after, unit) = match indent.rfind('\n') {
            Some(at) => (indent, indent.get(at + 1..).unwrap_or_default()),
            None => ("", ""),
        };
        Self {
            before: format!("{after}{unit}"),
            after,
            element: Element::default(),
        }
    }

    /// An element with these members, whose values are JSON.
    pub(crate) fn object(&self, members: &[(&str, String)]) -> String {
        let Element {
            open,
            colon,
            between,
            close,
        } = self.element;
        let member = |(key, value): &(&str, String)| format!("\"{key}\":{colon}{value}");
        let members: Vec<_> = members.iter().map(member).collect();
        format!("{{{open}{}{close}}}", members.join(&format!(",{between}")))
    }

    /// Elements one after the other, each with the space before it.
    pub(crate) fn list(&self, items: &[String]) -> String {
        let items: Vec<_> = items
            .iter()
            .map(|item| format!("{}{item}", self.before))
            .collect();
        items.join(",")
    }

    /// The same with the space before the `]`.
    pub(crate) fn closed_list(&self, items: &[String]) -> String {
        format!("{}{}", self.list(items), self.after)
    }
}

/// The space before an array's last element and after it.
fn spaces<'a>(text: &'a str, array: &Array) -> Option<(&'a str, &'a str)> {
    let State::There(span) = &array.state else {
        return None;
    };
    let (_, earlier) = array.items.split_last()?;
    let end = earlier.last().map_or(span.start + 1, |item| item.end);
    Some((spans::lead(text, end), spans::trail(text, span.end - 1)))
}

impl<'a> Element<'a> {
    /// As the last element that is an object.
    fn of(text: &'a str, array: &Array) -> Self {
        let mut items = array.items.iter().rev();
        let sample = items.find_map(|item| Object::read(text, item.clone()).ok());
        let Some(object) = sample else {
            return Self::default();
        };
        let [(_, first), rest @ ..] = object.members.as_slice() else {
            return Self::default();
        };
        let open = spans::lead(text, object.span.start + 1);
        Self {
            open,
            colon: spans::trail(text, first.start),
            between: if rest.is_empty() {
                open
            } else {
                spans::lead(text, first.end)
            },
            close: spans::trail(text, object.span.end - 1),
        }
    }
}
