//! `fusebox:agent/degradation`: results that are worth keeping when the
//! attempt fails.

use super::state::State;
use super::stop::Stop;
use crate::sandbox::bindings::{degradation, types};

impl State {
    /// What a guest hands in, within its limits.
    fn part(&mut self, content: types::Content) -> wasmtime::Result<types::Content> {
        self.charge(content.bytes.len() + content.content_type.len())?;
        self.goes_on();
        let (bytes, limit) = (content.bytes.len() as u64, self.limits.output);
        if bytes > limit {
            return Err(Stop::Partial { bytes, limit }.into());
        }
        Ok(content)
    }
}

impl degradation::Host for State {
    fn partial(&mut self, content: types::Content) -> wasmtime::Result<()> {
        self.partial = Some(self.part(content)?);
        Ok(())
    }

    fn fallback(&mut self, content: types::Content) -> wasmtime::Result<()> {
        self.fallback = Some(self.part(content)?);
        Ok(())
    }
}
