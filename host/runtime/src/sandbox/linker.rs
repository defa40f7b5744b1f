//! What a guest can call: the contract and the closed standard world. Each call
//! is counted where the host's side of it is fetched.

use wasmtime::component::{HasSelf, Linker};
use wasmtime_wasi::WasiView as _;
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView as _};
use wasmtime_wasi::p2::bindings::{clocks, filesystem, random};
use wasmtime_wasi::random::{WasiRandom, WasiRandomCtx};
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
    witnessed(&mut linker)?;
    linker.allow_shadowing(false);
    let options = LinkOptions::default();
    http::types::add_to_linker::<State, ChargedHttp>(&mut linker, &(&options).into(), State::requests)?;
    http::outgoing_handler::add_to_linker::<State, WasiHttp>(&mut linker, |state| state.requests().http)?;
    Ok(linker)
}

/// Links what answers otherwise each time that it is asked, so that it is noted who
/// asked. What is waited for comes of one of these, of a request or of a file.
fn witnessed(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    clocks::wall_clock::add_to_linker::<State, WasiClocks>(linker, |state| state.learns().clocks())?;
    clocks::monotonic_clock::add_to_linker::<State, WasiClocks>(linker, |state| state.learns().clocks())?;
    random::random::add_to_linker::<State, WasiRandom>(linker, drawn)?;
    random::insecure::add_to_linker::<State, WasiRandom>(linker, drawn)?;
    random::insecure_seed::add_to_linker::<State, WasiRandom>(linker, drawn)
}

fn drawn(state: &mut State) -> &mut WasiRandomCtx {
    state.learns().ctx().ctx.random()
}
