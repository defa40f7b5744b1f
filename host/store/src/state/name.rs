//! Keys to file names. Keys hold names from configurations, and hostile words.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// How a file of an entry ends.
pub(super) const ENDING: &str = ".state";
/// Longest part of a key in its file's name, in characters.
const SLUG_CHARS: usize = 40;

/// A file's name for a key: what is harmless of it, for people, and 128 bits of
/// its hash, so that two keys never share a file.
pub(super) fn file_name(key: &str) -> String {
    let mut name = slug(key);
    if !name.is_empty() {
        name.push('-');
    }
    for byte in Sha256::digest(key.as_bytes()).iter().take(16) {
        // Writing to a string cannot fail.
        let _ = write!(name, "{byte:02x}");
    }
    name + ENDING
}

fn slug(key: &str) -> String {
    let mut slug = String::new();
    for c in key.chars().take(4 * SLUG_CHARS) {
        match c.to_ascii_lowercase() {
            _ if slug.len() >= SLUG_CHARS => break,
            c if c.is_ascii_alphanumeric() => slug.push(c),
            _ if slug.is_empty() || slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_keys_become_harmless_names_of_their_own() {
        let long = "k".repeat(10_000);
        let keys = [
            "",
            ".",
            "..",
            "../../etc",
            "a/b",
            "a b",
            "A/B",
            "a\0",
            "CON",
            "钥匙",
            &long,
        ];
        let names: std::collections::BTreeSet<_> = keys.iter().map(|key| file_name(key)).collect();
        assert_eq!(names.len(), keys.len());
        for name in names {
            assert!(name.len() <= 80, "{name}");
            assert!(
                name.chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.')
            );
            assert!(!name.starts_with('.'));
        }
        assert!(file_name("agent:Reviewer").starts_with("agent-reviewer-"));
    }
}
