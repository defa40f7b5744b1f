//! What is looked at before anything is compiled: compiling cannot be
//! interrupted, and a small file can ask for minutes of it.
//!
//! This refuses quickly and says why. It is no wall: it runs in the process that
//! compiles, whose time and memory are limited whatever it is given, and whose
//! artefact is bounded.
//!
//! What a component expands to is counted without looking at an index. Components
//! are refused as values (imported, exported, or taken out of an instance), which
//! no tool makes; so whatever an instantiation names was defined before it in the
//! file, and costs no more than the largest component that has ended so far. The
//! types of instances and functions are asked of wasmparser's own validator, which
//! keeps the index spaces.

mod expansion;
mod tally;
mod type_size;
mod wasi;

use wasmparser::{Parser, Validator, WasmFeatures};

use super::fault::{Measure, PluginFault, at_most};
use crate::engine::LoadingRules;
use expansion::Expansion;
use tally::Tally;

/// What can be seen from the first bytes: enough to start no process for it.
pub(super) fn header(bytes: &[u8], rules: &LoadingRules) -> Result<(), PluginFault> {
    at_most(Measure::File, bytes.len() as u64, rules.file)?;
    if !bytes.starts_with(b"\0asm") {
        let why = "the file does not start with `\\0asm`";
        return Err(PluginFault::Malformed(why.into()));
    }
    if Parser::is_core_wasm(bytes) {
        return Err(PluginFault::CoreModule);
    }
    Ok(())
}

/// Checks the size and the shape of a file's bytes.
pub(super) fn check(bytes: &[u8], rules: &LoadingRules) -> Result<(), PluginFault> {
    header(bytes, rules)?;
    let mut tally = Tally::new(rules);
    let mut expansion = Expansion::default();
    // The features are the runtime's matter, which validates again.
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(malformed)?;
        wasi::check(&payload)?;
        tally.add(&payload)?;
        expansion.before(&payload)?;
        // Not the functions' bodies, which take most of the time.
        validator.payload(&payload).map_err(malformed)?;
        expansion.after(&payload, validator.types(0))?;
    }
    Ok(())
}

fn malformed(error: wasmparser::BinaryReaderError) -> PluginFault {
    PluginFault::Malformed(error.to_string())
}

#[cfg(test)]
mod tests;
