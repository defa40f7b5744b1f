//! The child process that compiles: this program, started again.
//!
//! It limits its own processor time, memory and files before it reads anything.
//! On its standard input are the length of the component and the component; the
//! host then holds the pipe open, and a child whose pipe closes ends: no child
//! outlives its host, however that ended. Its standard output is the file that the
//! artefact is to be in. What it refuses it says as JSON on standard error.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::thread;

use rustix::process::{Resource, Rlimit, setrlimit};

use super::fault::{Measure, PluginFault, at_most};
use super::{prescan, settings};
use crate::engine::LoadingRules;

/// Marks a child. Its value is the rules that it keeps, as JSON.
pub(super) const CHILD_VARIABLE: &str = "FUSEBOX_COMPILE_CHILD";
/// What a child writes behind the artefact: it is whole.
pub(super) const TRAILER: &[u8] = b"\nfusebox-artefact-2\n";
/// The exit code of a child that has refused the component.
pub(super) const REFUSED: i32 = 1;

/// Serves as a compile child and ends the process, if it was started as one;
/// else returns at once. Call it first in `main`:
///
/// ```no_run
/// fusebox_runtime::engine::serve_compile_child();
/// ```
pub fn serve_compile_child() {
    let Some(rules) = std::env::var_os(CHILD_VARIABLE) else {
        return;
    };
    let rules = rules.to_str().and_then(|rules| serde_json::from_str(rules).ok());
    let code = match rules.ok_or_else(no_rules).and_then(|rules| serve(&rules)) {
        Ok(Ok(())) => 0,
        Ok(Err(fault)) => {
            eprint!("{}", serde_json::to_string(&fault).unwrap_or_default());
            REFUSED
        }
        Err(error) => {
            eprint!("{error}");
            2
        }
    };
    std::process::exit(code);
}

/// Whether this process was started as a child.
pub(super) fn is_child() -> bool {
    std::env::var_os(CHILD_VARIABLE).is_some()
}

fn no_rules() -> io::Error {
    io::Error::other("started by another version of this program")
}

/// The child's whole work.
fn serve(rules: &LoadingRules) -> io::Result<Result<(), PluginFault>> {
    limit(Resource::Cpu, rules.compile_cpu.as_secs())?;
    limit(Resource::As, rules.compile_memory)?;
    limit(Resource::Fsize, rules.artefact + TRAILER.len() as u64)?;
    limit(Resource::Core, 0)?;
    let bytes = component()?;
    end_with_the_host();
    let artefact = match compile(&bytes, rules) {
        Ok(artefact) => artefact,
        Err(fault) => return Ok(Err(fault)),
    };
    let mut out = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    out.write_all(&artefact)?;
    out.write_all(TRAILER)?;
    Ok(Ok(()))
}

fn compile(bytes: &[u8], rules: &LoadingRules) -> Result<Vec<u8>, PluginFault> {
    prescan::check(bytes, rules)?;
    let failed = |error: wasmtime::Error| PluginFault::Malformed(format!("{error:#}"));
    let engine = wasmtime::Engine::new(&settings::common()).map_err(failed)?;
    let artefact = engine.precompile_component(bytes).map_err(failed)?;
    at_most(Measure::Artefact, artefact.len() as u64, rules.artefact)?;
    Ok(artefact)
}

/// What is on standard input: its length, and itself.
fn component() -> io::Result<Vec<u8>> {
    let mut input = io::stdin().lock();
    let mut length = [0; 8];
    input.read_exact(&mut length)?;
    let mut bytes = Vec::new();
    let length = u64::from_le_bytes(length);
    let read = input.by_ref().take(length).read_to_end(&mut bytes)?;
    if read as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}

/// Ends this process when the host's end of the pipe is closed.
fn end_with_the_host() {
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        // Nothing is to be written any more, and nobody looks at how it ended.
        std::process::abort();
    });
}

/// At the soft limit of processor time the system says which limit it was, at the
/// hard one it only kills.
fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let above = u64::from(resource == Resource::Cpu);
    Ok(setrlimit(
        resource,
        Rlimit {
            current: Some(most),
            maximum: Some(most + above),
        },
    )?)
}
