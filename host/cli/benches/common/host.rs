//! A host in this process, and the built plugins.

use std::path::{Path, PathBuf};

use anyhow::Result;
use fusebox::Host;
use fusebox::engine::{Compiler, EngineOptions};

pub(crate) fn host() -> Result<Host> {
    let program = Path::new(env!("CARGO_BIN_EXE_fusebox")).to_owned();
    let options = EngineOptions {
        compiler: Compiler::Program(program),
        ..EngineOptions::default()
    };
    Ok(Host::new(&options)?)
}

pub(crate) fn plugin(name: &str) -> PathBuf {
    let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/plugins");
    plugins.join(format!("{name}.wasm"))
}
