//! What an upstream's answers mean.

use serde::{Deserialize, Serialize};

/// How an upstream says what went wrong, besides by status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// Not at all, or in a way of its own that `errors` explain.
    #[default]
    Http,
    /// As OpenAI's API and those like it: a word in `/error/code`.
    Openai,
    /// As GLM (Z.AI, BigModel): a number in `/error/code`, and for a quota the
    /// time at which it ends, in Beijing's time, in `/error/message`.
    Glm,
}

/// What an answer means to the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum AnswerCode {
    /// It is none of these, whatever the status says.
    #[serde(rename = "none")]
    None,
    /// Too many requests; fewer are welcome.
    #[serde(rename = "api.throttled")]
    Throttled,
    /// Too much to do for the service.
    #[serde(rename = "api.overloaded")]
    Overloaded,
    /// Nothing more until a time.
    #[serde(rename = "api.quota")]
    Quota,
    /// Nothing more until somebody pays.
    #[serde(rename = "api.billing")]
    Billing,
    /// The credentials are not right or not enough.
    #[serde(rename = "api.auth")]
    Auth,
    /// The service failed.
    #[serde(rename = "http.server-error")]
    ServerError,
    /// The request was not right.
    #[serde(rename = "http.client-error")]
    ClientError,
    /// What was asked for is elsewhere.
    #[serde(rename = "http.redirect")]
    Redirect,
}

/// What some answers mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ErrorRule {
    /// Which answers.
    pub when: ErrorWhen,
    /// What they mean.
    pub code: AnswerCode,
    /// Where the answer says when to come back, if it does. Headers such as
    /// `retry-after` are read in any case; the later time holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "RetryAt"))]
    pub retry_at: Option<RetryAt>,
}

/// Conditions on an answer; all that are there have to hold, and one is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", schemars(extend(
    "minProperties" = 1,
    "x-expected" = "a condition such as `{ status: 429 }` or `{ field: /error/code, equals: [\"1302\"] }`; without any it would take every answer"
)))]
pub struct ErrorWhen {
    /// The status.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "u16", range(min = 200, max = 599)))]
    pub status: Option<u16>,
    /// A field of the JSON body (within its first 64 KiB), as a JSON Pointer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", regex(pattern = POINTER), extend("x-expected" = "a JSON Pointer such as `/error/code`")))]
    pub field: Option<String>,
    /// What the field holds, one of these; numbers in quotes. Without it the
    /// field only has to be there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = 100), extend("x-expected" = "a list of texts, such as `[\"1302\", \"1303\"]`")))]
    pub equals: Vec<String>,
}

/// Where an answer says when to come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RetryAt {
    /// The field, as a JSON Pointer. It holds seconds to wait, a time as Unix
    /// seconds or milliseconds, or a text in which a date and a time stand.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = POINTER), extend("x-expected" = "a JSON Pointer such as `/error/message`")))]
    pub field: String,
    /// Minutes by which a time without a zone is ahead of UTC. None by default,
    /// as in most protocols.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = -840, max = 840)))]
    pub utc_offset_minutes: i32,
}

#[cfg(feature = "schema")]
const POINTER: &str = "^(/[^/]*)+$";

impl ErrorRule {
    /// What makes no sense about it.
    pub(crate) fn contradiction(&self) -> Option<String> {
        let when = &self.when;
        if !when.equals.is_empty() && when.field.is_none() {
            return Some("says what a field `equals` and not which; add `field`".into());
        }
        (when.status.is_none() && when.field.is_none())
            .then(|| "has no condition; add `status` or `field`".into())
    }
}
