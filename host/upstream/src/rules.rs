//! What the configuration says of an upstream: where it is, what may be asked of it,
//! how much and how fast.

mod answer;
mod header;
mod idempotency;
mod network;
mod path;
mod quota;

pub use answer::{AnswerCode, Dialect, ErrorRule, ErrorWhen, RetryAt};
pub use header::{HeaderRule, header_secret};
pub use network::{Method, Network};
pub use path::PathPattern;
pub use quota::{QuotaRule, RateRule, UpstreamLimits};

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use fusebox_types::units::span;

/// An outside service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UpstreamRules {
    /// Scheme, host and port. Which paths may be called stands in `paths`.
    #[cfg_attr(feature = "schema", schemars(
        regex(pattern = r"^https?://[^\s/?#@\\%]+/?$"),
        extend("x-expected" = "an address of scheme, host and port, such as `https://api.example.com`")
    ))]
    pub address: String,
    /// Which addresses the host's name may come to; each is tested. Only public
    /// ones by default: a name that leads inside is how plugins are used to reach
    /// what only this machine can. `http://localhost:11434` needs `loopback`.
    #[serde(default)]
    pub network: Network,
    /// Paths that may be called: whole, or with `/*` at the end for all below.
    /// Every path by default, since an address is mostly one API.
    #[serde(default = "every_path")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 100), extend("x-expected" = "a list of 1 to 100 paths, such as `[/v1/models, /v1/chat/*]`")))]
    pub paths: Vec<PathPattern>,
    /// Methods that may be used. What an API is asked with; `PUT`, `PATCH`,
    /// `DELETE` and `OPTIONS` have to be written.
    #[serde(default = "usual_methods")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 7), extend("x-expected" = "a list of methods, such as `[GET, POST]`")))]
    pub methods: Vec<Method>,
    /// Headers that the host puts in. A plugin never sees them and may not send
    /// any of the same name.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("maxProperties" = 32, "propertyNames" = {"pattern": "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$"}, "x-expected" = "a mapping of at most 32 headers, such as `{ authorization: { secret: { env: GLM_API_KEY }, prefix: \"Bearer \" } }`")))]
    pub headers: BTreeMap<String, HeaderRule>,
    /// The header in which the service takes an idempotency key, such as
    /// `Idempotency-Key`. Each request that may change something is sent with a key
    /// that is the same for every attempt and every resume of its task. So it may
    /// be sent again even for a plugin that is not idempotent: the service carries
    /// it out once. Only for a service that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("pattern" = "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$", "x-expected" = "the name of a header, such as `Idempotency-Key`")))]
    pub idempotency_header: Option<String>,
    /// A file of certificates (PEM) that are trusted besides the system's, from
    /// the configuration's folder. For a service with certificates of one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "PathBuf", length(min = 1)))]
    pub ca_file: Option<PathBuf>,
    /// How long is waited for it.
    #[serde(default)]
    pub timeouts: UpstreamTimeouts,
    /// How much may be asked of it, by all agents together.
    #[serde(default)]
    pub limits: UpstreamLimits,
    /// How it says what went wrong, besides by status.
    #[serde(default)]
    pub dialect: Dialect,
    /// What its answers mean, where neither the dialect nor the status says it
    /// right; the first rule that fits holds.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("maxItems" = 100, "x-expected" = "a list of at most 100 rules")))]
    pub errors: Vec<ErrorRule>,
}

fn every_path() -> Vec<PathPattern> {
    vec![PathPattern::new("/*")]
}

fn usual_methods() -> Vec<Method> {
    vec![Method::Get, Method::Head, Method::Post]
}

/// How long is waited for an upstream. A plugin may wait less, never longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct UpstreamTimeouts {
    /// For its address, the connection and TLS together. Far above what the
    /// farthest server takes.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Span", extend("x-least" = "1ms", "x-most" = "10m")))]
    pub connect: Duration,
    /// For the head of its answer, once the request is sent. Below the default
    /// deadline of an attempt, so that a silent service is blamed and not the
    /// plugin. A model that thinks first needs more, and so does that deadline.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Span", extend("x-least" = "1ms", "x-most" = "24h")))]
    pub first_byte: Duration,
    /// For the next bytes of an answer that has begun. A stream that is alive
    /// says something in that time.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Span", extend("x-least" = "1ms", "x-most" = "24h")))]
    pub between_bytes: Duration,
}

impl Default for UpstreamTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(25),
            between_bytes: Duration::from_secs(15),
        }
    }
}

impl UpstreamRules {
    /// What fits the schema key by key and still makes no sense: the key below
    /// this section, and what is wrong with it.
    pub(crate) fn contradictions(&self) -> Vec<(Vec<String>, String)> {
        let key = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        let mut found = Vec::new();
        for name in self.headers.keys() {
            let same = |other: &&String| *other < name && other.eq_ignore_ascii_case(name);
            let same = self.headers.keys().find(same);
            found.extend(same.map(|other| {
                let said = format!("is the same header as `{other}`");
                (key(&["headers", name]), said)
            }));
        }
        for (name, rule) in &self.headers {
            found.extend(
                rule.contradiction(name)
                    .map(|said| (key(&["headers", name]), said)),
            );
        }
        found.extend(idempotency::contradiction(self).map(|said| (key(&["idempotency_header"]), said)));
        if self.ca_file.is_some() && self.address.starts_with("http:") {
            let said = "is of no use: the address begins with `http:`, so there is no TLS";
            found.push((key(&["ca_file"]), said.into()));
        }
        for (at, rule) in self.errors.iter().enumerate() {
            let path = vec!["errors".into(), at.to_string()];
            found.extend(rule.contradiction().map(|said| (path, said)));
        }
        found
    }
}

#[cfg(test)]
mod tests;
