//! The only file that knows `serde_yaml`.

use serde::de::DeserializeOwned;

/// A text that is not the YAML that was expected.
#[derive(Debug, thiserror::Error)]
#[error("{}{message}", .place.map_or(String::new(), |(line, column)| format!("line {line}, column {column}: ")))]
pub struct YamlError {
    /// Line and column, from 1, where they are known.
    pub place: Option<(usize, usize)>,
    /// What is wrong there.
    pub message: String,
}

/// Reads a value from YAML, of which JSON is a part.
pub(crate) fn from_yaml<T: DeserializeOwned>(text: &str) -> Result<T, YamlError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_yaml::from_str(text).map_err(|error| {
        let place = error.location().map(|at| (at.line(), at.column()));
        let message = error.to_string();
        // The library ends some messages with the place and some not.
        let message = match message.rfind(" at line ") {
            Some(end) if place.is_some() => message[..end].to_owned(),
            _ => message,
        };
        YamlError { place, message }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_fault_has_its_place_once() {
        let error = from_yaml::<BTreeMap<String, u32>>("a: 1\nb: x\n").unwrap_err();
        assert_eq!(error.place, Some((2, 4)));
        assert_eq!(error.to_string().matches("line").count(), 1, "{error}");
    }
}
