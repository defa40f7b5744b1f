//! How some APIs say what went wrong.

use crate::rules::{AnswerCode, Dialect, ErrorRule, ErrorWhen, RetryAt};

/// Beijing's time, in which GLM names the end of a quota.
const BEIJING_MINUTES: i32 = 8 * 60;

/// The rules of a dialect.
pub(super) fn rules(dialect: Dialect) -> Vec<ErrorRule> {
    match dialect {
        Dialect::Http => Vec::new(),
        Dialect::Openai => vec![
            rule(
                &["insufficient_quota", "billing_hard_limit_reached"],
                AnswerCode::Billing,
            ),
            rule(&["rate_limit_exceeded"], AnswerCode::Throttled),
            rule(&["invalid_api_key", "account_deactivated"], AnswerCode::Auth),
            rule(&["server_error"], AnswerCode::ServerError),
        ],
        Dialect::Glm => vec![
            // Concurrency and frequency.
            rule(&["1302", "1303"], AnswerCode::Throttled),
            // The service, or the model, is busy.
            rule(&["1305", "1312"], AnswerCode::Overloaded),
            // The day's calls, the five hours of a plan, its week or month. The
            // message says when it is over.
            until(rule(&["1304", "1308", "1310"], AnswerCode::Quota)),
            // In arrears.
            rule(&["1113"], AnswerCode::Billing),
            // Credentials that are wrong, missing or over.
            rule(&["1000", "1001", "1002", "1003", "1004"], AnswerCode::Auth),
        ],
    }
}

fn rule(codes: &[&str], code: AnswerCode) -> ErrorRule {
    let when = ErrorWhen {
        status: None,
        field: Some("/error/code".into()),
        equals: codes.iter().map(ToString::to_string).collect(),
    };
    ErrorRule {
        when,
        code,
        retry_at: None,
    }
}

fn until(rule: ErrorRule) -> ErrorRule {
    let retry_at = RetryAt {
        field: "/error/message".into(),
        utc_offset_minutes: BEIJING_MINUTES,
    };
    ErrorRule {
        retry_at: Some(retry_at),
        ..rule
    }
}
