//! `fusebox:agent/progress`: how far the attempt is.

use super::state::State;
use crate::bindings::progress;

impl progress::Host for State {
    fn report(&mut self, fraction: f32, mut message: String) -> wasmtime::Result<()> {
        self.charge(message.len())?;
        if let Some(granted) = &self.granted {
            granted.hide(&mut message);
        }
        self.progress.report(&self.outside.events, fraction, &message);
        Ok(())
    }
}
