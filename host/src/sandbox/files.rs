//! `wasi:filesystem`: the folders that were granted, a scratch folder for the
//! attempt, and nothing else.
//!
//! The runtime's own implementation resolves paths below a folder's handle and
//! does the work. What it leaves open is closed here: what is neither a regular
//! file nor a folder is never opened, links are not made, what is written is
//! charged and has to fit its folder's [`Room`](room::Room), and every refusal is
//! noted, so that the report can say what to grant.

mod host;
mod mount;
mod nowhere;
mod open;
mod refusal;
mod room;
mod scratch;
mod slots;
mod stream;

use std::collections::BTreeMap;
use std::sync::Arc;

use wasmtime_wasi::filesystem::{WasiFilesystemCtx, WasiFilesystemCtxView};

use super::account::Account;
use super::granted::Granted;
use super::state::State;
use crate::gateway::Witness;
pub(super) use host::GrantedFiles;
pub(crate) use mount::Mount;
use scratch::Scratch;
pub(crate) use scratch::ScratchFolders;
use slots::Slot;

/// The files of an attempt. Made when the guest first asks for any.
pub(super) struct Files {
    ctx: WasiFilesystemCtx,
    granted: Option<Arc<Granted>>,
    /// The attempt's own folder, from when the guest first looks for folders.
    scratch: Option<Scratch>,
    /// Where each open handle of the guest is.
    places: BTreeMap<u32, Held>,
}

/// A handle that the guest has.
struct Held {
    place: Place,
    /// Of a file or folder that it opened itself.
    _slot: Option<Slot>,
}

/// Where a handle is.
#[derive(Clone)]
enum Place {
    /// In a folder that was granted.
    In(Arc<Mount>),
    /// Above all of them, where nothing is. A language's library finds what was
    /// not granted here, so that the host sees what was looked for.
    Nowhere,
}

/// What a call to the file system is carried out on.
pub(super) struct FilesView<'a> {
    fs: WasiFilesystemCtxView<'a>,
    account: &'a mut Account,
    granted: Option<&'a Granted>,
    scratch: &'a mut Option<Scratch>,
    places: &'a mut BTreeMap<u32, Held>,
    witness: Witness,
    agent: &'a Arc<str>,
}

impl State {
    /// What `wasi:filesystem` is called on: one more call.
    pub(super) fn files(&mut self) -> FilesView<'_> {
        self.account.count();
        let witness = self.witness.get_or_insert_default().clone();
        let files = self.files.get_or_insert_with(|| {
            Box::new(Files {
                ctx: WasiFilesystemCtx::default(),
                granted: self.granted.clone(),
                scratch: None,
                places: BTreeMap::new(),
            })
        });
        let Files {
            ctx,
            granted,
            scratch,
            places,
        } = &mut **files;
        FilesView {
            fs: WasiFilesystemCtxView {
                ctx,
                table: &mut self.table,
            },
            account: &mut self.account,
            granted: granted.as_deref(),
            scratch,
            places,
            witness,
            agent: &self.identity.agent,
        }
    }
}

impl Files {
    /// The attempt is over: nothing of its own folder stays.
    pub(super) async fn close(self) {
        if let Some(scratch) = self.scratch {
            // A panic there has nothing to tell anybody.
            let _ = tokio::task::spawn_blocking(move || drop(scratch)).await;
        }
    }
}
