//! How long an upstream asks to be left alone. The host reads answers in the same
//! way, and one table of cases holds for both.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{Response, date};

/// Waits in milliseconds, by names that only some services use.
const MILLISECONDS: [&str; 2] = ["retry-after-ms", "x-ms-retry-after-ms"];
/// When a limit is lifted: seconds to wait, or a Unix time.
const RESETS: [&str; 3] = ["ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset"];
/// The longest wait that is believed: no quota of a plan is longer than a month
/// or two.
const LONGEST: Duration = Duration::from_secs(62 * 24 * 3600);
/// Numbers below it are seconds to wait, those above are Unix times: it is a
/// wait of three years, and a time in 1973.
const FIRST_TIME: u64 = 100_000_000;
/// Numbers from it on are milliseconds: as seconds it is the year 5138.
const FIRST_MILLISECONDS: u64 = 100_000_000_000;

/// The wait that an answer asks for, in whole milliseconds and never less; of
/// several the longest that can be believed. Times are measured from the answer's
/// own `Date`, so that no clock has to agree with the upstream's. When a limit is
/// lifted counts only with the status 429, and where no wait is named.
pub(super) fn retry_after(response: &Response) -> Option<Duration> {
    let sent = sent(response);
    let named = texts(response, "retry-after").flat_map(|text| of_retry_after(text, sent));
    let milliseconds = MILLISECONDS.iter().flat_map(|name| texts(response, name));
    let named = longest(named.chain(milliseconds.filter_map(self::milliseconds)));
    let wait = named.or_else(|| {
        let resets = RESETS.iter().filter(|_| response.status() == 429);
        let resets = resets.flat_map(|name| texts(response, name));
        longest(resets.filter_map(|text| of_number(seconds(text)?, sent)))
    });
    let millis = wait?.min(LONGEST).as_nanos().div_ceil(1_000_000);
    Some(Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX)))
}

/// When the answer was sent, by the upstream's own clock.
pub(super) fn sent(response: &Response) -> Option<SystemTime> {
    date::time(response.header("date")?)
}

/// The values of a header that are text.
fn texts<'r>(response: &'r Response, name: &str) -> impl Iterator<Item = &'r str> {
    let values = response.headers().iter();
    let values = values.filter(move |(other, _)| other.eq_ignore_ascii_case(name));
    values.filter_map(|(_, value)| std::str::from_utf8(value).ok())
}

/// A number, a date, or several numbers that a proxy has put together.
fn of_retry_after(text: &str, sent: Option<SystemTime>) -> Vec<Duration> {
    if let Some(time) = date::time(text) {
        return until(time, sent).into_iter().collect();
    }
    let numbers = text.split(',').map(|text| of_number(seconds(text)?, sent));
    numbers.collect::<Option<_>>().unwrap_or_default()
}

/// A number as seconds, rounded up to milliseconds: digits, and maybe a fraction.
pub(super) fn seconds(text: &str) -> Option<Duration> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let whole = Duration::from_secs(whole.parse().unwrap_or(u64::MAX));
    let (thousandths, rest) = fraction.split_at(fraction.len().min(3));
    let thousandths: u64 = format!("{thousandths:0<3}").parse().ok()?;
    let rest = u64::from(rest.bytes().any(|digit| digit != b'0'));
    Some(whole.saturating_add(Duration::from_millis(thousandths + rest)))
}

fn milliseconds(text: &str) -> Option<Duration> {
    let number = seconds(text)?;
    let rest = u64::from(number.subsec_nanos() > 0);
    Some(Duration::from_millis(number.as_secs().saturating_add(rest)))
}

/// A number of seconds is a wait, a Unix time in seconds, or one in milliseconds.
fn of_number(number: Duration, sent: Option<SystemTime>) -> Option<Duration> {
    let since_1970 = match number.as_secs() {
        ..FIRST_TIME => return Some(number),
        FIRST_TIME..FIRST_MILLISECONDS => number,
        milliseconds => Duration::from_millis(milliseconds),
    };
    match UNIX_EPOCH.checked_add(since_1970) {
        Some(time) => until(time, sent),
        None => Some(Duration::MAX),
    }
}

/// Without the upstream's clock a time says nothing.
fn until(time: SystemTime, sent: Option<SystemTime>) -> Option<Duration> {
    Some(time.duration_since(sent?).unwrap_or_default())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(status: u16, headers: &[(&str, &str)]) -> Option<Duration> {
        retry_after(&Response::new(status, headers, ""))
    }

    #[test]
    fn every_form_of_an_asked_wait_is_read() {
        let table = include_str!("../../../tests/api/asked-waits.txt");
        let rows = table
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut count = 0;
        for row in rows {
            let cells: Vec<_> = row.split('|').collect();
            let [expected, status, headers @ ..] = &cells[..] else {
                panic!("{row}")
            };
            let headers = headers
                .iter()
                .map(|header| header.trim().split_once(':').unwrap());
            let date = ("date", "Tue, 25 Aug 2026 00:00:00 GMT");
            let headers: Vec<_> = headers.chain([date]).collect();
            let expected = expected.trim().parse().ok().map(Duration::from_millis);
            assert_eq!(wait(status.trim().parse().unwrap(), &headers), expected, "{row}");
            count += 1;
        }
        assert!(count > 50);
    }

    #[test]
    fn a_time_says_nothing_without_the_upstreams_clock() {
        assert_eq!(wait(429, &[]), None);
        for time in [
            "Wed, 21 Oct 2026 07:29:30 GMT",
            "1787616060",
            "2026-08-25T00:01:00Z",
        ] {
            assert_eq!(wait(429, &[("retry-after", time)]), None, "{time}");
        }
    }
}
