//! The one place that writes JSON: what could mislead whoever sees the text is
//! escaped in it, so that a program reads the value as it is and a terminal
//! does nothing.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

use serde::Serialize;

use fusebox_types::failure::{is_hostile, is_plain};

/// Writes a value on one line.
///
/// # Errors
/// If it cannot be written, or is no JSON.
pub fn to_writer(mut to: impl io::Write, value: &(impl Serialize + ?Sized)) -> io::Result<()> {
    to.write_all(&to_vec(value)?)
}

/// A value on one line.
///
/// # Errors
/// If it is no JSON.
pub fn to_vec(value: &(impl Serialize + ?Sized)) -> serde_json::Result<Vec<u8>> {
    serde_json::to_string(value).map(|text| whole(text).into_bytes())
}

/// A value for people to read.
///
/// # Errors
/// If it is no JSON.
#[expect(clippy::disallowed_methods, reason = "everybody else asks here")]
pub fn to_string_pretty(value: &(impl Serialize + ?Sized)) -> serde_json::Result<String> {
    serde_json::to_string_pretty(value).map(whole)
}

/// The same text, if nothing in it could mislead.
fn whole(json: String) -> String {
    match harmless(&json) {
        Cow::Borrowed(_) => json,
        Cow::Owned(safe) => safe,
    }
}

/// JSON with what could mislead escaped. Outside of strings it has nothing of
/// the kind but the white space that it may have.
pub fn harmless(json: &str) -> Cow<'_, str> {
    let is_to_escape = |c: char| is_hostile(c) && !matches!(c, '\n' | '\r' | '\t');
    if is_plain(json) || !json.contains(is_to_escape) {
        return Cow::Borrowed(json);
    }
    let mut safe = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        match is_to_escape(c) {
            true => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                // Nothing goes wrong where text is put behind text.
                let _ = write!(safe, "\\u{unit:04x}");
            }),
            false => safe.push(c),
        }
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn is_harmless(text: &str) -> bool {
        !text.contains(|c| is_hostile(c) && c != '\n')
    }

    #[test]
    fn what_misleads_is_escaped_and_the_value_is_what_it_was() {
        let hostile = "a\u{9b}0m\u{7f}\u{202e}\u{2066}\u{200f}\u{61c}\u{2028}\u{2029}\u{e0041}\n\"ü学🙂";
        let value = json!({ hostile: [hostile, 1.5, null] });
        let raw = serde_json::value::RawValue::from_string(value.to_string()).unwrap();
        let all = [
            String::from_utf8(to_vec(&value).unwrap()).unwrap(),
            String::from_utf8(to_vec(&raw).unwrap()).unwrap(),
            to_string_pretty(&value).unwrap(),
        ];
        for text in all {
            assert!(
                is_harmless(&text) && text.contains("\\u202e") && text.contains("ü学🙂"),
                "{text}"
            );
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back_as_it_was(text in any::<String>(), key in any::<String>()) {
            let value = json!({ key: [text] });
            for written in [to_vec(&value).unwrap(), to_string_pretty(&value).unwrap().into_bytes()] {
                let written = String::from_utf8(written).unwrap();
                prop_assert!(is_harmless(&written));
                prop_assert_eq!(&serde_json::from_str::<Value>(&written).unwrap(), &value);
            }
        }
    }
}
