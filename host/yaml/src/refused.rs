//! What YAML allows and a configuration does not.

use saphyr_parser::{Span, Tag};

use super::error::{YamlError, fault, place};
use super::marks::Place;

/// What YAML takes no control characters for, and what its libraries place
/// badly.
pub(super) fn no_control_characters(text: &str) -> Result<(), YamlError> {
    for (index, line) in text.lines().enumerate() {
        let found = line
            .chars()
            .enumerate()
            .find(|(_, c)| c.is_control() && !matches!(c, '\t' | '\r' | '\u{85}'));
        if let Some((column, c)) = found {
            let place = Place {
                line: index + 1,
                column: column + 1,
            };
            let code = u32::from(c);
            let message = format!(
                "the control character `\\x{code:02x}` cannot stand here as itself; in double quotes it can be written so"
            );
            return Err(fault(place, &message));
        }
    }
    Ok(())
}

/// Tags of one's own mean nothing here.
pub(super) fn no_tag(tag: Option<&Tag>, span: &Span) -> Result<(), YamlError> {
    match tag {
        Some(tag) if !tag.is_yaml_core_schema() => Err(fault(
            place(span),
            &format!("tags such as `{tag}` are not read; leave it out"),
        )),
        _ => Ok(()),
    }
}

/// Not all that YAML takes for a number can be held as it is.
pub(super) fn usable_number(text: &str, span: &Span) -> Result<(), YamlError> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let message = match digits {
        ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" => {
            "this stands for no number; in quotes it is text"
        }
        _ if is_whole && text.parse::<u64>().is_err() && text.parse::<i64>().is_err() => {
            "a number of more than 64 bits cannot be used; in quotes it is text"
        }
        _ => return Ok(()),
    };
    Err(fault(place(span), message))
}
