//! A text with places to fill in.

const OPEN: &str = "{{";
const CLOSE: &str = "}}";

/// Fills in each `{{name}}`, once and from left to right: what is filled in is
/// never looked at again, so that a text cannot ask for another one. Braces
/// around anything but a name stay as they are.
///
/// # Errors
/// The first name that has no value.
pub(crate) fn fill<'a>(template: &'a str, value: impl Fn(&str) -> Option<&'a str>) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once(OPEN) {
        filled.push_str(before);
        match after.split_once(CLOSE).map(|(name, tail)| (name.trim(), tail)) {
            Some((name, tail)) if is_name(name) => {
                filled.push_str(value(name).ok_or_else(|| name.to_owned())?);
                rest = tail;
            }
            _ => {
                filled.push_str(OPEN);
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    Ok(filled)
}

/// Whether a template has a place to fill in.
pub(crate) fn has_places(template: &str) -> bool {
    fill(template, |_| None).is_err()
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str) -> Result<String, String> {
        fill(template, |name| match name {
            "input" => Some("{{dependencies}}"),
            "dependencies" => Some("secret"),
            _ => None,
        })
    }

    #[test]
    fn a_value_is_never_filled_in_itself() {
        assert_eq!(filled("a {{ input }} b").unwrap(), "a {{dependencies}} b");
    }

    #[test]
    fn braces_around_no_name_stay() {
        for text in ["{{", "}}", r#"{{"a": 1}}"#, "{{A}}", "{{}}", "{ {input} }"] {
            assert_eq!(filled(text).unwrap(), text);
        }
        assert_eq!(filled("{{ {{dependencies}}").unwrap(), "{{ secret");
    }

    #[test]
    fn an_unknown_name_is_told() {
        assert_eq!(filled("{{inputs}}").unwrap_err(), "inputs");
    }
}
