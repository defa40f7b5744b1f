//! GLM's error numbers, after <https://docs.bigmodel.cn/cn/api/api-code>.

use fusebox_sdk::http::Response;
use fusebox_sdk::{Category, TaskError};

use super::{Fate, by_status, reset};

/// The number of GLM that a code is: 500, or one from 1000 on.
pub(super) fn number(code: &str) -> Option<u16> {
    code.parse()
        .ok()
        .filter(|n| *n == 500 || (1000..2000).contains(n))
}

/// The failure that a number means.
pub(super) fn failure(response: &Response, number: u16, message: String) -> TaskError {
    let until = is_quota(number)
        .then(|| reset::wait(response, &message))
        .flatten();
    let error = super::failure(
        response,
        fate(response, number),
        &format!("glm.{number}"),
        message,
    );
    // Before that time nothing helps; without one, nothing is known to.
    match until.or(response.retry_after().filter(|_| is_quota(number))) {
        Some(wait) => error.retry_after(wait),
        None => error,
    }
}

/// Used up until a time: for the day, for five hours, for the week or month.
const fn is_quota(number: u16) -> bool {
    matches!(number, 1304 | 1308 | 1310)
}

fn fate(response: &Response, number: u16) -> Fate {
    match number {
        // Too many at once, too often; too much for the model.
        1302 | 1303 | 1305 | 1312 => (Category::ApiLimit, Some(true)),
        // Used up, unpaid, expired, not in the plan, held back.
        1304 | 1308 | 1310 | 1113 | 1309 | 1311 | 1313 => (Category::ApiLimit, Some(false)),
        // Its own trouble.
        500 | 1120 | 1230 | 1234 => (Category::Network, Some(true)),
        // Who asks: key and account.
        1000..=1004 | 1100..=1121 => (Category::Validation, Some(false)),
        // What is asked: model, fields, length, sensitive content.
        1210..=1222 | 1231 | 1261 | 1300 | 1301 => (Category::Validation, Some(false)),
        _ => by_status(response.status()),
    }
}
