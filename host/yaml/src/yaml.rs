//! The only file that knows `serde_yaml`.

use serde::de::DeserializeOwned;

use super::error::YamlError;
use super::marks::Place;
use super::scanner;

/// Reads a value from YAML, of which JSON is a part. What would blow up is
/// refused before anything is built of it.
pub fn from_yaml<T: DeserializeOwned>(text: &str) -> Result<T, YamlError> {
    let text = without_mark(text);
    scanner::check(text)?;
    from_checked(text)
}

/// The same for a text that has been looked over already.
pub fn from_checked<T: DeserializeOwned>(text: &str) -> Result<T, YamlError> {
    serde_yaml::from_str(text).map_err(|error| {
        let place = error.location().map(|at| Place {
            line: at.line(),
            column: at.column(),
        });
        let message = error.to_string();
        // The library ends some messages with the place and some not.
        let message = match message.rfind(" at line ") {
            Some(end) if place.is_some() => message[..end].to_owned(),
            _ => message,
        };
        YamlError { place, message }
    })
}

/// The text without the byte order mark that some editors put first.
pub fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_fault_has_its_place_once() {
        let error = from_yaml::<BTreeMap<String, u32>>("a: 1\nb: x\n").unwrap_err();
        assert_eq!(error.place, Some(Place { line: 2, column: 4 }));
        assert_eq!(error.to_string().matches("line").count(), 1, "{error}");
    }
}
