//! Log lines, bounded by the host.
//!
//! ```no_run
//! use fusebox_sdk::log;
//! log::info!("read {} lines", 42);
//! ```

pub use crate::bindings::fusebox::agent::log::Level;
#[doc(inline)]
pub use crate::{__debug as debug, __error as error, __info as info, __trace as trace, __warn as warn};

/// Writes one line with fields, as name and value.
pub fn write(level: Level, message: &str, fields: &[(&str, &str)]) {
    let fields: Vec<_> = fields.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
    crate::bindings::fusebox::agent::log::write(level, message, &fields);
}

/// Writes a formatted line for every step.
#[doc(hidden)]
#[macro_export]
macro_rules! __trace {
    ($($arg:tt)*) => {
        $crate::log::write($crate::log::Level::Trace, &::std::format!($($arg)*), &[])
    };
}

/// Writes a formatted line for the plugin's author.
#[doc(hidden)]
#[macro_export]
macro_rules! __debug {
    ($($arg:tt)*) => {
        $crate::log::write($crate::log::Level::Debug, &::std::format!($($arg)*), &[])
    };
}

/// Writes a formatted line for the operator.
#[doc(hidden)]
#[macro_export]
macro_rules! __info {
    ($($arg:tt)*) => {
        $crate::log::write($crate::log::Level::Info, &::std::format!($($arg)*), &[])
    };
}

/// Writes a formatted line about something odd.
#[doc(hidden)]
#[macro_export]
macro_rules! __warn {
    ($($arg:tt)*) => {
        $crate::log::write($crate::log::Level::Warn, &::std::format!($($arg)*), &[])
    };
}

/// Writes a formatted line about something that failed.
#[doc(hidden)]
#[macro_export]
macro_rules! __error {
    ($($arg:tt)*) => {
        $crate::log::write($crate::log::Level::Error, &::std::format!($($arg)*), &[])
    };
}
