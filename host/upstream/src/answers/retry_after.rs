//! When an upstream wants to be asked again.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde_json::Value;

/// The longest wait that is believed: no quota of a plan is longer than a month
/// or two.
pub(super) const LONGEST: Duration = Duration::from_secs(62 * 24 * 3600);
/// Numbers below it are seconds to wait, those above are Unix times: it is a
/// wait of three years, and a time in 1973.
const FIRST_TIME: u64 = 100_000_000;
/// Numbers from it on are milliseconds: as seconds it is the year 5138.
const FIRST_MILLISECONDS: u64 = 100_000_000_000;

/// What a field says: seconds to wait, a Unix time, or a date and a time
/// somewhere in a text.
pub(super) fn in_field(value: &Value, utc_offset_minutes: i32, now: SystemTime) -> Option<Duration> {
    match value {
        Value::Number(number) => {
            let number = number
                .as_u64()
                .or_else(|| number.as_f64().filter(|n| *n >= 0.0).map(|n| n.ceil() as u64))?;
            Some(of_number(Duration::from_secs(number), now))
        }
        Value::String(text) => match seconds(text) {
            Some(number) => Some(of_number(number, now)),
            None => of_text(text, utc_offset_minutes).map(|time| until(time, now)),
        },
        _ => None,
    }
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

/// A number of seconds is a wait, a Unix time in seconds, or one in milliseconds.
pub(super) fn of_number(number: Duration, now: SystemTime) -> Duration {
    let since_1970 = match number.as_secs() {
        ..FIRST_TIME => return number,
        FIRST_TIME..FIRST_MILLISECONDS => number,
        milliseconds => Duration::from_millis(milliseconds),
    };
    UNIX_EPOCH
        .checked_add(since_1970)
        .map_or(Duration::MAX, |time| until(time, now))
}

/// The first date and time that stand in a text, with their zone if they have
/// one.
fn of_text(text: &str, utc_offset_minutes: i32) -> Option<SystemTime> {
    let digits = text.match_indices(|c: char| c.is_ascii_digit());
    let starts = digits.map(|(at, _)| at).filter(|at| {
        let before = text.get(..*at).and_then(|before| before.chars().next_back());
        !before.is_some_and(|c| c.is_ascii_digit())
    });
    starts
        .filter_map(|at| text.get(at..))
        .find_map(|text| date_and_time(text, utc_offset_minutes))
}

/// The date and time that a text begins with: `2026-08-25 07:41:44`, with `T` or
/// a space between, and maybe with a fraction and a zone.
pub(super) fn date_and_time(text: &str, utc_offset_minutes: i32) -> Option<SystemTime> {
    const CIVIL: usize = "2026-08-25 07:41:44".len();
    let civil: DateTime = text.get(..CIVIL)?.replacen('T', " ", 1).parse().ok()?;
    let rest = text.get(CIVIL..).unwrap_or_default();
    let zoned = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ':' | '+' | '-' | 'Z')));
    let whole = text
        .get(..CIVIL + zoned.unwrap_or(rest.len()))?
        .trim_end_matches(['.', ':', '-', '+']);
    if let Ok(time) = whole.parse::<Timestamp>() {
        return time.try_into().ok();
    }
    let offset = Offset::from_seconds(utc_offset_minutes.checked_mul(60)?).ok()?;
    offset.to_timestamp(civil).ok()?.try_into().ok()
}

/// How long it is until a time; nothing if it is over.
pub(super) fn until(time: SystemTime, now: SystemTime) -> Duration {
    time.duration_since(now).unwrap_or(Duration::ZERO)
}

/// A wait as long as can be believed, and not shorter than asked: in whole
/// milliseconds.
pub(super) fn believed(wait: Duration) -> Duration {
    let millis = wait.min(LONGEST).as_nanos().div_ceil(1_000_000);
    Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}
