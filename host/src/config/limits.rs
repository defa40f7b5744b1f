//! What one attempt may use, and how often a failed task runs again.

use std::time::Duration;

use super::error::{ConfigError, value};
use super::schema::{LimitsEntry, RetryEntry};

/// What one attempt may use. Every limit is on by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// WebAssembly instructions, roughly: a billion take about half a second.
    pub fuel: u64,
    /// Processor time.
    pub cpu: Duration,
    /// Time from the attempt's start, waits included.
    pub deadline: Duration,
    /// Bytes of all memories together.
    pub memory: u64,
    /// Elements of all tables together.
    pub table_elements: u32,
    /// Handles open at once.
    pub handles: u32,
    /// Calls to the host.
    pub host_calls: u32,
    /// Bytes handed to the host in all calls together.
    pub host_bytes: u64,
    /// Bytes of the input, results of dependencies included.
    pub input: u64,
    /// Bytes of the output, and of a partial result.
    pub output: u64,
    /// Bytes of log lines; what goes over is dropped and counted.
    pub log: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel: 5_000_000_000,
            cpu: Duration::from_secs(10),
            deadline: Duration::from_secs(30),
            memory: 64 << 20,
            table_elements: 50_000,
            handles: 1_000,
            host_calls: 100_000,
            host_bytes: 64 << 20,
            input: 16 << 20,
            output: 1 << 20,
            log: 64 << 10,
        }
    }
}

/// How often and how late a failed task runs again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryLimits {
    /// Attempts in all, at least one.
    pub max_attempts: u32,
    /// The wait before the second attempt; it doubles from there.
    pub base: Duration,
    /// The longest wait.
    pub max_delay: Duration,
}

impl Default for RetryLimits {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            base: Duration::from_millis(100),
            max_delay: Duration::from_secs(30),
        }
    }
}

/// Limits as written, with the defaults where nothing is, within their ranges.
pub(super) fn limits(key: &str, entry: &LimitsEntry) -> Result<Limits, ConfigError> {
    let default = Limits::default();
    let limits = Limits {
        fuel: entry.fuel.unwrap_or(default.fuel),
        cpu: entry.cpu.map_or(default.cpu, |span| span.0),
        deadline: entry.deadline.map_or(default.deadline, |span| span.0),
        memory: entry.memory.map_or(default.memory, |size| size.0),
        table_elements: entry.table_elements.unwrap_or(default.table_elements),
        handles: entry.handles.unwrap_or(default.handles),
        host_calls: entry.host_calls.unwrap_or(default.host_calls),
        host_bytes: entry.host_bytes.map_or(default.host_bytes, |size| size.0),
        input: entry.input.map_or(default.input, |size| size.0),
        output: entry.output.map_or(default.output, |size| size.0),
        log: entry.log.map_or(default.log, |size| size.0),
    };
    let ranges = [
        ("memory", limits.memory, 64 << 10, 256 << 20, "64KiB to 256MiB"),
        ("output", limits.output, 1, 64 << 20, "1B to 64MiB"),
        ("input", limits.input, 1, 64 << 20, "1B to 64MiB"),
        ("log", limits.log, 0, 16 << 20, "0B to 16MiB"),
        ("fuel", limits.fuel, 1, u64::MAX, "1 up"),
        (
            "table_elements",
            u64::from(limits.table_elements),
            0,
            50_000,
            "0 to 50000",
        ),
    ];
    for (name, found, least, most, range) in ranges {
        if found < least || found > most {
            return Err(value(
                format!("{key}.limits.{name}"),
                format!("is not within {range}"),
            ));
        }
    }
    let day = Duration::from_secs(86_400);
    for (name, found) in [("cpu", limits.cpu), ("deadline", limits.deadline)] {
        if found.is_zero() || found > day {
            return Err(value(format!("{key}.limits.{name}"), "is not within 1ms to 24h"));
        }
    }
    Ok(limits)
}

/// Retry rules as written, with the defaults where nothing is.
pub(super) fn retry(key: &str, entry: &RetryEntry) -> Result<RetryLimits, ConfigError> {
    let default = RetryLimits::default();
    let retry = RetryLimits {
        max_attempts: entry.max_attempts.unwrap_or(default.max_attempts),
        base: entry.base.map_or(default.base, |span| span.0),
        max_delay: entry.max_delay.map_or(default.max_delay, |span| span.0),
    };
    if !(1..=1000).contains(&retry.max_attempts) {
        return Err(value(
            format!("{key}.retry.max_attempts"),
            "is not from 1 to 1000",
        ));
    }
    if retry.base > retry.max_delay {
        return Err(value(format!("{key}.retry.base"), "is longer than `max_delay`"));
    }
    Ok(retry)
}
