//! From a Rust crate to a plugin: `cargo build` for WebAssembly, then wrapped
//! as a component.
//!
//! ```text
//! folder -> Toolchain: which cargo can build for WebAssembly? -> cargo build
//!                                                                   |
//!                       `<crate>.wasm`, put in place at once <-- component
//! ```
//!
//! A guest that never grows its memory in a small task is many times cheaper,
//! so the link arguments give it a mebibyte from the start and a stack that
//! leaves room in it; the SDK's allocator starts inside.

#![warn(missing_docs)]
#![allow(clippy::disallowed_methods, reason = "what cargo has just built")]

mod toolchain;

pub use toolchain::{Toolchain, ToolchainError};

use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

/// The target that needs nothing of the standard world.
const TARGET: &str = "wasm32-unknown-unknown";
/// What the linker is told: a stack of 256 KiB in a first memory of 1 MiB.
const LINK_ARGUMENTS: &str = "-Clink-arg=-zstack-size=262144 -Clink-arg=--initial-memory=1048576";
/// What an outer cargo or rustup sets for its own children, not for this one.
const INHERITED: &[&str] = &[
    "CARGO",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_TARGET_DIR",
    "CARGO_MAKEFLAGS",
    "MAKEFLAGS",
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTDOC",
    "RUSTFLAGS",
    "RUSTUP_TOOLCHAIN",
];

/// Why a crate did not become a plugin.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// No toolchain here can build for WebAssembly.
    #[error(transparent)]
    Toolchain(#[from] ToolchainError),
    /// There is no crate.
    #[error("there is no Cargo.toml in {}", .0.display())]
    NoCrate(PathBuf),
    /// A file or a program cannot be used.
    #[error("{what}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
    /// Cargo said no; it has said why.
    #[error("cargo failed in {}; its messages are above", .0.display())]
    Cargo(PathBuf),
    /// The crate makes no module.
    #[error("{} makes no plugin: set `crate-type = [\"cdylib\"]` under `[lib]`", .0.display())]
    NoModule(PathBuf),
    /// The module is no component's.
    #[error("{package} does not become a component: {message}")]
    Component {
        /// The crate.
        package: String,
        /// Why not.
        message: String,
    },
}

/// A plugin that was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The crate's name.
    pub package: String,
    /// The component's file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Builds the crate, or each crate of the workspace, in a folder and puts the
/// components into `out`.
///
/// # Errors
/// If there is no toolchain for it, or the crate does not build, or is no
/// plugin.
pub fn build(folder: &Path, out: &Path) -> Result<Vec<Built>, BuildError> {
    if !folder.join("Cargo.toml").is_file() {
        return Err(BuildError::NoCrate(folder.to_owned()));
    }
    let toolchain = Toolchain::find(TARGET)?;
    tracing::info!("building with {toolchain}");
    let modules = cargo_build(&toolchain, folder)?;
    if modules.is_empty() {
        return Err(BuildError::NoModule(folder.to_owned()));
    }
    std::fs::create_dir_all(out).map_err(io(format!("cannot make the folder {}", out.display())))?;
    modules.iter().map(|module| componentize(module, out)).collect()
}

fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> BuildError {
    let what = what.into();
    move |source| BuildError::Io { what, source }
}

/// A core module that cargo made.
struct CoreModule {
    package: String,
    path: PathBuf,
}

/// The part of cargo's messages that matters here.
#[derive(Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Message {
    CompilerArtifact {
        target: ArtifactTarget,
        filenames: Vec<PathBuf>,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct ArtifactTarget {
    name: String,
    kind: Vec<String>,
}

fn cargo_build(toolchain: &Toolchain, folder: &Path) -> Result<Vec<CoreModule>, BuildError> {
    let mut command = Command::new(&toolchain.cargo);
    for name in INHERITED {
        command.env_remove(name);
    }
    command
        .current_dir(folder)
        .args(["build", "--release", "--lib", "--target", TARGET])
        .arg("--message-format=json-render-diagnostics")
        .env("RUSTFLAGS", LINK_ARGUMENTS)
        .env("RUSTC", &toolchain.rustc)
        .stdout(Stdio::piped());
    if toolchain.builds_std {
        command
            .arg("-Zbuild-std=std,panic_abort")
            .env("RUSTC_BOOTSTRAP", "1");
    }
    let failed = || format!("cannot run {}", toolchain.cargo.display());
    let mut child = command.spawn().map_err(io(failed()))?;
    let lines = child.stdout.take().map(|out| BufReader::new(out).lines());
    let modules = lines
        .into_iter()
        .flatten()
        .map_while(Result::ok)
        .filter_map(|line| module_in(&line))
        .collect();
    match child.wait().map_err(io(failed()))?.success() {
        true => Ok(modules),
        false => Err(BuildError::Cargo(folder.to_owned())),
    }
}

/// The module that a line of cargo's messages tells of, if it does.
fn module_in(line: &str) -> Option<CoreModule> {
    let Message::CompilerArtifact { target, filenames } = serde_json::from_str(line).ok()? else {
        return None;
    };
    let is_module = target.kind.iter().any(|kind| kind == "cdylib");
    let wasm = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "wasm");
    let path = filenames.into_iter().find(wasm).filter(|_| is_module)?;
    Some(CoreModule {
        package: target.name.replace('_', "-"),
        path,
    })
}

fn componentize(module: &CoreModule, out: &Path) -> Result<Built, BuildError> {
    let core = std::fs::read(&module.path).map_err(io(format!("cannot read {}", module.path.display())))?;
    let mut encoder = wit_component::ComponentEncoder::default();
    let encoded = encoder
        .validate(true)
        .module(&core)
        .and_then(|encoder| encoder.encode());
    let component = encoded.map_err(|error| BuildError::Component {
        package: module.package.clone(),
        message: format!("{error:#}"),
    })?;
    let path = out.join(format!("{}.wasm", module.package));
    // Whoever loads it meanwhile reads the old one or the new.
    let draft = out.join(format!(".{}.{}", module.package, std::process::id()));
    let put = std::fs::write(&draft, &component).and_then(|()| std::fs::rename(&draft, &path));
    put.map_err(io(format!("cannot write {}", path.display())))?;
    Ok(Built {
        package: module.package.clone(),
        bytes: component.len() as u64,
        path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_messages_name_the_module() {
        let line = r#"{"reason":"compiler-artifact","package_id":"x","target":{"kind":["cdylib","rlib"],"name":"my_agent"},"filenames":["/t/libmy_agent.rlib","/t/my_agent.wasm"],"fresh":true}"#;
        let module = module_in(line).unwrap();
        assert_eq!(
            (module.package.as_str(), module.path.to_str()),
            ("my-agent", Some("/t/my_agent.wasm"))
        );
        assert!(module_in(r#"{"reason":"build-finished","success":true}"#).is_none());
        assert!(module_in("no json").is_none());
    }

    #[test]
    fn a_folder_without_a_crate_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let error = build(dir.path(), dir.path()).unwrap_err();
        assert!(
            error.to_string().starts_with("there is no Cargo.toml in"),
            "{error}"
        );
    }
}
