//! When GLM's quotas are full again. It says so in the message only.

use std::time::{Duration, UNIX_EPOCH};

use fusebox_sdk::http::Response;

/// Its times are those of Beijing.
const UTC_OFFSET_SECONDS: u64 = 8 * 3600;
/// `2026-08-25 07:41:44`
const LENGTH: usize = 19;

/// How long until the time that a message names, by the upstream's own clock.
pub(super) fn wait(response: &Response, message: &str) -> Option<Duration> {
    let until = UNIX_EPOCH.checked_add(Duration::from_secs(
        time_in(message)?.checked_sub(UTC_OFFSET_SECONDS)?,
    ))?;
    Some(until.duration_since(response.sent()?).unwrap_or_default())
}

/// The first time in a text, in seconds as if it were in UTC.
fn time_in(text: &str) -> Option<u64> {
    let starts = text.char_indices().filter(|(_, c)| c.is_ascii_digit());
    starts
        .filter_map(|(at, _)| text.get(at..at + LENGTH))
        .find_map(seconds)
}

fn seconds(text: &str) -> Option<u64> {
    let (date, time) = text.split_once(' ')?;
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(time, ':')?;
    let exists = year >= 1970 && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !exists || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

fn numbers(text: &str, mark: char) -> Option<[u64; 3]> {
    let numbers: Option<Vec<u64>> = text.split(mark).map(|part| part.parse().ok()).collect();
    numbers?.try_into().ok()
}

/// Days since 1970-01-01 in the Gregorian calendar: `days_from_civil` of Howard
/// Hinnant's "chrono-Compatible Low-Level Date Algorithms", for years from 1970.
const fn days(year: u64, month: u64, day: u64) -> u64 {
    // Years begin in March, so that the leap day is their last.
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let (era, year) = (year / 400, year % 400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + year * 365 + year / 4 - year / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_over_leap_years() {
        assert_eq!(days(1970, 1, 1), 0);
        assert_eq!(days(2000, 2, 29), 11_016);
        assert_eq!(days(2000, 3, 1), 11_017);
        assert_eq!(days(2026, 8, 25), 20_690);
    }

    #[test]
    fn a_time_is_found_among_words() {
        assert_eq!(time_in("将在 1970-01-02 00:00:01 重置。"), Some(86_401));
        assert_eq!(time_in("5 hours, 12 of 1970-01-01 00:00:00"), Some(0));
        for text in [
            "",
            "5",
            "2026-13-01 00:00:00",
            "2026-08-25T07:41:44",
            "2026-08-25 24:00:00",
        ] {
            assert_eq!(time_in(text), None, "{text}");
        }
    }
}
