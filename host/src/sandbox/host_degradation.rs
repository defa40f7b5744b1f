//! `fusebox:agent/degradation`: results that are worth keeping when the
//! attempt fails.

use super::state::State;
use super::stop::Stop;
use crate::bindings::{degradation, types};

impl degradation::Host for State {
    fn partial(&mut self, content: types::Content) -> wasmtime::Result<()> {
        self.charge(content.bytes.len() + content.content_type.len())?;
        let (bytes, limit) = (content.bytes.len() as u64, self.limits.output);
        if bytes > limit {
            return Err(Stop::Partial { bytes, limit }.into());
        }
        self.partial = Some(content);
        Ok(())
    }

    /// Accepted and not used yet: what a task without a result comes to is
    /// decided by the session alone.
    fn fallback(&mut self, content: types::Content) -> wasmtime::Result<()> {
        self.charge(content.bytes.len() + content.content_type.len())
    }
}
