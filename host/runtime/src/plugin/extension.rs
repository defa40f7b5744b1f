//! What a plugin says of itself beside the fields of the contract.

use std::collections::BTreeSet;

use serde::de::IgnoredAny;

use crate::sandbox::bindings;

/// Most extensions of a descriptor.
const MAX_ENTRIES: usize = 32;
/// Longest name, in bytes.
const MAX_NAME: usize = 64;
/// Most bytes of all names and values together.
const MAX_BYTES: usize = 16 << 10;

/// Something that a plugin says of itself under a name of its own. This host
/// knows no such name yet; it ignores them all, and shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its name, in `a-z`, `0-9`, `-` and `.`.
    pub name: String,
    /// The value, as the plugin wrote it; it is JSON.
    pub value: String,
}

impl Extension {
    /// The extensions of a descriptor, checked.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(super) fn checked(said: Vec<bindings::Extension>) -> Result<Vec<Self>, String> {
        let count = said.len();
        if count > MAX_ENTRIES {
            return Err(format!("{count} extensions, {MAX_ENTRIES} are the limit"));
        }
        let bytes: usize = said.iter().map(|one| one.name.len() + one.value.len()).sum();
        if bytes > MAX_BYTES {
            return Err(format!(
                "extensions of {bytes} bytes together, {MAX_BYTES} are the limit"
            ));
        }
        let mut names = BTreeSet::new();
        for one in &said {
            check_name(&one.name)?;
            if !names.insert(&one.name) {
                return Err(format!("the extension `{}` twice", one.name));
            }
            // Nothing of the value is kept, so its depth and its size cost nothing.
            serde_json::from_str::<IgnoredAny>(&one.value)
                .map_err(|error| format!("the extension `{}` is not JSON: {error}", one.name))?;
        }
        let taken = said.into_iter().map(|one| Extension {
            name: one.name,
            value: one.value,
        });
        Ok(taken.collect())
    }
}

fn check_name(name: &str) -> Result<(), String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    if name.is_empty() || name.len() > MAX_NAME || !name.chars().all(fits) {
        return Err(format!(
            "the name of an extension must have 1 to {MAX_NAME} of the characters a-z, 0-9, `-` and `.`"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str, value: &str) -> bindings::Extension {
        bindings::Extension {
            name: name.into(),
            value: value.into(),
        }
    }

    #[test]
    fn names_that_no_host_knows_are_taken_as_they_are() {
        let all = Extension::checked(vec![said("example.color", "{\"a\": 1}"), said("later", "null")]);
        let expected = Extension {
            name: "example.color".into(),
            value: "{\"a\": 1}".into(),
        };
        let all = all.unwrap();
        assert_eq!((all.len(), &all[0]), (2, &expected));
        // Deep enough for the stack of whoever reads by calling itself.
        let deep = format!("{}{}", "[".repeat(8_000), "]".repeat(8_000));
        assert!(Extension::checked(vec![said("deep", &deep)]).is_ok());
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let most = "x".repeat(MAX_BYTES);
        let many = (0..=MAX_ENTRIES).map(|n| said(&format!("n{n}"), "1")).collect();
        for (extensions, why) in [
            (
                vec![said("color", "{")],
                "the extension `color` is not JSON: EOF while parsing",
            ),
            (vec![said("color", "")], "the extension `color` is not JSON"),
            (vec![said("color", "1 2")], "the extension `color` is not JSON"),
            (vec![said("a", "1"), said("a", "2")], "the extension `a` twice"),
            (vec![said("", "1")], "the name of an extension must have 1 to 64"),
            (
                vec![said("Color", "1")],
                "the name of an extension must have 1 to 64",
            ),
            (
                vec![said(&"x".repeat(65), "1")],
                "the name of an extension must have 1 to 64",
            ),
            (many, "33 extensions, 32 are the limit"),
            (
                vec![said("a", &most)],
                "extensions of 16385 bytes together, 16384 are the limit",
            ),
        ] {
            let error = Extension::checked(extensions).unwrap_err();
            assert!(error.starts_with(why), "{error}");
        }
    }
}
