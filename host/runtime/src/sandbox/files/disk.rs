//! Work that may wait for a disk: on a thread where no guest waits behind it, and
//! on the attempt's processor time.

use wasmtime::component::{Resource, ResourceTable};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemCtx, WasiFilesystemCtxView};
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::runtime::{AbortOnDropJoinHandle, in_tokio, spawn_blocking};

use crate::sandbox::meter::Meter;

/// That the runtime does its part on the thread that it is called on: it is only
/// called on a thread for this.
pub(super) const ON_THIS_THREAD: bool = true;

/// Where an attempt's work on files is done.
#[derive(Debug, Clone)]
pub(super) struct Disk {
    meter: Meter,
}

impl Disk {
    pub(super) fn new(meter: &Meter) -> Self {
        Self { meter: meter.clone() }
    }

    /// Begins work that waits only for disks.
    pub(super) fn begin<T, F>(&self, work: F) -> AbortOnDropJoinHandle<T>
    where
        T: Send + 'static,
        F: AsyncFnOnce() -> T + Send + 'static,
    {
        let meter = self.meter.clone();
        spawn_blocking(move || meter.measure(|| in_tokio(work())))
    }

    /// Has the runtime's implementation do something with a handle, in a table of
    /// its own: the guest's stays with the guest.
    pub(super) async fn call<T, F>(&self, descriptor: Descriptor, call: F) -> FsResult<T>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut WasiFilesystemCtxView<'_>, Resource<Descriptor>) -> FsResult<T> + Send + 'static,
    {
        let work = async move || {
            let (mut ctx, mut table) = (WasiFilesystemCtx::default(), ResourceTable::new());
            let handle = table.push(descriptor)?;
            let mut fs = WasiFilesystemCtxView {
                ctx: &mut ctx,
                table: &mut table,
            };
            call(&mut fs, handle).await
        };
        self.begin(work).await
    }
}

/// Something that is here, or away where it works.
pub(super) enum Lent<S, T> {
    Here(S),
    Away(AbortOnDropJoinHandle<(S, T)>),
    /// Its work was given up.
    Lost,
}

impl<S: Send + 'static, T: Send + 'static> Lent<S, T> {
    /// Gives it something to do, unless it is away.
    pub(super) fn lend<F>(&mut self, disk: &Disk, work: F)
    where
        F: AsyncFnOnce(&mut S) -> T + Send + 'static,
    {
        *self = match std::mem::replace(self, Self::Lost) {
            Self::Here(mut own) => Self::Away(disk.begin(async move || {
                let done = work(&mut own).await;
                (own, done)
            })),
            busy => busy,
        };
    }

    /// Waits until it is here, and says what it did if it was away.
    pub(super) async fn back(&mut self) -> Option<T> {
        let Self::Away(work) = self else { return None };
        let (own, done) = work.await;
        *self = Self::Here(own);
        Some(done)
    }

    /// Gives up what it does, as soon as that can be.
    pub(super) async fn give_up(&mut self) {
        if let Self::Away(work) = std::mem::replace(self, Self::Lost) {
            work.cancel().await;
        }
    }
}
