//! What loading a plugin may take, and how much of it is kept.

use std::time::Duration;

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use fusebox_types::units::{Size, Span};
use fusebox_types::units::{size, span};

/// What loading a plugin may take. A plugin over a bound is refused before any
/// of its code runs. The values are read when the program starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct LoadingRules {
    /// The plugin's file. One that carries an interpreter has 13 to 19 MB.
    #[serde(with = "size")]
    #[cfg_attr(feature = "schema", schemars(with = "Size", extend("x-least" = "1KiB", "x-most" = "1GiB")))]
    pub file: u64,
    /// The body of its largest function. The compiler's time can grow faster
    /// than the body; the largest in an interpreter has 430 kB.
    #[serde(with = "size")]
    #[cfg_attr(feature = "schema", schemars(with = "Size", extend("x-least" = "1KiB", "x-most" = "7MiB")))]
    pub function: u64,
    /// Functions in all its modules together. Interpreters have some 20 000.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 10_000_000)))]
    pub functions: u32,
    /// The compiled code, as a file. An interpreter comes to 40 MB.
    #[serde(with = "size")]
    #[cfg_attr(feature = "schema", schemars(with = "Size", extend("x-least" = "64KiB", "x-most" = "4GiB")))]
    pub artefact: u64,
    /// Processor time of the process that compiles. An interpreter takes 20 s
    /// of a slow machine.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "Span", extend("x-least" = "1s", "x-most" = "1h")))]
    pub compile_cpu: Duration,
    /// Time from the start of that process to its end.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "Span", extend("x-least" = "1s", "x-most" = "2h")))]
    pub compile_time: Duration,
    /// Address space of that process, of which 1 GiB is its allocator's and
    /// never touched. An interpreter touches 600 MB.
    #[serde(with = "size")]
    #[cfg_attr(feature = "schema", schemars(with = "Size", extend("x-least" = "2GiB", "x-most" = "64GiB")))]
    pub compile_memory: u64,
    /// Compiled code that is kept for the next run, of all plugins together. What
    /// was not used for longest goes first.
    #[serde(with = "size")]
    #[cfg_attr(feature = "schema", schemars(with = "Size", extend("x-least" = "0B", "x-most" = "1024GiB")))]
    pub cache: u64,
}

/// Measured in November 2026 on two cores: an agent built with componentize-py
/// 0.25.1 (18.5 MB, largest function 426 843 bytes) and one built with
/// componentize-js 0.19.3 (13.2 MB) take 19 and 22 s of processor time, 520 and
/// 580 MiB of memory, 1.3 GiB of address space, and give 38 and 41 MiB of code.
/// Each bound is some times that.
impl Default for LoadingRules {
    fn default() -> Self {
        Self {
            file: 64 << 20,
            function: 1 << 20,
            functions: 200_000,
            artefact: 256 << 20,
            compile_cpu: Duration::from_secs(120),
            compile_time: Duration::from_secs(180),
            compile_memory: 3 << 30,
            cache: 2 << 30,
        }
    }
}
