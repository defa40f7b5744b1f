//! A Rust toolchain that can build for WebAssembly: the first that works.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where Linux distributions put their own compiler, apart from rustup's.
const SYSTEM_BIN: &str = "/usr/bin";

/// A compiler and how it gets at the standard library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolchain {
    /// The cargo to run.
    pub cargo: PathBuf,
    /// The rustc that it is to run.
    pub rustc: PathBuf,
    /// Whether the standard library is built from source, because it is not
    /// installed for the target.
    pub builds_std: bool,
}

/// Why there is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no Rust compiler here can build for {target}: {tried}. Run `rustup target add {target}`, or on Debian \
     `apt-get install rustc-web cargo-web rust-web-src rust-web-llvm lld`"
)]
pub struct ToolchainError {
    /// The target.
    pub target: String,
    /// What was tried and what was missing.
    pub tried: String,
}

impl Toolchain {
    /// The compiler on the path if it has the target installed; else the
    /// system's own, if it has the target, or the library's source and a linker.
    ///
    /// # Errors
    /// What was tried and what was missing.
    pub fn find(target: &str) -> Result<Self, ToolchainError> {
        let mut tried = Vec::new();
        for (cargo, rustc) in candidates() {
            match Self::examine(cargo, rustc, target) {
                Ok(toolchain) => return Ok(toolchain),
                Err(why) => tried.push(why),
            }
        }
        Err(ToolchainError {
            target: target.to_owned(),
            tried: tried.join("; "),
        })
    }

    fn examine(cargo: PathBuf, rustc: PathBuf, target: &str) -> Result<Self, String> {
        let name = rustc.display().to_string();
        let sysroot = sysroot(&rustc).ok_or_else(|| format!("there is no {name}"))?;
        let library = sysroot.join("lib/rustlib");
        if library.join(target).join("lib").is_dir() {
            return Ok(Self {
                cargo,
                rustc,
                builds_std: false,
            });
        }
        if !library.join("src/rust/library/std").is_dir() {
            return Err(format!("{name} has neither the target nor the library's source"));
        }
        // Only the system's compiler is of the version of its cargo and source
        // for certain, and ships what building the library needs.
        if !rustc.starts_with(SYSTEM_BIN) {
            return Err(format!("{name} does not have the target"));
        }
        if !Path::new(SYSTEM_BIN).join("rust-lld").exists() {
            return Err(format!(
                "{name} has no linker: {SYSTEM_BIN}/rust-lld leads nowhere"
            ));
        }
        Ok(Self {
            cargo,
            rustc,
            builds_std: true,
        })
    }
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let library = if self.builds_std {
            "building its standard library"
        } else {
            "target installed"
        };
        write!(f, "{} ({library})", self.rustc.display())
    }
}

fn candidates() -> [(PathBuf, PathBuf); 2] {
    let system = Path::new(SYSTEM_BIN);
    [
        ("cargo".into(), "rustc".into()),
        (system.join("cargo"), system.join("rustc")),
    ]
}

fn sysroot(rustc: &Path) -> Option<PathBuf> {
    let out = Command::new(rustc).args(["--print", "sysroot"]).output().ok()?;
    let text = String::from_utf8(out.stdout).ok()?;
    out.status.success().then(|| PathBuf::from(text.trim()))
}
