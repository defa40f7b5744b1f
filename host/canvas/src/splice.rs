//! Changing a text here and there, and nowhere else.

use crate::document::{Array, Document, State};
use crate::spans::{self, Object, Span};
use crate::style::Style;

/// A piece of the text and what comes in its place. Empty pieces are
/// insertions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The bytes that are replaced.
    pub at: std::ops::Range<usize>,
    /// What comes in their place.
    pub text: String,
}

impl Edit {
    fn insert(at: usize, text: String) -> Self {
        Self { at: at..at, text }
    }
}

/// The text with edits made. They do not overlap; those at one place come in
/// the order given.
pub(crate) fn splice(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| edit.at.start);
    let added: usize = edits.iter().map(|edit| edit.text.len()).sum();
    let mut spliced = String::with_capacity(text.len() + added);
    let mut done = 0;
    for edit in edits {
        spliced.push_str(spans::slice(text, &(done..edit.at.start)));
        spliced.push_str(&edit.text);
        done = edit.at.end;
    }
    spliced.push_str(spans::slice(text, &(done..text.len())));
    spliced
}

/// Gives a member of an object a value, which is JSON.
pub(crate) fn set(text: &str, object: &Object, key: &str, value: &str) -> Edit {
    if let Some((_, at)) = object.get(key) {
        return Edit {
            at: at.clone(),
            text: value.to_owned(),
        };
    }
    let member = format!("\"{key}\":{}{value}", colon(text, object));
    add_members(text, object, &[member])
}

/// Takes a member out of an object, with one comma.
pub(crate) fn remove(text: &str, object: &Object, key: &str) -> Option<Edit> {
    let (at, value) = object.get(key)?;
    let comma = text
        .get(value.end..)?
        .find(',')
        .map(|comma| value.end + comma + 1);
    let end = comma.filter(|_| at == 0 && object.members.len() > 1);
    Some(Edit {
        at: object.end_before(at)..end.unwrap_or(value.end),
        text: String::new(),
    })
}

/// Adds elements to the two arrays, which may be empty, null or missing.
pub(crate) fn append(
    text: &str,
    document: &Document,
    additions: &[(&Array, &Style<'_>, &[String])],
) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut missing = Vec::new();
    for (array, style, items) in additions {
        match &array.state {
            _ if items.is_empty() => {}
            State::There(span) => edits.push(extend(array, span, style, items)),
            State::Null(span) => edits.push(Edit {
                at: span.clone(),
                text: format!("[{}]", style.closed_list(items)),
            }),
            State::Missing => missing.push(format!(
                "\"{}\":{}[{}]",
                array.key,
                colon(text, &document.top),
                style.closed_list(items)
            )),
        }
    }
    if !missing.is_empty() {
        edits.push(add_members(text, &document.top, &missing));
    }
    edits
}

fn extend(array: &Array, span: &Span, style: &Style<'_>, items: &[String]) -> Edit {
    match array.items.last() {
        Some(last) => Edit::insert(last.end, format!(",{}", style.list(items))),
        // The space of an array that is empty but not closed up stays below.
        None if span.len() > "[]".len() => Edit::insert(span.start + 1, style.list(items)),
        None => Edit::insert(span.start + 1, style.closed_list(items)),
    }
}

/// Adds members after an object's last one, spaced as that is.
fn add_members(text: &str, object: &Object, members: &[String]) -> Edit {
    let Some(((_, last), earlier)) = object.members.split_last() else {
        return Edit::insert(object.span.start + 1, members.join(","));
    };
    let lead = spans::lead(text, object.end_before(earlier.len()));
    let added = members.iter().map(|member| format!(",{lead}{member}"));
    Edit::insert(last.end, added.collect())
}

/// The space after the colons of an object.
fn colon<'a>(text: &'a str, object: &Object) -> &'a str {
    let first = object.members.first();
    first.map_or("", |(_, value)| spans::trail(text, value.start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(text: &str) -> Object {
        Object::read(text, spans::body(text)).unwrap()
    }

    #[test]
    fn a_member_is_replaced_added_or_taken_out() {
        let text = "{ \"c\" : 1 ,\n \"t\" : [1, 2] ,  \"z\" : 3 }";
        let object = object(text);
        let one = |edit: Edit| splice(text, vec![edit]);
        assert_eq!(one(set(text, &object, "t", "9")), text.replace("[1, 2]", "9"));
        assert_eq!(
            one(set(text, &object, "n", "9")),
            text.replace("3 }", "3,  \"n\": 9 }")
        );
        let without = |key| one(remove(text, &object, key).unwrap());
        assert_eq!(without("c"), "{\n \"t\" : [1, 2] ,  \"z\" : 3 }");
        assert_eq!(without("t"), "{ \"c\" : 1 ,  \"z\" : 3 }");
        assert_eq!(without("z"), "{ \"c\" : 1 ,\n \"t\" : [1, 2] }");
        assert_eq!(remove(text, &object, "n"), None);
    }

    #[test]
    fn edits_at_one_place_keep_their_order() {
        let edits = vec![
            Edit::insert(2, "3".into()),
            Edit::insert(1, "1".into()),
            Edit::insert(1, "2".into()),
        ];
        assert_eq!(splice("abc", edits), "a12b3c");
    }
}
