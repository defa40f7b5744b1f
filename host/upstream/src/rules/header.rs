//! Headers that the host puts into requests.

use serde::{Deserialize, Serialize};

use fusebox_secrets::SecretRef;

/// Names whose values are secrets as a rule.
const CREDENTIALS: [&str; 5] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "x-api-key",
    "api-key",
];
/// Names that belong to the connection, which the host makes.
const OF_THE_HOST: [&str; 10] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "upgrade",
    "te",
    "trailer",
    "keep-alive",
    "expect",
    "accept-encoding",
];

/// A header that the host puts in: a text, or a secret with something in front.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", schemars(extend(
    "oneOf" = [{"required": ["value"]}, {"required": ["secret"]}],
    "x-expected" = "either `{ value: some text }` or `{ secret: { env: GLM_API_KEY }, prefix: \"Bearer \" }`"
)))]
pub struct HeaderRule {
    /// The value as it stands. No secret: it is shown wherever the configuration
    /// is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", length(max = 4096)))]
    pub value: Option<String>,
    /// Where the secret is that becomes the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "SecretRef"))]
    pub secret: Option<SecretRef>,
    /// What stands before the secret, such as `Bearer ` with its space.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = 256)))]
    pub prefix: String,
}

impl HeaderRule {
    /// What makes no sense about it under this name.
    pub(crate) fn contradiction(&self, name: &str) -> Option<String> {
        if is_of_the_host(name) {
            return Some("is set by the host itself; leave it out".into());
        }
        if self.value.is_some() && is_credential(name) {
            return Some(
                "holds a secret in the configuration; write `secret: { env: NAME }` or `secret: { file: PATH }` in place of `value`"
                    .into(),
            );
        }
        if self.value.is_some() && !self.prefix.is_empty() {
            return Some("has a `prefix`, which is for a `secret`; write it into `value`".into());
        }
        let visible = |text: &str| text.chars().all(|c| !c.is_control() && c.is_ascii());
        let texts = [self.value.as_deref().unwrap_or_default(), &self.prefix];
        (!texts.into_iter().all(visible))
            .then(|| "holds characters that a header cannot carry; use visible ASCII".into())
    }
}

/// Whether a header is one that the host sets itself.
pub(super) fn is_of_the_host(name: &str) -> bool {
    OF_THE_HOST.iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// Whether a header's value is a secret as a rule.
pub(super) fn is_credential(name: &str) -> bool {
    CREDENTIALS.iter().any(|one| one.eq_ignore_ascii_case(name))
}

/// What the secret of a header is called, by the section that names it.
pub fn header_secret(section: &str, name: &str) -> String {
    format!("{section}.headers.{name}")
}
