//! What a call is carried out on: a handle's folder, the room in it, and who notes
//! what is refused.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;

use wasmtime::component::Resource;
use wasmtime_wasi::filesystem::{self, Descriptor, Dir, OpenMode, WasiFilesystemCtxView};
use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;
use wasmtime_wasi::p2::{DynOutputStream, FsError, FsResult};

use super::disk::{Disk, ON_THIS_THREAD};
use super::mount::Mount;
use super::nowhere::nowhere;
use super::open::{self, NotOpened, Opened, Wish};
use super::refusal::{Refusal, Refusals};
use super::scratch::Scratch;
use super::slots::{Slot, Slots};
use super::stream::{Open, WriteCharge, WriteStream};
use crate::sandbox::account::Account;
use crate::sandbox::capabilities::Capabilities;
use crate::sandbox::charged::ChargedStream;

pub(super) type Handle = Resource<Descriptor>;

/// Where a handle is.
#[derive(Clone)]
pub(super) enum Place {
    /// In a folder that was granted.
    In(Arc<Mount>),
    /// Above all of them, where nothing is. A language's library finds what was
    /// not granted here, so that the host sees what was looked for.
    Nowhere,
}

/// A handle that the guest has.
pub(super) struct Held {
    place: Place,
    /// Of a file or folder that it opened itself. Streams of it hold it as well:
    /// the file is open as long as any of them.
    slot: Option<Arc<Slot>>,
}

/// The attempt's files, borrowed for one call.
pub(in crate::sandbox) struct FilesView<'a> {
    pub(super) fs: WasiFilesystemCtxView<'a>,
    pub(super) account: &'a mut Account,
    pub(super) granted: Option<&'a Capabilities>,
    pub(super) scratch: &'a mut Option<Scratch>,
    pub(super) handles: &'a mut BTreeMap<u32, Held>,
    pub(super) slots: &'a Slots,
    pub(super) disk: Disk,
    pub(super) refusals: Refusals,
}

