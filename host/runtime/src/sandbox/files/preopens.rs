//! The folders that a guest finds: those that were granted, its own, and a root.

use std::sync::Arc;

use wasmtime_wasi::p2::bindings::filesystem::preopens;

use super::mount::Mount;
use super::nowhere::nowhere;
use super::scratch;
use super::view::{FilesView, Handle, Place, may_wait};
use crate::sandbox::stop::Stop;

impl preopens::Host for FilesView<'_> {
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Handle, String)>> {
        let mut mounts: Vec<Arc<Mount>> = self
            .granted
            .map_or(Vec::new(), |granted| granted.mounts().to_vec());
        if let Some(folders) = self.granted.and_then(|granted| granted.scratch()) {
            let mount = may_wait(|| scratch::mount(self.scratch, folders));
            mounts.push(mount.map_err(|error| Stop::Scratch {
                said: error.to_string(),
            })?);
        }
        let mut found = Vec::new();
        for mount in mounts {
            let (dir, name) = (mount.dir.clone(), mount.at.clone());
            found.push((self.hand_out(dir, Place::In(mount))?, name));
        }
        let has_root = found.iter().any(|(_, name)| name == "/");
        if let Some(dir) = nowhere().filter(|_| !has_root) {
            found.push((self.hand_out(dir, Place::Nowhere)?, "/".to_owned()));
        }
        Ok(found)
    }
}
