//! The one place that reads the clock on the wall.
//!
//! That clock can be set: by a person, by a time server, by a machine that wakes
//! up. So each process reads it once, and counts on from there by a clock that
//! no setting moves and that goes on while the machine sleeps. All times that a
//! process tells fit each other, and nothing ends before it has begun.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

/// What the clock on the wall said first, and what the steady one said then.
static FIRST: LazyLock<(Timestamp, Duration)> = LazyLock::new(first);

#[expect(clippy::disallowed_methods, reason = "everybody else asks here")]
fn first() -> (Timestamp, Duration) {
    (Timestamp::now(), steady())
}

/// The date and time.
pub fn now() -> Timestamp {
    let (wall, steady_then) = *FIRST;
    let passed = steady().saturating_sub(steady_then);
    wall.checked_add(passed).unwrap_or(Timestamp::MAX)
}

/// So long ago.
pub fn before(ago: Duration) -> Timestamp {
    now().checked_sub(ago).unwrap_or(Timestamp::MIN)
}

/// Now, for those who know no other type.
pub fn system_time() -> SystemTime {
    let since = Duration::try_from(now().as_duration()).unwrap_or_default();
    SystemTime::UNIX_EPOCH
        .checked_add(since)
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

/// When the steady clock was at zero, in Unix milliseconds.
pub fn origin_ms() -> i64 {
    let (wall, steady_then) = *FIRST;
    let steady_then = i64::try_from(steady_then.as_millis()).unwrap_or(i64::MAX);
    wall.as_millisecond().saturating_sub(steady_then)
}

/// A time that only goes on, at one pace: on Linux since the machine's start, the
/// same for all processes.
#[cfg(target_os = "linux")]
pub fn steady() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let (seconds, nanos) = (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec));
    Duration::new(seconds.unwrap_or(0), nanos.unwrap_or(0))
}

/// A time that only goes on, at one pace: since this process first asked.
#[cfg(not(target_os = "linux"))]
pub fn steady() -> Duration {
    static START: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);
    START.elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_clocks_keep_their_distance() {
        let (from, origin) = (now(), origin_ms());
        std::thread::sleep(Duration::from_millis(5));
        let to = now();
        assert!(to.duration_since(from).as_millis() >= 5);
        let steady = i64::try_from(steady().as_millis()).unwrap();
        let apart = to.as_millisecond() - (origin + steady);
        assert!((-1000..=1).contains(&apart), "{apart} ms");
        let system = system_time().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        assert!(system.as_micros() >= to.as_microsecond() as u128);
    }
}
