//! Failures as the journal keeps them, and back.

use serde::de::value::{Error, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};

use fusebox_store::journal::record;
use fusebox_types::failure::{Code, Failure};

/// A failure as it is kept.
pub(super) fn kept(failure: &Failure) -> record::Failure {
    record::Failure {
        code: failure.code.to_string(),
        category: failure.category.to_string(),
        severity: failure.severity.to_string(),
        blame: failure.blame.to_string(),
        retryable: failure.retryable,
        retry_after_ms: failure.retry_after_ms,
        message: failure.message.clone(),
        context: failure.context.clone(),
    }
}

/// The failure that was kept. A code that this version does not know is shown as
/// a guest's, and a class that it does not know is the code's own.
pub(super) fn read(kept: record::Failure) -> Failure {
    let code = kept
        .code
        .parse()
        .unwrap_or_else(|_| Code::Guest(kept.code.as_str().into()));
    let row = code.row();
    Failure {
        category: named(&kept.category).unwrap_or(row.category),
        severity: named(&kept.severity).unwrap_or(row.severity),
        blame: named(&kept.blame).unwrap_or(row.blame),
        code,
        retryable: kept.retryable,
        retry_after_ms: kept.retry_after_ms,
        message: kept.message,
        context: kept.context,
    }
}

/// The value of an enum that has this name, if one has.
pub(super) fn named<T: DeserializeOwned>(name: &str) -> Option<T> {
    let name: StrDeserializer<'_, Error> = name.into_deserializer();
    T::deserialize(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fusebox_resilience::GiveUp;
    use fusebox_types::failure::Severity;

    #[test]
    fn a_failure_comes_back_as_it_was_whatever_its_code() {
        for code in Code::ALL.iter().cloned().chain([Code::Guest("glm.1302".into())]) {
            let failure = Failure {
                severity: Severity::Low,
                retry_after_ms: Some(7),
                ..Failure::new(code, "words of a \u{1b} guest").with("url", "x")
            };
            assert_eq!(read(kept(&failure)), failure);
        }
    }

    #[test]
    fn what_only_a_newer_version_knows_is_read_all_the_same() {
        let newer = record::Failure {
            code: "weather.storm".into(),
            blame: "weather".into(),
            ..record::Failure::default()
        };
        let read = read(newer);
        assert_eq!(read.code, Code::Guest("weather.storm".into()));
        assert_eq!(read.blame, Code::Guest("x".into()).row().blame);
        assert_eq!(named::<GiveUp>("not-idempotent"), Some(GiveUp::NotIdempotent));
        assert_eq!(named::<GiveUp>("bored"), None);
    }
}