impl FilesView<'_> {
    pub(super) fn refuse<T>(&self, refusal: &Refusal) -> FsResult<T> {
        Err(self.refusals.refuse(refusal))
    }

    fn not_granted(&self, path: &str) -> Refusal {
        let mounts = self.granted.map_or(&[][..], Capabilities::mounts);
        let scratch = self
            .granted
            .and_then(Capabilities::scratch)
            .map(|folders| folders.mount());
        let names = mounts.iter().map(|mount| &*mount.at).chain(scratch);
        self.refusals.not_granted(path, names)
    }

    /// Where a handle is.
    fn place(&self, handle: &Handle) -> FsResult<Place> {
        let held = self.handles.get(&handle.rep());
        // Every handle that the guest has, it was given here.
        held.map(|held| held.place.clone())
            .ok_or_else(|| ErrorCode::BadDescriptor.into())
    }

    /// The folder in which a path is looked for, which is charged.
    pub(super) fn mount(&mut self, handle: &Handle, path: &str) -> FsResult<Arc<Mount>> {
        self.account.carry(path.len()).map_err(FsError::trap)?;
        match self.place(handle)? {
            Place::In(mount) => {
                self.refusals.observer.learned();
                Ok(mount)
            }
            Place::Nowhere => Err(ErrorCode::NoEntry.into()),
        }
    }

    /// The same of a folder in which something is to be changed.
    pub(super) fn writable(&mut self, handle: &Handle, path: &str) -> FsResult<Arc<Mount>> {
        if matches!(self.place(handle)?, Place::Nowhere) {
            return self.refuse(&self.not_granted(path));
        }
        let mount = self.mount(handle, path)?;
        match mount.room {
            Some(_) => Ok(mount),
            None => self.refuse(&self.refusals.read_only(&mount)),
        }
    }

    /// The same, and that what is below it is the person's and not made up by the
    /// system.
    pub(super) async fn changeable(&mut self, handle: &Handle, path: &str) -> FsResult<Arc<Mount>> {
        let mount = self.writable(handle, path)?;
        let (dir, path) = (self.dir(handle)?, path.to_owned());
        let name = path.clone();
        let made_up = self.disk.begin(async move || {
            open::lies_in_made_up(&cap_std::fs::Dir::from_std_file(dir.try_clone()?), &name)
        });
        match made_up.await {
            Ok(false) => Ok(mount),
            Ok(true) => self.refuse(&Refusal::NoFile {
                mount: mount.at.clone(),
                path,
            }),
            Err(error) => self.noted(Err(error.into()), &mount, path),
        }
    }

    /// Has the runtime do something with a handle.
    pub(super) async fn runtime<T, F>(&mut self, handle: &Handle, call: F) -> FsResult<T>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut WasiFilesystemCtxView<'_>, Handle) -> FsResult<T> + Send + 'static,
    {
        let descriptor = self.fs.table.get(handle)?.clone();
        self.disk.call(descriptor, call).await
    }

    pub(super) fn dir(&self, handle: &Handle) -> FsResult<Arc<File>> {
        match self.fs.table.get(handle)? {
            Descriptor::Dir(dir) => Ok(dir.dir.clone()),
            Descriptor::File(_) => Err(ErrorCode::NotDirectory.into()),
        }
    }

    /// The folder of an open file that is to be changed, and the file.
    pub(super) fn writable_file(&self, handle: &Handle) -> FsResult<(Arc<Mount>, &File)> {
        let Place::In(mount) = self.place(handle)? else {
            return Err(ErrorCode::BadDescriptor.into());
        };
        if mount.room.is_none() {
            return self.refuse(&self.refusals.read_only(&mount));
        }
        match self.fs.table.get(handle)? {
            Descriptor::File(file) => Ok((mount, &file.file)),
            Descriptor::Dir(_) => Err(ErrorCode::BadDescriptor.into()),
        }
    }

    /// That what is open may be changed, and would be changed under no other name.
    pub(super) fn only_here(&mut self, handle: &Handle, path: &str) -> FsResult<()> {
        let mount = self.writable(handle, "")?;
        match self.fs.table.get(handle)? {
            Descriptor::File(file) if may_wait(|| open::has_other_names(&file.file))? => {
                let (mount, path) = (mount.at.clone(), path.to_owned());
                self.refuse(&Refusal::Linked { mount, path })
            }
            _ => Ok(()),
        }
    }

    /// Takes room in a folder for bytes that a file grows by.
    pub(super) fn grow(&self, mount: &Mount, bytes: u64) -> FsResult<()> {
        let taken = mount.room.as_ref().map_or(Ok(()), |room| room.write(bytes));
        taken.or_else(|full| self.refuse(&self.refusals.full(mount, full)))
    }

    /// What the runtime answered; what it did not allow is noted.
    pub(super) fn noted<T>(&self, answer: FsResult<T>, mount: &Mount, path: String) -> FsResult<T> {
        let code = answer.as_ref().err().and_then(FsError::downcast_ref);
        let at = mount.at.clone();
        match code {
            Some(ErrorCode::NotPermitted) => self.refusals.note(&Refusal::SessionContext { mount: at, path }),
            Some(ErrorCode::Access) => self.refusals.note(&Refusal::Access { mount: at, path }),
            _ => {}
        }
        answer
    }

    /// Gives the guest a handle to a folder itself.
    pub(super) fn hand_out(&mut self, folder: Dir, place: Place) -> wasmtime::Result<Handle> {
        self.push(Descriptor::Dir(folder), place, None)
    }

    fn push(
        &mut self,
        descriptor: Descriptor,
        place: Place,
        slot: Option<Arc<Slot>>,
    ) -> wasmtime::Result<Handle> {
        let handle = self.fs.table.push(descriptor)?;
        self.handles.insert(handle.rep(), Held { place, slot });
        Ok(handle)
    }

    /// Opens what has a name, if the folder's grant allows it.
    pub(super) async fn open(&mut self, handle: &Handle, path: &str, wish: Wish) -> FsResult<Handle> {
        let mount = match (wish.changes(), self.place(handle)?) {
            (true, _) => self.writable(handle, path)?,
            (false, Place::In(_)) => self.mount(handle, path)?,
            (false, Place::Nowhere) => return self.open_nowhere(path),
        };
        let slot = Arc::new(self.slots.file().await.map_err(FsError::trap)?);
        let opened = self.opened(handle, &mount, path, wish).await?;
        self.refusals.observer.opened();
        let (perms, mode) = (mount.dir.perms, mode(wish));
        let descriptor = match opened {
            Opened::File(file) => Descriptor::File(filesystem::File::new(file, perms, mode, ON_THIS_THREAD)),
            Opened::Folder(file) => Descriptor::Dir(Dir::new(file, perms, mode, ON_THIS_THREAD)),
        };
        self.push(descriptor, Place::In(mount), Some(slot))
            .map_err(FsError::trap)
    }

    /// Nothing is there but the place itself: to look at that is no denial.
    fn open_nowhere(&mut self, path: &str) -> FsResult<Handle> {
        if !path.split('/').all(|part| part.is_empty() || part == ".") {
            return self.refuse(&self.not_granted(path));
        }
        let dir = nowhere().ok_or(ErrorCode::NoEntry)?;
        self.hand_out(dir, Place::Nowhere).map_err(FsError::trap)
    }

    /// Opens it off the threads that guests run on.
    async fn opened(&mut self, handle: &Handle, mount: &Mount, path: &str, wish: Wish) -> FsResult<Opened> {
        let dir = self.dir(handle)?;
        let (room, path) = (mount.room.clone(), path.to_owned());
        let name = path.clone();
        let opened = self
            .disk
            .begin(async move || open::open(&dir, &name, wish, room.as_deref()));
        let at = mount.at.clone();
        match opened.await {
            Ok(opened) => Ok(opened),
            Err(NotOpened::Io(error)) => self.noted(Err(error.into()), mount, path),
            Err(NotOpened::NoFile) => self.refuse(&Refusal::NoFile { mount: at, path }),
            Err(NotOpened::Linked) => self.refuse(&Refusal::Linked { mount: at, path }),
            Err(NotOpened::Full(full)) => self.refuse(&self.refusals.full(mount, full)),
        }
    }

    /// That a file is open, through one more stream.
    pub(super) fn stream_of(&self, handle: &Handle) -> FsResult<Open> {
        let held = self.handles.get(&handle.rep());
        Ok(Open {
            _file: held.and_then(|held| held.slot.clone()),
            _stream: self.slots.stream().map_err(FsError::trap)?,
        })
    }

    /// What a stream that writes to a file from a place on is charged to.
    pub(super) fn write_charge(&self, handle: &Handle, from: Start) -> FsResult<WriteCharge> {
        let (mount, file) = self.writable_file(handle)?;
        Ok(WriteCharge {
            gap: match from {
                Start::End => 0,
                Start::Offset(offset) => gap(file, offset)?,
            },
            mount,
            account: self.account.carried(),
            refusals: self.refusals.clone(),
            _open: self.stream_of(handle)?,
        })
    }

    /// A stream of a file that writes as far as it is charged.
    pub(super) fn charged(
        &mut self,
        stream: Resource<DynOutputStream>,
        charge: WriteCharge,
    ) -> FsResult<Resource<DynOutputStream>> {
        let stream = WriteStream::new(self.fs.table.delete(stream)?, self.disk.clone());
        let stream: DynOutputStream = Box::new(ChargedStream::new(Box::new(stream), charge));
        Ok(self.fs.table.push(stream)?)
    }
}

/// Where a stream begins to write.
pub(super) enum Start {
    Offset(u64),
    End,
}

fn mode(wish: Wish) -> OpenMode {
    let mut mode = OpenMode::empty();
    mode.set(OpenMode::READ, wish.read);
    mode.set(OpenMode::WRITE, wish.changes());
    mode
}

/// The gap between a file's end and a place behind it, which whoever copies the
/// file reads as zeros.
pub(super) fn gap(file: &File, offset: u64) -> FsResult<u64> {
    let length = may_wait(|| file.metadata())?.len();
    Ok(offset.saturating_sub(length))
}

/// Does what may wait for a disk, or for a file system that never answers, while
/// another thread takes over the guests of this one.
pub(super) fn may_wait<T>(act: impl FnOnce() -> T) -> T {
    tokio::task::block_in_place(act)
}
