//! How long an answer's headers ask to be left alone.
//!
//! What is asked is never undercut: of several waits the longest holds that can be
//! believed, rounded up to whole milliseconds. Times are measured from the
//! answer's own `date`, since clocks differ. The SDK reads the same
//! (`guest-sdk/src/http/wait.rs`), and one table of cases holds for both.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, LOCATION, RETRY_AFTER};

use super::http_date::http_date;
use super::retry_after::{LONGEST, date_and_time, of_number, seconds, until};

/// Waits in milliseconds, by names that only some services use.
const MILLISECONDS: [&str; 2] = ["retry-after-ms", "x-ms-retry-after-ms"];
/// When a limit is lifted: seconds to wait, or a Unix time.
const RESETS: [&str; 3] = ["ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset"];

/// The headers that say what an answer means, without all others.
pub(super) fn of_meaning(headers: &HeaderMap) -> HeaderMap {
    let names = [RETRY_AFTER.as_str(), DATE.as_str(), LOCATION.as_str()];
    let is_read = |name: &str| {
        let mut all = names.iter().chain(&MILLISECONDS).chain(&RESETS);
        all.any(|one| *one == name)
    };
    let mut kept = HeaderMap::new();
    for (name, value) in headers {
        if is_read(name.as_str()) {
            kept.append(name, value.clone());
        }
    }
    kept
}

/// When the answer was sent: by the service's clock if it says so, else now.
pub(super) fn sent(headers: &HeaderMap, now: SystemTime) -> SystemTime {
    texts(headers, DATE.as_str()).find_map(http_date).unwrap_or(now)
}

/// The wait that the headers ask for; none if they ask for none. When a limit is
/// lifted counts only where one refused the request (`is_limit`) and no wait is
/// named.
pub(super) fn wait(headers: &HeaderMap, is_limit: bool, now: SystemTime) -> Option<Duration> {
    let sent = sent(headers, now);
    let named = texts(headers, RETRY_AFTER.as_str()).flat_map(|text| retry_after(text, sent));
    let milliseconds = MILLISECONDS.iter().flat_map(|name| texts(headers, name));
    let milliseconds = milliseconds.filter_map(self::milliseconds);
    longest(named.chain(milliseconds)).or_else(|| {
        let resets = RESETS.iter().filter(|_| is_limit);
        let resets = resets.flat_map(|name| texts(headers, name));
        longest(resets.filter_map(|text| Some(of_number(seconds(text)?, sent))))
    })
}

/// The values of a header that are text.
fn texts<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = &'h str> {
    let values = headers.get_all(name).into_iter();
    values.filter_map(|value| value.to_str().ok())
}

/// What `retry-after` says: a number, a date (RFC 9110, 10.2.3), or several
/// numbers that a proxy has put together.
fn retry_after(text: &str, sent: SystemTime) -> Vec<Duration> {
    let time = || http_date(text).or_else(|| date_and_time(text.trim(), 0));
    if let Some(time) = time() {
        return vec![until(time, sent)];
    }
    let numbers = text.split(',').map(|text| Some(of_number(seconds(text)?, sent)));
    numbers.collect::<Option<_>>().unwrap_or_default()
}

fn milliseconds(text: &str) -> Option<Duration> {
    let number = seconds(text)?;
    let rest = u64::from(number.subsec_nanos() > 0);
    Some(Duration::from_millis(number.as_secs().saturating_add(rest)))
}

/// The longest wait that can be believed. If none can, it is long all the same.
fn longest(waits: impl Iterator<Item = Duration>) -> Option<Duration> {
    waits.reduce(|longest, wait| {
        if longest <= LONGEST && wait <= LONGEST {
            longest.max(wait)
        } else {
            longest.min(wait)
        }
    })
}
