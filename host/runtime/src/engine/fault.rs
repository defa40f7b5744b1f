//! Why bytes are no plugin that this host takes.

use fusebox_types::failure::Code;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Why bytes are no plugin that this host takes. The process that compiles says
/// it as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum PluginFault {
    /// No WebAssembly, or not valid.
    #[error("this is no valid WebAssembly component: {0}")]
    Malformed(String),
    /// A core module.
    #[error("this is a core WebAssembly module, not a component")]
    CoreModule,
    /// A component for a later WASI than the host's.
    #[error("it is built for WASI 0.3 ({0}); this host runs components of WASI 0.2")]
    LaterWasi(String),
    /// Something that no tool's components have and that would let a few bytes
    /// ask for any amount of work.
    #[error(
        "it {0}, which this host does not take: compose it so that each component is instantiated where it is defined"
    )]
    Unsupported(String),
    /// More than the host is willing to compile.
    #[error("{what} {found} is over the limit of {limit}{}", what.remedy())]
    TooLarge {
        /// What there is too much of.
        what: Measure,
        /// How much there is.
        found: u64,
        /// How much may be.
        limit: u64,
    },
    /// Compiling failed or ran into its limits.
    #[error("compiling it failed: {0}")]
    Compile(String),
    /// It does not export what an agent has to.
    #[error("it does not export `{missing}`; it exports: {found}")]
    WrongWorld {
        /// What it would have to export.
        missing: String,
        /// What it exports.
        found: String,
    },
    /// It has the names of the contract, and other types under them.
    #[error(
        "its contract `{package}` has the number of this host's and other content ({mismatch}): update the SDK, or \
         the folder `wit`, to that of this fusebox, {}, then build the plugin again: `fusebox plugin build`",
        env!("CARGO_PKG_VERSION")
    )]
    OtherContract {
        /// The contract's package.
        package: String,
        /// What is another.
        mismatch: String,
    },
    /// It imports what the host does not have.
    #[error("it imports `{0}`, which this host does not offer")]
    MissingImport(String),
    /// What it says of itself cannot be used.
    #[error("what it says of itself cannot be used: {0}")]
    Descriptor(String),
}

impl PluginFault {
    /// That a component does not fit the types of a package of the contract, as
    /// the runtime says it.
    pub fn other_contract(package: &str, mismatch: &wasmtime::Error) -> Self {
        Self::OtherContract {
            package: package.into(),
            mismatch: format!("{mismatch:#}"),
        }
    }
}

/// What is measured of a plugin before it is compiled, and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Measure {
    /// Its file.
    File,
    /// The body of a function.
    Function,
    /// Functions.
    Functions,
    /// Types.
    Types,
    /// Local variables of all functions.
    Locals,
    /// Elements with which all tables begin.
    TableElements,
    /// What its instances come to, with all that they are made of.
    Instances,
    /// The compiled code.
    Artefact,
}

impl Measure {
    /// The setting that says how much may be, or what to change where there is
    /// none.
    fn remedy(self) -> &'static str {
        match self {
            Self::File => " (`loading.file`)",
            Self::Function => " (`loading.function`)",
            Self::Functions => " (`loading.functions`)",
            Self::Artefact => " (`loading.artefact`)",
            Self::Types => ", which no setting raises: let it have fewer types, or split it",
            Self::Locals => ", which no setting raises: split its functions, or the component",
            Self::TableElements => ", which no setting raises: let its tables begin smaller",
            Self::Instances => {
                ", which no setting raises: instantiate nested components and modules less often, \
                 and export smaller types from them"
            }
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "its size in bytes",
            Self::Function => "a function's body in bytes",
            Self::Functions => "the number of functions",
            Self::Types => "the number of types",
            Self::Locals => "the number of local variables",
            Self::TableElements => "the number of elements in tables",
            Self::Instances => "what its instances are made of, in items,",
            Self::Artefact => "its compiled code in bytes",
        })
    }
}

/// Refuses what is over a limit.
pub(super) fn at_most(what: Measure, found: u64, limit: u64) -> Result<(), PluginFault> {
    if found > limit {
        return Err(PluginFault::TooLarge { what, found, limit });
    }
    Ok(())
}

impl PluginFault {
    /// The code that explains this fault.
    pub fn code(&self) -> Code {
        match self {
            PluginFault::Malformed(_) => Code::PluginMalformed,
            PluginFault::CoreModule => Code::PluginCoreModule,
            PluginFault::LaterWasi(_) => Code::PluginLaterWasi,
            PluginFault::TooLarge { .. } | PluginFault::Unsupported(_) => Code::PluginTooLarge,
            PluginFault::Compile(_) => Code::PluginCompile,
            PluginFault::WrongWorld { .. } | PluginFault::OtherContract { .. } => Code::PluginWrongWorld,
            PluginFault::MissingImport(_) => Code::PluginMissingImport,
            PluginFault::Descriptor(_) => Code::PluginDescriptor,
        }
    }
}
