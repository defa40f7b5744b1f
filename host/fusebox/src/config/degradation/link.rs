//! A link of a chain of fallbacks as it is written: one word, or a mapping of
//! one key.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use fusebox_resilience::degradation::FallbackLink;
#[cfg(feature = "schema")]
use fusebox_types::units::Span;
use fusebox_types::units::span;

#[cfg(feature = "schema")]
const LINK: &str = "`instance`, `cached`, `value`, `skip`, `{ agent: name }`, `{ cached: { max_age: 7d } }`, `{ text: a text }` or `{ json: a value }`";

/// One link of a chain of fallbacks.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
#[cfg_attr(feature = "schema", schemars(rename = "FallbackLink", extend("x-expected" = LINK)))]
pub(super) enum Written {
    Word(Word),
    Mapping(Mapping),
}

/// A link that is one word.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", schemars(inline))]
pub(super) enum Word {
    /// Another instance of the same pool that has not tried the task yet.
    Instance,
    /// What the same plugin gave last for the same input under the same
    /// settings, however old it is.
    Cached,
    /// The value that the task has in the session file or by its board rule,
    /// under `fallback`.
    Value,
    /// Nothing more: let the task fail.
    Skip,
}

/// A link that is a mapping.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", schemars(inline))]
pub(super) enum Mapping {
    /// Another agent, with the same input and its own settings.
    Agent(String),
    /// What the same plugin gave last for the same input under the same
    /// settings.
    Cached(Cached),
    /// This text.
    Text(String),
    /// This value, as JSON.
    Json(serde_json::Value),
}

/// Which last output is good enough.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", schemars(inline))]
pub(super) struct Cached {
    /// How old it may be.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "Span"))]
    max_age: Duration,
}

impl From<Written> for FallbackLink {
    fn from(written: Written) -> Self {
        match written {
            Written::Word(Word::Instance) => Self::Instance,
            Written::Word(Word::Cached) => Self::Cached { max_age: None },
            Written::Word(Word::Value) => Self::Value,
            Written::Word(Word::Skip) => Self::Skip,
            Written::Mapping(Mapping::Agent(name)) => Self::Agent(name),
            Written::Mapping(Mapping::Cached(Cached { max_age })) => Self::Cached {
                max_age: Some(max_age),
            },
            Written::Mapping(Mapping::Text(text)) => Self::Text(text),
            Written::Mapping(Mapping::Json(value)) => Self::Json(value.to_string()),
        }
    }
}

impl From<FallbackLink> for Written {
    fn from(link: FallbackLink) -> Self {
        match link {
            FallbackLink::Instance => Self::Word(Word::Instance),
            FallbackLink::Cached { max_age: None } => Self::Word(Word::Cached),
            FallbackLink::Value => Self::Word(Word::Value),
            FallbackLink::Skip => Self::Word(Word::Skip),
            FallbackLink::Agent(name) => Self::Mapping(Mapping::Agent(name)),
            FallbackLink::Cached {
                max_age: Some(max_age),
            } => Self::Mapping(Mapping::Cached(Cached { max_age })),
            FallbackLink::Text(text) => Self::Mapping(Mapping::Text(text)),
            FallbackLink::Json(text) => {
                // It was read from a value; what is none would be a text.
                let value = serde_json::from_str(&text);
                Self::Mapping(Mapping::Json(value.unwrap_or(serde_json::Value::String(text))))
            }
        }
    }
}

/// For serde's `with`: a chain of links.
pub(super) mod chain {
    use serde::{Deserializer, Serializer};

    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(
        chain: &[FallbackLink],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(chain.iter().cloned().map(Written::from))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<FallbackLink>, D::Error> {
        let chain = Vec::<Written>::deserialize(from)?;
        Ok(chain.into_iter().map(FallbackLink::from).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_link_is_written_as_it_is_read() {
        for written in [
            r#""instance""#,
            r#""cached""#,
            r#""value""#,
            r#""skip""#,
            r#"{"agent":"other"}"#,
            r#"{"cached":{"max_age":"7d"}}"#,
            r#"{"text":"a"}"#,
            r#"{"json":null}"#,
        ] {
            let link = FallbackLink::from(serde_json::from_str::<Written>(written).unwrap());
            assert_eq!(serde_json::to_string(&Written::from(link)).unwrap(), written);
        }
    }

    #[test]
    fn what_is_no_link_is_refused() {
        for written in [
            r#""agent""#,
            r#""cache""#,
            r#"{"cached":{}}"#,
            r#"{"cached":{"max_age":"a week"}}"#,
            r#"{"cached":{"max_age":"7d","min_age":"1d"}}"#,
            r#"{"value":1}"#,
        ] {
            assert!(serde_json::from_str::<Written>(written).is_err(), "{written}");
        }
    }
}
