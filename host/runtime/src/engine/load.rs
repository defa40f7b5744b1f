//! The one place with `unsafe`: loading a compiled artefact.
#![allow(unsafe_code)]

use std::fs::File;
use std::os::fd::AsRawFd;

use wasmtime::component::Component;

/// Maps an artefact that this host compiled.
///
/// The file must come from this program's own compile child, in this run or, by
/// way of the cache, in an earlier one: the cache hands out only what carries a
/// keyed MAC over its bytes, the engine's settings and the runtime's version. The
/// runtime itself checks none of the machine code.
///
/// It is mapped through the handle with which it was checked, so that another
/// file in its place meanwhile is not taken for it.
pub(super) fn trusted(engine: &wasmtime::Engine, artefact: &File) -> wasmtime::Result<Component> {
    let same_file = format!("/proc/self/fd/{}", artefact.as_raw_fd());
    // SAFETY: the file was made by `Component::serialize` in a compile child of
    // this program, has been checked as said above, and lies in a folder that only
    // its owner can enter (or has no name at all); this program never writes to
    // one that has been checked.
    unsafe { Component::deserialize_file(engine, same_file) }
}
