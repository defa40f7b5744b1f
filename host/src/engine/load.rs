//! The one place with `unsafe`: loading a compiled artefact.
#![allow(unsafe_code)]

use wasmtime::component::Component;

/// Loads an artefact that this host compiled.
///
/// The bytes must come from this program's own compile child, in this run or,
/// by way of the cache, in an earlier one: the cache hands out only what
/// carries a keyed MAC over the bytes, the engine's settings and the runtime's
/// version. The runtime itself checks none of the machine code.
pub(super) fn trusted(engine: &wasmtime::Engine, artefact: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: the bytes were made by `Component::serialize` in a compile child
    // of this program and have not been changed since, as said above.
    unsafe { Component::deserialize(engine, artefact) }
}
