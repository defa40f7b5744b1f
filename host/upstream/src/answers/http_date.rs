//! Dates in headers.

use std::time::{Duration, SystemTime};

/// One of the three dates of HTTP (RFC 9110, 5.6.7). Services also write another
/// zone than `GMT`: `+0000`, `+0200`, `UTC`.
pub(super) fn http_date(text: &str) -> Option<SystemTime> {
    let text = text.trim();
    if let Ok(time) = httpdate::parse_http_date(text) {
        return Some(time);
    }
    let (civil, zone) = text.rsplit_once(' ')?;
    let (east, offset) = offset(zone)?;
    let civil = civil.trim_end();
    // `asctime` has no zone of its own.
    let time = httpdate::parse_http_date(civil);
    let time = time.or_else(|_| httpdate::parse_http_date(&format!("{civil} GMT")));
    let time = time.ok()?;
    if east {
        time.checked_sub(offset)
    } else {
        time.checked_add(offset)
    }
}

/// How far a zone is from Greenwich, and whether to the east.
fn offset(zone: &str) -> Option<(bool, Duration)> {
    if ["GMT", "UTC", "UT", "Z"]
        .iter()
        .any(|name| zone.eq_ignore_ascii_case(name))
    {
        return Some((true, Duration::ZERO));
    }
    let east = zone.starts_with('+');
    let digits = zone.strip_prefix(['+', '-'])?.replace(':', "");
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    let (hours, minutes) = (number / 100, number % 100);
    let minutes = (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)?;
    Some((east, Duration::from_secs(minutes * 60)))
}
