//! A URL that notices are posted to.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use super::TOPICS;
use super::{NoticeLevel, NoticeTopic, all_topics, ten_seconds, warning};
use fusebox_secrets::SecretRef;
#[cfg(feature = "schema")]
use fusebox_types::units::Span;
use fusebox_types::units::span;
use fusebox_upstream::rules::{HeaderRule, Network};

/// A URL that notices are posted to, each as a JSON document. Whoever answers
/// with a status from 200 to 299 has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WebhookRules {
    /// Where notices are posted to. It is shown wherever the configuration is: a
    /// part of it that is a secret belongs into `secret_path`.
    #[cfg_attr(feature = "schema", schemars(
        regex(pattern = r"^https?://[^\s/?#@\\%]+([/?][^\s#\\]*)?$"),
        extend("x-expected" = "a URL without user and fragment, such as `https://ops.example.com/fusebox`")
    ))]
    pub url: String,
    /// Where the end of the URL is, put right behind `url`: for services whose
    /// URL is the secret itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "SecretRef"))]
    pub secret_path: Option<SecretRef>,
    /// Which addresses the name in the URL may lead to. What is not said is taken
    /// from the URL: it is yours, so an address of this machine or of a private
    /// network is called where it is written. A name has to lead to the internet
    /// unless it is said here, so that nobody else's name server leads inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Network"))]
    pub network: Option<Network>,
    /// Headers that are sent along.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("maxProperties" = 32, "propertyNames" = {"pattern": "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$"}, "x-expected" = "a mapping of at most 32 headers, such as `{ authorization: { secret: { env: OPS_TOKEN }, prefix: \"Bearer \" } }`")))]
    pub headers: BTreeMap<String, HeaderRule>,
    /// A file of certificates (PEM) that are trusted besides the system's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "PathBuf", length(min = 1)))]
    pub ca_file: Option<PathBuf>,
    /// How long one try may take. What takes longer than ten seconds to take a
    /// few hundred bytes is not there.
    #[serde(with = "span", default = "ten_seconds")]
    #[cfg_attr(feature = "schema", schemars(with = "Span", extend("x-least" = "1ms", "x-most" = "1m")))]
    pub timeout: Duration,
    /// Tries for one notice, the first included; the waits between them grow.
    #[serde(default = "four")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 10)))]
    pub max_attempts: u32,
    /// The least level that is told. Who is called from elsewhere is called for
    /// what needs somebody.
    #[serde(default = "warning")]
    pub min_level: NoticeLevel,
    /// What is told of. Everything by default.
    #[serde(default = "all_topics")]
    #[cfg_attr(feature = "schema", schemars(extend("x-expected" = TOPICS)))]
    pub topics: Vec<NoticeTopic>,
}

const fn four() -> u32 {
    4
}

impl WebhookRules {
    pub(super) fn rebase(&mut self, base: impl Fn(&[&str]) -> PathBuf) {
        if let Some(file) = &mut self.ca_file {
            *file = base(&["ca_file"]).join(&file);
        }
        if let Some(SecretRef::File(file)) = &mut self.secret_path {
            *file = base(&["secret_path"]).join(&file);
        }
        for (name, rule) in &mut self.headers {
            if let Some(SecretRef::File(file)) = &mut rule.secret {
                *file = base(&["headers", name, "secret"]).join(&file);
            }
        }
    }

    /// The URL's scheme, host and port, and what comes behind them.
    pub fn split_url(&self) -> (&str, &str) {
        let authority = self.url.find("://").map_or(0, |at| at + 3);
        let behind = self.url.get(authority..).unwrap_or_default();
        let end = behind
            .find(['/', '?'])
            .map_or(self.url.len(), |at| authority + at);
        self.url.split_at(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_split_behind_its_authority() {
        for (url, origin, behind) in [
            ("https://a.example", "https://a.example", ""),
            ("https://a.example/x/y?z", "https://a.example", "/x/y?z"),
            ("http://[::1]:80?q=/", "http://[::1]:80", "?q=/"),
        ] {
            let rules: WebhookRules = serde_json::from_value(serde_json::json!({ "url": url })).unwrap();
            assert_eq!(rules.split_url(), (origin, behind));
        }
    }
}
