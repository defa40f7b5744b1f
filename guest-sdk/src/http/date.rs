//! Dates and times in headers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// `2026-08-25T07:41:44`, without a zone.
const CIVIL: usize = 19;

/// The time that a text is: one of the three dates of HTTP (RFC 9110, section
/// 5.6.7), also with another zone than `GMT`, or a date and time of ISO 8601.
pub(super) fn time(text: &str) -> Option<SystemTime> {
    let text = text.trim();
    let of_http = || httpdate::parse_http_date(text).ok();
    of_http().or_else(|| zoned(text)).or_else(|| iso(text))
}

/// A date of HTTP with a zone such as `+0000`, `+0200` or `UTC`.
fn zoned(text: &str) -> Option<SystemTime> {
    let (civil, zone) = text.rsplit_once(' ')?;
    let civil = civil.trim_end();
    // `asctime` has no zone of its own.
    let time = httpdate::parse_http_date(civil);
    let time = time.or_else(|_| httpdate::parse_http_date(&format!("{civil} GMT")));
    in_zone(time.ok()?, zone)
}

/// `2026-08-25T07:41:44`, with `T` or a space between, and maybe with a fraction
/// and a zone; without one it is in UTC.
fn iso(text: &str) -> Option<SystemTime> {
    let (date, time) = text.get(..CIVIL)?.split_once(['T', ' '])?;
    let ([year, month, day], [hour, minute, second]) = (numbers(date, '-')?, numbers(time, ':')?);
    let exists = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !exists || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    let rest = text.get(CIVIL..)?;
    let zone = rest.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let fraction = rest.strip_suffix(zone)?;
    let fraction = super::wait::seconds(&format!("0{fraction}"))?;
    let time = UNIX_EPOCH + Duration::from_secs(seconds) + fraction;
    match zone {
        "" => Some(time),
        zone => in_zone(time, zone),
    }
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

/// The time that this is, if it is meant in that zone.
fn in_zone(time: SystemTime, zone: &str) -> Option<SystemTime> {
    if ["GMT", "UTC", "UT", "Z"]
        .iter()
        .any(|name| zone.eq_ignore_ascii_case(name))
    {
        return Some(time);
    }
    let digits = zone.strip_prefix(['+', '-'])?.replace(':', "");
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    let (hours, minutes) = (number / 100, number % 100);
    let minutes = (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)?;
    let offset = Duration::from_secs(minutes * 60);
    if zone.starts_with('+') {
        time.checked_sub(offset)
    } else {
        time.checked_add(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_over_leap_years() {
        let date = |text| time(text).unwrap().duration_since(UNIX_EPOCH).unwrap().as_secs();
        for (iso, http) in [
            ("1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
            ("2000-02-29T23:59:59Z", "Tue, 29 Feb 2000 23:59:59 GMT"),
            ("2026-03-01T00:00:00Z", "Sun, 01 Mar 2026 00:00:00 GMT"),
            ("2100-03-01T12:00:00Z", "Mon, 01 Mar 2100 12:00:00 GMT"),
        ] {
            assert_eq!(date(iso), date(http), "{iso}");
        }
    }
}
