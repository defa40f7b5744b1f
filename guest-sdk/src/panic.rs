//! A panic's message reaches the host.

use crate::log::{self, Level};

/// The field that marks a log line as the words of a panic, with its place.
const PANIC_FIELD: &str = "panic";

pub(crate) fn install() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let message = info.payload_as_str().unwrap_or("no message");
        log::write(Level::Error, message, &[(PANIC_FIELD, &place)]);
    }));
}
