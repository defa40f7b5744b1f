//! `wasi:filesystem`: the folders that were granted, a scratch folder for the
//! attempt, and nothing else.
//!
//! The runtime's own implementation resolves paths below a folder's handle and
//! does the work. What it leaves open is closed here: what is neither a regular
//! file nor a folder is never opened, links are not made, what is written is
//! charged and has to fit its folder's `Room`, and every refusal is
//! noted, so that the report can say what to grant.

mod disk;
mod host;
mod mount;
mod nowhere;
mod open;
mod preopens;
mod refusal;
mod room;
mod scratch;
mod slots;
mod stream;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::filesystem::{WasiFilesystemCtx, WasiFilesystemCtxView};

use super::capabilities::Capabilities;
use super::state::State;
use disk::Disk;
pub(super) use host::GrantedFiles;
pub use mount::Mount;
use refusal::Refusals;
use scratch::Scratch;
pub use scratch::{PREFIX as SCRATCH_PREFIX, ScratchFolders};
use slots::Slots;
use view::{FilesView, Held};

/// How long the end of an attempt waits for its files to be closed and its folder to
/// be gone.
const LONGEST_CLOSE: Duration = Duration::from_secs(1);

/// The files of an attempt. Made when the guest first asks for any.
pub(super) struct Files {
    ctx: WasiFilesystemCtx,
    granted: Option<Arc<Capabilities>>,
    /// The attempt's own folder, from when the guest first looks for folders.
    scratch: Option<Scratch>,
    slots: Slots,
    /// What handles the guest has.
    handles: BTreeMap<u32, Held>,
}

impl State {
    /// What `wasi:filesystem` is called on: one more call.
    pub(super) fn files(&mut self) -> FilesView<'_> {
        self.account.count();
        let observer = self.observer.get_or_insert_default().clone();
        let agent = self.identity.agent.clone();
        let files = self.files.get_or_insert_with(|| {
            Box::new(Files {
                ctx: WasiFilesystemCtx::default(),
                granted: self.granted.clone(),
                scratch: None,
                slots: Slots::default(),
                handles: BTreeMap::new(),
            })
        });
        let Files {
            ctx,
            granted,
            scratch,
            slots,
            handles,
        } = &mut **files;
        FilesView {
            fs: WasiFilesystemCtxView {
                ctx,
                table: &mut self.table,
            },
            account: &mut self.account,
            granted: granted.as_deref(),
            scratch,
            slots,
            handles,
            disk: Disk::new(&self.meter),
            refusals: Refusals { observer, agent },
        }
    }
}

impl Files {
    /// The attempt is over: what it has open is closed, and nothing of its own
    /// folder stays. Whoever waits for its result does not wait for a disk that does
    /// not answer.
    pub(super) async fn close(self, open: ResourceTable) {
        let closing = tokio::task::spawn_blocking(move || drop((open, self)));
        // A panic there has nothing to tell anybody.
        let _ = tokio::time::timeout(LONGEST_CLOSE, closing).await;
    }
}
