//! What a guest can call: the contract and the closed standard world.

use wasmtime::component::{HasSelf, Linker};

use super::state::State;
use crate::bindings::AgentHost;

/// The linker of all agents. Made once; each plugin is prepared with it once.
pub(crate) fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    AgentHost::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    Ok(linker)
}
