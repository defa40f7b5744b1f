//! What one attempt may use: the section `limits` of the configuration, with its
//! defaults.

use std::time::Duration;

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use fusebox_types::units::{Size, Span};
use fusebox_types::units::{size, span};

/// What one attempt may use. Every limit is on by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// WebAssembly instructions, roughly; a billion take about half a second.
    /// Ends endless loops, and always at the same instruction. Five billion are
    /// some seconds of honest work.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = u64::MAX)))]
    pub fuel: u64,
    /// Processor time. Catches what fuel does not see: the host's own work for
    /// the guest. Above what the default fuel takes, so that fuel, which always
    /// gives the same answer, is what ends a loop.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "Span", extend("x-least" = "1ms", "x-most" = "24h")))]
    pub cpu: Duration,
    /// Time from the attempt's start, waits included. It stands while the attempt only
    /// waits for a place or a rate of an upstream. A person who waits for an answer
    /// gives up at about half a minute.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "Span", extend("x-least" = "1ms", "x-most" = "24h")))]
    pub deadline: Duration,
    /// All memories together. Holds texts of many megabytes, and a hundred such
    /// sandboxes fit a small machine.
    #[serde(with = "size")]
    #[cfg_attr(feature = "schema", schemars(with = "Size", extend("x-least" = "64KiB", "x-most" = "256MiB")))]
    pub memory: u64,
    /// Elements of all tables together. An interpreter needs some ten thousand.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 50_000)))]
    pub table_elements: u32,
    /// Handles open at once. Far more than an honest agent has.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 100_000)))]
    pub handles: u32,
    /// Calls to the host, those of the language's library for clocks, streams and
    /// requests included. Each costs the host a little; this many cost a second.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 100_000_000)))]
    pub host_calls: u32,
    /// Bytes handed to the host in all calls together: log lines, partial results,
    /// request fields and bodies, what is written to streams. What the host holds
    /// for a guest is never more. As much as the memory holds.
    #[serde(with = "size")]
    #[cfg_attr(feature = "schema", schemars(with = "Size", extend("x-least" = "0B", "x-most" = "1GiB")))]
    pub host_bytes: u64,
    /// Bytes of the input, results that are handed on to it included. A quarter
    /// of the memory, since a plugin holds it and what it makes of it.
    #[serde(with = "size")]
    #[cfg_attr(feature = "schema", schemars(with = "Size", extend("x-least" = "1B", "x-most" = "64MiB")))]
    pub input: u64,
    /// Bytes of the output, and of a partial result. A long document.
    #[serde(with = "size")]
    #[cfg_attr(feature = "schema", schemars(with = "Size", extend("x-least" = "1B", "x-most" = "64MiB")))]
    pub output: u64,
    /// Bytes of log lines; what goes over is dropped, and the number dropped is
    /// reported. Some hundred lines.
    #[serde(with = "size")]
    #[cfg_attr(feature = "schema", schemars(with = "Size", extend("x-least" = "0B", "x-most" = "16MiB")))]
    pub log: u64,
    /// HTTP requests to upstreams. Enough for a conversation with an API.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 10_000)))]
    pub http_requests: u32,
    /// Bytes of one HTTP body, unpacked. An API's answer is far below it.
    #[serde(with = "size")]
    #[cfg_attr(feature = "schema", schemars(with = "Size", extend("x-least" = "0B", "x-most" = "64MiB")))]
    pub http_body: u64,
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
            http_requests: 100,
            http_body: 8 << 20,
        }
    }
}
