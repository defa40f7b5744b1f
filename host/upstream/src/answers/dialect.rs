//! How some APIs say what went wrong.

use crate::rules::{AnswerCode, Dialect, ErrorRule, ErrorWhen, RetryAt};
use fusebox_types::failure::Code;

/// Beijing's time, in which GLM names the end of a quota.
const BEIJING_MINUTES: i32 = 8 * 60;

/// Errors that an API numbers or names, and what they mean.
struct Errors {
    own: &'static [&'static str],
    code: AnswerCode,
}

const OPENAI: [Errors; 4] = [
    errors(
        &["insufficient_quota", "billing_hard_limit_reached"],
        AnswerCode::Billing,
    ),
    errors(&["rate_limit_exceeded"], AnswerCode::Throttled),
    errors(&["invalid_api_key", "account_deactivated"], AnswerCode::Auth),
    errors(&["server_error"], AnswerCode::ServerError),
];

const GLM: [Errors; 5] = [
    // Concurrency and frequency.
    errors(&["1302", "1303"], AnswerCode::Throttled),
    // The service, or the model, is busy.
    errors(&["1305", "1312"], AnswerCode::Overloaded),
    // The day's calls, the five hours of a plan, its week or month. The
    // message says when it is over.
    errors(&["1304", "1308", "1310"], AnswerCode::Quota),
    // In arrears.
    errors(&["1113"], AnswerCode::Billing),
    // Credentials that are wrong, missing or over.
    errors(&["1000", "1001", "1002", "1003", "1004"], AnswerCode::Auth),
];

const fn errors(own: &'static [&'static str], code: AnswerCode) -> Errors {
    Errors { own, code }
}

/// The rules of a dialect.
pub(super) fn rules(dialect: Dialect) -> Vec<ErrorRule> {
    match dialect {
        Dialect::Http => Vec::new(),
        Dialect::Openai => OPENAI.iter().map(rule).collect(),
        Dialect::Glm => GLM.iter().map(glm_rule).collect(),
    }
}

/// Errors that plugins hand on under the number that the service gave them, as
/// `glm.1302`, and what they mean in the host's codes. Of other services' errors
/// a plugin's own class says enough.
pub fn guest_codes() -> impl Iterator<Item = (String, Code)> {
    let named = |errors: &'static Errors| {
        let code = errors.code.failure()?;
        Some(
            errors
                .own
                .iter()
                .map(move |own| (format!("glm.{own}"), code.clone())),
        )
    };
    GLM.iter().filter_map(named).flatten()
}

fn rule(errors: &Errors) -> ErrorRule {
    let when = ErrorWhen {
        status: None,
        field: Some("/error/code".into()),
        equals: errors.own.iter().map(ToString::to_string).collect(),
    };
    ErrorRule {
        when,
        code: errors.code,
        retry_at: None,
    }
}

fn glm_rule(errors: &Errors) -> ErrorRule {
    let retry_at = (errors.code == AnswerCode::Quota).then(|| RetryAt {
        field: "/error/message".into(),
        utc_offset_minutes: BEIJING_MINUTES,
    });
    ErrorRule {
        retry_at,
        ..rule(errors)
    }
}
