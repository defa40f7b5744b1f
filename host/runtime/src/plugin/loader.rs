//! From a file to a plugin that can be run.

use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use wasmtime::component::{Component, Linker};

use super::descriptor::About;
use super::error::PluginError;
use super::file::read;
use super::world::Surface;
use crate::engine::{Engine, PluginFault};
use crate::sandbox::bindings::AgentHostPre;
use crate::sandbox::{self, AttemptPlan, DESCRIBE_FUEL, Limits, SessionContext, State};
use fusebox_types::digest::Digest;
use fusebox_types::failure::Failure;

/// A plugin that is linked and has said what it is.
#[derive(Clone)]
pub struct Prepared {
    /// The plugin, linked.
    pub pre: AgentHostPre<State>,
    /// What it says of itself, or how its `describe` failed: a guest's failure,
    /// and no fault of the file's.
    pub about: Result<Arc<About>, Arc<Failure>>,
    /// Of the file.
    pub digest: Digest,
}

/// Turns files into plugins that can be run.
pub struct Loader<'a> {
    engine: &'a Engine,
    linker: Linker<State>,
}

impl<'a> Loader<'a> {
    /// For plugins that this engine compiles.
    ///
    /// # Errors
    /// If the host's interfaces cannot be linked.
    pub fn new(engine: &'a Engine) -> Result<Self, PluginError> {
        let linker =
            sandbox::linker(engine.wasmtime()).map_err(|error| PluginError::Host(format!("{error:#}")))?;
        Ok(Self { engine, linker })
    }

    /// Makes the plugin of a file ready.
    ///
    /// # Errors
    /// If the file cannot be read or is no plugin that this host runs. That its
    /// `describe` failed is none: [`Prepared::about`] says it.
    pub async fn load(&self, path: &Path) -> Result<Prepared, PluginError> {
        let bytes = read(self.engine, path)?;
        let prepared = async {
            let component = self.engine.component(&path.display().to_string(), &bytes)?;
            self.prepare(&component).await
        };
        let (pre, about) = prepared
            .await
            .map_err(|fault| PluginError::unusable(path, fault))?;
        let unready = |fault: PluginFault| Arc::new(Failure::new(fault.code(), fault.to_string()));
        Ok(Prepared {
            pre,
            about: about.map(Arc::new).map_err(unready),
            digest: Digest::of(&bytes),
        })
    }

    /// Links a component and asks what it is, under the default limits. That it is
    /// one of ours and does not say what it is is told apart from that it is none.
    pub(super) async fn prepare(
        &self,
        component: &Component,
    ) -> Result<(AgentHostPre<State>, Result<About, PluginFault>), PluginFault> {
        Surface::of(component).check()?;
        let pre = self.linker.instantiate_pre(component);
        let pre = pre
            .and_then(sandbox::prepare_agent)
            .map_err(|error| PluginFault::other_contract("fusebox:agent@0.1.0", &error))?;
        // Nobody cancels: the limits end it.
        let outside = Arc::new(SessionContext::unheard(CancellationToken::new()));
        let limits = Limits {
            fuel: DESCRIBE_FUEL,
            ..Limits::default()
        };
        let said = sandbox::describe(&pre, AttemptPlan::first(&limits, &outside))
            .await
            .0;
        let about = said
            .map_err(|failure| PluginFault::Descriptor(format!("`describe` failed: {failure}")))
            .and_then(About::try_from);
        Ok((pre, about))
    }
}
