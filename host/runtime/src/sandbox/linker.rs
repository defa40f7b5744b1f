//! What a guest can call: the contract and the closed standard world. Each call
//! is counted where the host's side of it is fetched.

use wasmtime::component::{HasSelf, Linker};
use wasmtime_wasi::p2::bindings::filesystem;
use wasmtime_wasi_http::WasiHttp;
use wasmtime_wasi_http::p2::bindings::{LinkOptions, http};

use super::charged::ChargedHttp;
use super::files::GrantedFiles;
use super::state::State;
use crate::sandbox::bindings::AgentHost;

/// The linker of all agents. Made once; each plugin is prepared with it once.
pub fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    AgentHost::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    // Files are the host's own affair: these take the place of the runtime's.
    linker.allow_shadowing(true);
    filesystem::types::add_to_linker::<State, GrantedFiles>(&mut linker, State::files)?;
    filesystem::preopens::add_to_linker::<State, GrantedFiles>(&mut linker, State::files)?;
    linker.allow_shadowing(false);
    let options = LinkOptions::default();
    http::types::add_to_linker::<State, ChargedHttp>(&mut linker, &(&options).into(), State::requests)?;
    http::outgoing_handler::add_to_linker::<State, WasiHttp>(&mut linker, |state| state.requests().http)?;
    Ok(linker)
}
