//! The clock on the wall.

use jiff::Timestamp;

/// Now, in Unix milliseconds.
pub(crate) fn unix_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// A Unix time in milliseconds, for people.
pub(crate) fn timestamp(unix: u64) -> Timestamp {
    let unix = i64::try_from(unix).ok();
    let at = unix.and_then(|unix| Timestamp::from_millisecond(unix).ok());
    at.unwrap_or(Timestamp::MAX)
}
