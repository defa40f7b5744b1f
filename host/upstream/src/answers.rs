//! What an answer means: by its status, and by what its body says.
//!
//! Rules are asked in this order, and the first that fits holds: those of the
//! upstream's configuration, those of its dialect, the statuses.

mod dialect;
mod headers;
mod http_date;
mod reader;
mod redirect;
mod retry_after;
mod rule;
mod status;

pub use dialect::guest_codes;
pub use reader::Reader;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode, response};
use serde_json::Value;

use crate::rules::{AnswerCode, Dialect, ErrorRule};
use fusebox_types::failure::Code;

/// Most bytes of a body that are looked at.
pub const MAX_LOOKED_AT: usize = 64 << 10;
/// Longest message of an upstream that is kept, in bytes.
pub const MAX_MESSAGE: usize = 1 << 10;
/// Longest code of an upstream that is kept, in bytes.
pub const MAX_CODE: usize = 64;
/// Where APIs commonly say what went wrong, in their own words.
const CODES: [&str; 2] = ["/error/code", "/code"];
const MESSAGES: [&str; 3] = ["/error/message", "/message", "/error"];

/// Longest location of a redirect that is kept, in bytes.
pub const MAX_LOCATION: usize = 512;

/// Who says what an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SaidBy {
    /// The host: what is known of statuses and dialects. Whoever reads the answer may
    /// know better.
    #[default]
    Host,
    /// The operator, by a rule of the upstream's own. Nobody knows better.
    Operator,
}

/// What an answer means, if it means that something is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What is wrong.
    pub code: AnswerCode,
    /// Who says so.
    pub said_by: SaidBy,
    /// How long the upstream wants to be left alone, if it says so.
    pub retry_after: Option<Duration>,
    /// The upstream's own code, such as `1302`. Its words: to be made printable
    /// where they are shown.
    pub upstream_code: Option<String>,
    /// The upstream's own message; the same holds.
    pub message: Option<String>,
    /// Where a redirect leads, without credentials and query; the same holds.
    pub location: Option<String>,
}

/// What an upstream's answers mean.
#[derive(Debug, Clone)]
pub struct Answers {
    rules: Arc<[ErrorRule]>,
    /// How many of them, the first ones, are the operator's own.
    own: usize,
}

impl AnswerCode {
    /// The failure's code; none if nothing is wrong.
    pub const fn failure(self) -> Option<Code> {
        Some(match self {
            Self::None => return None,
            Self::Throttled => Code::ApiThrottled,
            Self::Overloaded => Code::ApiOverloaded,
            Self::Quota => Code::ApiQuota,
            Self::Billing => Code::ApiBilling,
            Self::Auth => Code::ApiAuth,
            Self::ServerError => Code::HttpServerError,
            Self::ClientError => Code::HttpClientError,
            Self::Redirect => Code::HttpRedirect,
        })
    }
}

impl Answers {
    /// What they mean by the configuration's own rules and by a dialect.
    pub fn new(dialect: Dialect, own: &[ErrorRule]) -> Self {
        let mut rules = own.to_vec();
        rules.extend(dialect::rules(dialect));
        Self {
            rules: rules.into(),
            own: own.len(),
        }
    }

    /// Reads an answer as it comes.
    pub fn reader(&self, head: &response::Parts) -> Reader {
        Reader::new(self, head.status, &head.headers)
    }

    /// What an answer means, by its status, its headers and its body, if that is
    /// JSON. None if nothing is wrong.
    pub fn judge(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        body: Option<&Value>,
        now: SystemTime,
    ) -> Option<Verdict> {
        let fitting = self
            .rules
            .iter()
            .position(|rule| rule::fits(&rule.when, status, body));
        let rule = fitting.and_then(|at| self.rules.get(at));
        let code = match rule {
            Some(rule) => rule.code,
            None => status::meaning(status).or_else(|| redirect::meaning(status, headers))?,
        };
        code.failure()?;
        let sent = headers::sent(headers, now);
        let said = rule.and_then(|rule| rule.retry_at.as_ref());
        let said =
            said.and_then(|at| retry_after::in_field(body?.pointer(&at.field)?, at.utc_offset_minutes, sent));
        let is_limit = status == StatusCode::TOO_MANY_REQUESTS || code == AnswerCode::Throttled;
        let asked = said.max(headers::wait(headers, is_limit, now));
        Some(Verdict {
            code,
            said_by: match fitting.is_some_and(|at| at < self.own) {
                true => SaidBy::Operator,
                false => SaidBy::Host,
            },
            location: redirect::location(status, headers),
            retry_after: asked.map(retry_after::believed),
            upstream_code: words(body, &CODES, MAX_CODE),
            message: words(body, &MESSAGES, MAX_MESSAGE),
        })
    }

    /// Whether the body can matter for an answer with this status.
    fn ask_for_body(&self, status: StatusCode) -> bool {
        let asks =
            |rule: &ErrorRule| rule.when.field.is_some() && rule.when.status.is_none_or(|of| status == of);
        status.as_u16() >= 400 || self.rules.iter().any(asks)
    }
}

/// The first field that holds a text or a number, cut.
fn words(body: Option<&Value>, fields: &[&str], most: usize) -> Option<String> {
    let body = body?;
    let mut text = fields
        .iter()
        .find_map(|field| rule::text(body.pointer(field)?))?
        .into_owned();
    text.truncate(text.floor_char_boundary(most));
    Some(text)
}

#[cfg(test)]
mod tests;
