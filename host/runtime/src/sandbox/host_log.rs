//! `fusebox:agent/log`: structured log lines, bounded.

use super::account::pairs_cost;
use super::state::State;
use crate::sandbox::bindings::log;
use fusebox_types::{Level, Line};

impl log::Host for State {
    fn write(
        &mut self,
        level: log::Level,
        message: String,
        fields: Vec<(String, String)>,
    ) -> wasmtime::Result<()> {
        self.charge(message.len() + pairs_cost(&fields))?;
        let level = match level {
            log::Level::Trace => Level::Trace,
            log::Level::Debug => Level::Debug,
            log::Level::Info => Level::Info,
            log::Level::Warn => Level::Warn,
            log::Level::Error => Level::Error,
        };
        self.lines.push(Line {
            level,
            message,
            fields,
        });
        Ok(())
    }
}
