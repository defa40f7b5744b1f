//! The engine: how components are compiled, cached, loaded and given room.
//!
//! One constructor, [`Engine::new`]. What makes a task cheap and what keeps a
//! guest within bounds is set in `engine/settings.rs`, with the reasons.

#[allow(clippy::disallowed_methods, reason = "only the user can write to its folder")]
mod cache;
mod child;
mod compile;
mod epoch;
mod fault;
mod load;
mod prescan;
mod rules;
mod settings;

pub use cache::CacheError;
pub use child::serve_compile_child;
pub use compile::{Compiler, Compiling, OnCompile};
pub use fault::{Measure, PluginFault};
pub use rules::LoadingRules;
pub use settings::{EPOCH_TICK, POOL_PLACES};

use std::path::{Path, PathBuf};
use std::sync::Arc;

use wasmtime::component::Component;

use cache::ArtefactCache;
use compile::CompileQueue;
use epoch::EpochThread;

/// How an engine is made.
#[derive(Debug, Clone, Default)]
pub struct EngineOptions {
    /// Where compiled artefacts are kept; none takes the user's cache folder.
    pub cache_dir: Option<PathBuf>,
    /// Who compiles.
    pub compiler: Compiler,
    /// What loading a plugin may take.
    pub loading: LoadingRules,
    /// Who is told of compiles that take long.
    pub on_compile: Option<OnCompile>,
}

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The engine cannot be set up on this machine.
    #[error("the WebAssembly engine cannot be set up: {0}")]
    Setup(String),
    /// The artefact cache cannot be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// This process is a compile child whose program did not serve it.
    #[error(
        "this program compiles plugins by starting itself again, but did not answer: \
         call `fusebox::engine::serve_compile_child()` first in its `main`, or name `fusebox-compile` as the compiler"
    )]
    ChildNotServed,
}

/// The one engine of a host: shared, cheap to clone.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    wasmtime: wasmtime::Engine,
    cache: ArtefactCache,
    compiler: CompileQueue,
    loading: LoadingRules,
    /// Ticks as long as the engine is there.
    _epoch: EpochThread,
}

impl Engine {
    /// Makes an engine with room for [`POOL_PLACES`] sandboxes at once.
    ///
    /// # Errors
    /// If the system does not give the address space, or the cache folder
    /// cannot be used.
    pub fn new(options: &EngineOptions) -> Result<Self, EngineError> {
        if child::is_child() {
            return Err(EngineError::ChildNotServed);
        }
        let wasmtime = settings::pooling().map_err(|error| EngineError::Setup(format!("{error:#}")))?;
        let cache = ArtefactCache::open(options.cache_dir.clone(), &wasmtime, options.loading)?;
        let epoch = EpochThread::start(&wasmtime)
            .map_err(|error| EngineError::Setup(format!("no thread for its clock: {error}")))?;
        let compiler = CompileQueue::new(options.compiler.clone(), options.loading, options.on_compile);
        Ok(Self {
            inner: Arc::new(Inner {
                wasmtime,
                cache,
                compiler,
                loading: options.loading,
                _epoch: epoch,
            }),
        })
    }

    /// A component from the bytes of its file, which is called `name` where it is
    /// told of: from the cache, or compiled in a child process and cached. Blocks
    /// while it compiles. What is loaded is mapped, and no copy of it.
    ///
    /// # Errors
    /// If the bytes are no component that this host is willing to compile.
    pub fn component(&self, name: &str, bytes: &[u8]) -> Result<Component, PluginFault> {
        prescan::header(bytes, &self.inner.loading)?;
        let key = self.inner.cache.key(bytes);
        if let Some(artefact) = self.inner.cache.read(&key) {
            match load::trusted(&self.inner.wasmtime, &artefact) {
                Ok(component) => return Ok(component),
                Err(error) => tracing::warn!("a cached artefact is compiled again: {error:#}"),
            }
        }
        let failed = |error: std::io::Error| PluginFault::Compile(format!("its artefact: {error}"));
        let draft = self.inner.cache.draft().map_err(failed)?;
        let out = draft.file().try_clone().map_err(failed)?;
        self.inner.compiler.compile(name, bytes, out)?;
        let artefact = self.inner.cache.keep(&key, draft).map_err(failed)?;
        load::trusted(&self.inner.wasmtime, &artefact)
            .map_err(|error| PluginFault::Compile(format!("the artefact does not load: {error:#}")))
    }

    /// Where compiled artefacts are kept.
    pub fn cache_dir(&self) -> &Path {
        self.inner.cache.dir()
    }

    /// What loading a plugin may take.
    pub fn loading(&self) -> &LoadingRules {
        &self.inner.loading
    }

    /// Has every guest that runs hand its core on now, and not only when the
    /// tick ends.
    pub fn end_turns(&self) {
        self.inner.wasmtime.increment_epoch();
    }

    /// The runtime's engine, for embedders that link worlds of their own with
    /// the same protections.
    pub fn wasmtime(&self) -> &wasmtime::Engine {
        &self.inner.wasmtime
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}
