//! `fusebox:agent/progress`: how far the attempt is.

use super::state::State;
use crate::sandbox::bindings::progress;

impl progress::Host for State {
    fn report(&mut self, fraction: f32, message: String) -> wasmtime::Result<()> {
        self.charge(message.len())?;
        self.progress.report(&self.outside.events, fraction, message);
        Ok(())
    }
}
