//! How long an upstream asks to be left alone.

use std::time::{Duration, SystemTime};

use super::Response;

/// The wait of `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date,
/// which is measured from the answer's own `Date`, so that no clock has to
/// agree with the upstream's. Some APIs say it in milliseconds, in
/// `retry-after-ms`, and mean that.
pub(super) fn retry_after(response: &Response) -> Option<Duration> {
    let milliseconds = response
        .header("retry-after-ms")
        .and_then(|v| v.trim().parse().ok());
    if let Some(milliseconds) = milliseconds {
        return Some(Duration::from_millis(milliseconds));
    }
    let asked = response.header("retry-after")?.trim();
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(asked).ok()?;
    Some(until.duration_since(sent(response)?).unwrap_or_default())
}

/// When the answer was sent, by the upstream's own clock.
pub(super) fn sent(response: &Response) -> Option<SystemTime> {
    httpdate::parse_http_date(response.header("date")?.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(headers: &[(&str, &str)]) -> Option<Duration> {
        retry_after(&Response::new(429, headers, ""))
    }

    #[test]
    fn seconds_milliseconds_and_dates_are_read() {
        let seconds = |n| Some(Duration::from_secs(n));
        let date = ("date", "Wed, 21 Oct 2026 07:28:00 GMT");
        assert_eq!(wait(&[("retry-after", " 120 ")]), seconds(120));
        assert_eq!(
            wait(&[("retry-after", "2"), ("retry-after-ms", "1000")]),
            seconds(1)
        );
        assert_eq!(
            wait(&[date, ("Retry-After", "Wed, 21 Oct 2026 07:29:30 GMT")]),
            seconds(90)
        );
        assert_eq!(
            wait(&[date, ("Retry-After", "Wed, 21 Oct 2026 07:27:00 GMT")]),
            seconds(0)
        );
    }

    #[test]
    fn what_is_no_wait_is_none() {
        assert_eq!(wait(&[]), None);
        assert_eq!(wait(&[("retry-after", "soon")]), None);
        assert_eq!(wait(&[("retry-after", "-1")]), None);
        // Without the upstream's clock a date says nothing.
        assert_eq!(wait(&[("retry-after", "Wed, 21 Oct 2026 07:29:30 GMT")]), None);
    }
}
