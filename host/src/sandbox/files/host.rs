//! The functions of `wasi:filesystem`.

use std::fs::File;
use std::sync::Arc;

use wasmtime::component::{HasData, Resource};
use wasmtime_wasi::filesystem::{self, Descriptor, Dir, OpenMode};
use wasmtime_wasi::p2::bindings::filesystem::preopens;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    self, Advice, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry, DirectoryEntryStream,
    ErrorCode, Filesize, MetadataHashValue, NewTimestamp, OpenFlags, PathFlags,
};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, FsError, FsResult};

use super::mount::Mount;
use super::open::{self, NotOpened, Opened, Wish};
use super::refusal::{Refusal, Refusals};
use super::slots::{self, Slot};
use super::stream::{ReadStream, WriteStream};
use super::{FilesView, Held, Place, nowhere, scratch};
use crate::sandbox::charged::ChargedStream;
use crate::sandbox::stop::Stop;

/// Names [`FilesView`] to the linker.
pub(in crate::sandbox) struct GrantedFiles;

impl HasData for GrantedFiles {
    type Data<'a> = FilesView<'a>;
}

type Handle = Resource<Descriptor>;

/// Functions of a handle itself, handed to the runtime's implementation as they
/// are.
macro_rules! forward {
    ($($name:ident($($arg:ident: $kind:ty),*) -> $result:ty;)*) => {
        $(async fn $name(&mut self, $($arg: $kind),*) -> $result {
            types::HostDescriptor::$name(&mut self.fs, $($arg),*).await
        })*
    };
}

/// Functions that only look at what has a name.
macro_rules! look {
    ($($name:ident($($arg:ident: $kind:ty),*) -> $result:ty;)*) => {
        $(async fn $name(&mut self, handle: Handle, $($arg: $kind,)* path: String) -> FsResult<$result> {
            let mount = self.mount(&handle, &path)?;
            let looked = types::HostDescriptor::$name(&mut self.fs, handle, $($arg,)* path.clone()).await;
            self.noted(looked, &mount, path)
        })*
    };
}

/// Functions that change what has a name.
macro_rules! change {
    ($($name:ident($($arg:ident: $kind:ty),*);)*) => {
        $(async fn $name(&mut self, handle: Handle, path: String, $($arg: $kind),*) -> FsResult<()> {
            let mount = self.writable(&handle, &path)?;
            let changed = types::HostDescriptor::$name(&mut self.fs, handle, path.clone(), $($arg),*).await;
            self.noted(changed, &mount, path)
        })*
    };
}

impl FilesView<'_> {
    fn refusals(&self) -> Refusals {
        Refusals {
            witness: self.witness.clone(),
            agent: self.agent.clone(),
        }
    }

    fn refuse<T>(&self, refusal: &Refusal) -> FsResult<T> {
        Err(self.refusals().refuse(refusal))
    }

    /// The folder that a handle is in.
    fn place(&self, handle: &Handle) -> FsResult<Place> {
        let held = self.places.get(&handle.rep());
        // Every handle that the guest has, it was given here.
        held.map(|held| held.place.clone())
            .ok_or_else(|| ErrorCode::BadDescriptor.into())
    }

    /// The folder in which a path is looked for, which is charged.
    fn mount(&mut self, handle: &Handle, path: &str) -> FsResult<Arc<Mount>> {
        self.account.carry(path.len()).map_err(FsError::trap)?;
        match self.place(handle)? {
            Place::In(mount) => Ok(mount),
            Place::Nowhere => Err(ErrorCode::NoEntry.into()),
        }
    }

    /// The same of a folder in which something is to be changed.
    fn writable(&mut self, handle: &Handle, path: &str) -> FsResult<Arc<Mount>> {
        if matches!(self.place(handle)?, Place::Nowhere) {
            let refusal = self.refusals().not_granted(path);
            return self.refuse(&refusal);
        }
        let mount = self.mount(handle, path)?;
        match mount.room {
            Some(_) => Ok(mount),
            None => self.refuse(&self.refusals().read_only(&mount)),
        }
    }

    /// The folder of an open file that is to be changed, and the file.
    fn writable_file(&self, handle: &Handle) -> FsResult<(Arc<Mount>, &filesystem::File)> {
        let Place::In(mount) = self.place(handle)? else {
            return Err(ErrorCode::BadDescriptor.into());
        };
        if mount.room.is_none() {
            return self.refuse(&self.refusals().read_only(&mount));
        }
        match self.fs.table.get(handle)? {
            Descriptor::File(file) => Ok((mount, file)),
            Descriptor::Dir(_) => Err(ErrorCode::BadDescriptor.into()),
        }
    }

    /// Takes room in a folder for bytes that a file grows by.
    fn grow(&self, mount: &Mount, bytes: u64) -> FsResult<()> {
        let taken = mount.room.as_ref().map_or(Ok(()), |room| room.write(bytes));
        taken.or_else(|full| self.refuse(&self.refusals().full(mount, full)))
    }

    /// What the runtime answered; what it did not allow is noted.
    fn noted<T>(&self, answer: FsResult<T>, mount: &Mount, path: String) -> FsResult<T> {
        if let Err(error) = &answer
            && let Some(ErrorCode::NotPermitted | ErrorCode::Access) = error.downcast_ref()
        {
            let mount = mount.at.clone();
            self.refusals().note(&Refusal::Forbidden { mount, path });
        }
        answer
    }

    /// Gives the guest a handle in a folder.
    fn hand_out(
        &mut self,
        descriptor: Descriptor,
        place: Place,
        slot: Option<Slot>,
    ) -> wasmtime::Result<Handle> {
        let handle = self.fs.table.push(descriptor)?;
        let held = Held { place, _slot: slot };
        self.places.insert(handle.rep(), held);
        Ok(handle)
    }

    /// Opens what has a name, off the threads that guests run on.
    async fn opened(
        &mut self,
        handle: &Handle,
        mount: &Arc<Mount>,
        path: &str,
        wish: Wish,
    ) -> FsResult<Opened> {
        let dir = match self.fs.table.get(handle)? {
            Descriptor::Dir(dir) => dir.dir.clone(),
            Descriptor::File(_) => return Err(ErrorCode::NotDirectory.into()),
        };
        let (room, name) = (mount.room.clone(), path.to_owned());
        let opening =
            wasmtime_wasi::runtime::spawn_blocking(move || open::open(&dir, &name, wish, room.as_deref()));
        let (mount_name, path) = (mount.at.clone(), path.to_owned());
        match opening.await {
            Ok(opened) => {
                self.witness.opened();
                Ok(opened)
            }
            Err(NotOpened::Io(error)) => self.noted(Err(error.into()), mount, path),
            Err(NotOpened::NoFile) => self.refuse(&Refusal::NoFile {
                mount: mount_name,
                path,
            }),
            Err(NotOpened::Linked) => self.refuse(&Refusal::Linked {
                mount: mount_name,
                path,
            }),
            Err(NotOpened::Full(full)) => self.refuse(&self.refusals().full(mount, full)),
        }
    }
}

/// How many bytes a file grows by at most when so many are written somewhere: a
/// gap before them counts, since it is read as zeros by whoever copies the file.
fn growth(file: &File, offset: u64, bytes: u64) -> FsResult<u64> {
    Ok(bytes.saturating_add(gap(file, offset)?))
}

/// The gap between a file's end and a place behind it. The system answers from
/// what it holds of an open file, without waiting for a disk.
fn gap(file: &File, offset: u64) -> FsResult<u64> {
    Ok(offset.saturating_sub(file.metadata()?.len()))
}

/// How it is to be opened; none if the host cannot promise what is asked.
fn wish(path_flags: PathFlags, open_flags: OpenFlags, flags: DescriptorFlags) -> FsResult<Wish> {
    let synchronous = DescriptorFlags::FILE_INTEGRITY_SYNC
        | DescriptorFlags::DATA_INTEGRITY_SYNC
        | DescriptorFlags::REQUESTED_WRITE_SYNC;
    if flags.intersects(synchronous) {
        return Err(ErrorCode::Unsupported.into());
    }
    let makes = OpenFlags::CREATE | OpenFlags::EXCLUSIVE | OpenFlags::TRUNCATE;
    if open_flags.contains(OpenFlags::DIRECTORY) && open_flags.intersects(makes) {
        return Err(ErrorCode::Invalid.into());
    }
    let write = flags.contains(DescriptorFlags::WRITE);
    Ok(Wish {
        follow: path_flags.contains(PathFlags::SYMLINK_FOLLOW),
        read: flags.contains(DescriptorFlags::READ) || !write,
        write,
        create: open_flags.contains(OpenFlags::CREATE),
        exclusive: open_flags.contains(OpenFlags::EXCLUSIVE),
        truncate: open_flags.contains(OpenFlags::TRUNCATE),
        folder: open_flags.contains(OpenFlags::DIRECTORY),
    })
}

impl preopens::Host for FilesView<'_> {
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Handle, String)>> {
        let mut mounts: Vec<Arc<Mount>> = self
            .granted
            .map_or(Vec::new(), |granted| granted.mounts().to_vec());
        if let Some(folders) = self.granted.and_then(|granted| granted.scratch()) {
            let mount = scratch::mount(self.scratch, folders);
            mounts.push(mount.map_err(|error| Stop::Scratch {
                said: error.to_string(),
            })?);
        }
        let mut found = Vec::new();
        for mount in mounts {
            let (handle, name) = (Descriptor::Dir(mount.dir.clone()), mount.at.clone());
            found.push((self.hand_out(handle, Place::In(mount), None)?, name));
        }
        let has_root = found.iter().any(|(_, name)| name == "/");
        if let Some(dir) = nowhere::nowhere().filter(|_| !has_root) {
            let handle = self.hand_out(Descriptor::Dir(dir), Place::Nowhere, None)?;
            found.push((handle, "/".to_owned()));
        }
        Ok(found)
    }
}

impl types::Host for FilesView<'_> {
    fn convert_error_code(&mut self, error: FsError) -> wasmtime::Result<ErrorCode> {
        types::Host::convert_error_code(&mut self.fs, error)
    }

    fn filesystem_error_code(
        &mut self,
        error: Resource<wasmtime::Error>,
    ) -> wasmtime::Result<Option<ErrorCode>> {
        types::Host::filesystem_error_code(&mut self.fs, error)
    }
}

impl types::HostDescriptor for FilesView<'_> {
    forward! {
        sync_data(handle: Handle) -> FsResult<()>;
        sync(handle: Handle) -> FsResult<()>;
        get_flags(handle: Handle) -> FsResult<DescriptorFlags>;
        get_type(handle: Handle) -> FsResult<DescriptorType>;
        stat(handle: Handle) -> FsResult<DescriptorStat>;
        read(handle: Handle, length: Filesize, offset: Filesize) -> FsResult<(Vec<u8>, bool)>;
        is_same_object(one: Handle, other: Handle) -> wasmtime::Result<bool>;
        metadata_hash(handle: Handle) -> FsResult<MetadataHashValue>;
    }

    look! {
        stat_at(flags: PathFlags) -> DescriptorStat;
        metadata_hash_at(flags: PathFlags) -> MetadataHashValue;
        readlink_at() -> String;
    }

    change! {
        remove_directory_at();
        unlink_file_at();
    }

    /// The host reads nothing ahead because a guest says that it might read.
    async fn advise(&mut self, handle: Handle, _: Filesize, _: Filesize, _: Advice) -> FsResult<()> {
        match self.fs.table.get(&handle)? {
            Descriptor::File(_) => Ok(()),
            Descriptor::Dir(_) => Err(ErrorCode::BadDescriptor.into()),
        }
    }

    async fn set_size(&mut self, handle: Handle, size: Filesize) -> FsResult<()> {
        let (mount, file) = self.writable_file(&handle)?;
        self.grow(&mount, gap(&file.file, size)?)?;
        types::HostDescriptor::set_size(&mut self.fs, handle, size).await
    }

    async fn write(&mut self, handle: Handle, bytes: Vec<u8>, offset: Filesize) -> FsResult<Filesize> {
        self.account.carry(bytes.len()).map_err(FsError::trap)?;
        let (mount, file) = self.writable_file(&handle)?;
        self.grow(&mount, growth(&file.file, offset, bytes.len() as u64)?)?;
        types::HostDescriptor::write(&mut self.fs, handle, bytes, offset).await
    }

    async fn set_times(
        &mut self,
        handle: Handle,
        accessed: NewTimestamp,
        changed: NewTimestamp,
    ) -> FsResult<()> {
        self.writable(&handle, "")?;
        types::HostDescriptor::set_times(&mut self.fs, handle, accessed, changed).await
    }

    /// A file is opened for this like any other; a link has times of its own.
    async fn set_times_at(
        &mut self,
        handle: Handle,
        flags: PathFlags,
        path: String,
        accessed: NewTimestamp,
        changed: NewTimestamp,
    ) -> FsResult<()> {
        let mount = self.writable(&handle, &path)?;
        if !flags.contains(PathFlags::SYMLINK_FOLLOW) {
            let set = types::HostDescriptor::set_times_at(
                &mut self.fs,
                handle,
                flags,
                path.clone(),
                accessed,
                changed,
            );
            let set = set.await;
            return self.noted(set, &mount, path);
        }
        let opened = self.open_at(handle, flags, path, OpenFlags::empty(), DescriptorFlags::READ);
        let opened = opened.await?;
        let borrowed = Resource::new_borrow(opened.rep());
        let set = types::HostDescriptor::set_times(&mut self.fs, borrowed, accessed, changed).await;
        types::HostDescriptor::drop(self, opened).map_err(FsError::trap)?;
        set
    }

    async fn create_directory_at(&mut self, handle: Handle, path: String) -> FsResult<()> {
        let mount = self.writable(&handle, &path)?;
        if let Some(Err(full)) = mount.room.as_ref().map(|room| room.make()) {
            return self.refuse(&self.refusals().full(&mount, full));
        }
        let made = types::HostDescriptor::create_directory_at(&mut self.fs, handle, path.clone()).await;
        self.noted(made, &mount, path)
    }

    async fn open_at(
        &mut self,
        handle: Handle,
        path_flags: PathFlags,
        path: String,
        open_flags: OpenFlags,
        flags: DescriptorFlags,
    ) -> FsResult<Handle> {
        let wish = wish(path_flags, open_flags, flags)?;
        let changes = wish.write || wish.create || wish.truncate;
        let mount = match changes {
            true => self.writable(&handle, &path)?,
            false if matches!(self.place(&handle)?, Place::Nowhere) && !is_itself(&path) => {
                return self.refuse(&self.refusals().not_granted(&path));
            }
            false if matches!(self.place(&handle)?, Place::Nowhere) => {
                return self.nowhere_again();
            }
            false => self.mount(&handle, &path)?,
        };
        let mode = match (wish.read, changes) {
            (true, true) => OpenMode::READ | OpenMode::WRITE,
            (true, false) => OpenMode::READ,
            (false, _) => OpenMode::WRITE,
        };
        if self.places.len() >= MOST_OPEN {
            let limit = MOST_OPEN as u64;
            return Err(FsError::trap(Stop::OpenFiles { limit }));
        }
        let slot = slots::slot().await;
        let opened = self.opened(&handle, &mount, &path, wish).await?;
        let descriptor = match opened {
            Opened::File(file) => Descriptor::File(filesystem::File::new(file, mount.dir.perms, mode, false)),
            Opened::Folder(file) => Descriptor::Dir(Dir::new(file, mount.dir.perms, mode, false)),
        };
        self.hand_out(descriptor, Place::In(mount), Some(slot))
            .map_err(FsError::trap)
    }

    async fn read_directory(&mut self, handle: Handle) -> FsResult<Resource<DirectoryEntryStream>> {
        let Descriptor::Dir(dir) = self.fs.table.get(&handle)? else {
            return Err(ErrorCode::NotDirectory.into());
        };
        let (dir, account) = (dir.dir.clone(), self.account.carried());
        // The runtime reads all of it at once: it is counted before.
        let counting = wasmtime_wasi::runtime::spawn_blocking(move || {
            for entry in rustix::fs::Dir::read_from(&dir).map_err(std::io::Error::from)? {
                let name = entry.map_err(std::io::Error::from)?;
                let cost = name.file_name().count_bytes() + ENTRY_COST;
                account.carry(cost).map_err(FsError::trap)?;
            }
            Ok::<_, FsError>(())
        });
        counting.await?;
        types::HostDescriptor::read_directory(&mut self.fs, handle).await
    }

    async fn rename_at(&mut self, from: Handle, old: String, to: Handle, new: String) -> FsResult<()> {
        let (source, target) = (self.writable(&from, &old)?, self.writable(&to, &new)?);
        // Each folder has room of its own.
        if !Arc::ptr_eq(&source, &target) {
            return Err(ErrorCode::CrossDevice.into());
        }
        let renamed = types::HostDescriptor::rename_at(&mut self.fs, from, old.clone(), to, new).await;
        self.noted(renamed, &source, old)
    }

    async fn link_at(
        &mut self,
        from: Handle,
        _: PathFlags,
        _: String,
        to: Handle,
        path: String,
    ) -> FsResult<()> {
        self.writable(&from, "")?;
        let mount = self.writable(&to, &path)?.at.clone();
        self.refuse(&Refusal::Link { mount, path })
    }

    async fn symlink_at(&mut self, handle: Handle, _: String, path: String) -> FsResult<()> {
        let mount = self.writable(&handle, &path)?.at.clone();
        self.refuse(&Refusal::Link { mount, path })
    }

    fn read_via_stream(&mut self, handle: Handle, offset: Filesize) -> FsResult<Resource<DynInputStream>> {
        let stream = types::HostDescriptor::read_via_stream(&mut self.fs, handle, offset)?;
        let stream = self.fs.table.delete(stream)?;
        let stream: DynInputStream = Box::new(ReadStream(stream));
        Ok(self.fs.table.push(stream)?)
    }

    fn write_via_stream(&mut self, handle: Handle, offset: Filesize) -> FsResult<Resource<DynOutputStream>> {
        let (mount, file) = self.writable_file(&handle)?;
        let gap = gap(&file.file, offset)?;
        let stream = types::HostDescriptor::write_via_stream(&mut self.fs, handle, offset)?;
        self.bounded(stream, mount, gap)
    }

    fn append_via_stream(&mut self, handle: Handle) -> FsResult<Resource<DynOutputStream>> {
        let (mount, _) = self.writable_file(&handle)?;
        let stream = types::HostDescriptor::append_via_stream(&mut self.fs, handle)?;
        self.bounded(stream, mount, 0)
    }

    fn drop(&mut self, handle: Handle) -> wasmtime::Result<()> {
        self.places.remove(&handle.rep());
        types::HostDescriptor::drop(&mut self.fs, handle)
    }
}

/// Files and folders that one attempt may have open. Each is an open file of the
/// host's, of which the system gives it few.
const MOST_OPEN: usize = 128;
/// What the host holds for an entry of a folder besides its name, in bytes.
const ENTRY_COST: usize = 96;

/// Whether a path names the folder itself.
fn is_itself(path: &str) -> bool {
    path.split('/').all(|part| part.is_empty() || part == ".")
}

impl FilesView<'_> {
    /// Another handle to the place where nothing is: to look at it is no denial.
    fn nowhere_again(&mut self) -> FsResult<Handle> {
        let dir = nowhere::nowhere().ok_or(ErrorCode::NoEntry)?;
        self.hand_out(Descriptor::Dir(dir), Place::Nowhere, None)
            .map_err(FsError::trap)
    }

    /// A stream of a file, as far as there is room, charged to the attempt.
    fn bounded(
        &mut self,
        stream: Resource<DynOutputStream>,
        mount: Arc<Mount>,
        gap: u64,
    ) -> FsResult<Resource<DynOutputStream>> {
        let stream = self.fs.table.delete(stream)?;
        let Some(room) = mount.room.clone() else {
            return self.refuse(&self.refusals().read_only(&mount));
        };
        let stream = Box::new(WriteStream {
            stream,
            mount,
            room,
            gap,
            refusals: self.refusals(),
        });
        let stream: DynOutputStream = Box::new(ChargedStream::new(stream, self.account.carried()));
        Ok(self.fs.table.push(stream)?)
    }
}

impl types::HostDirectoryEntryStream for FilesView<'_> {
    async fn read_directory_entry(
        &mut self,
        stream: Resource<DirectoryEntryStream>,
    ) -> FsResult<Option<DirectoryEntry>> {
        types::HostDirectoryEntryStream::read_directory_entry(&mut self.fs, stream).await
    }

    fn drop(&mut self, stream: Resource<DirectoryEntryStream>) -> wasmtime::Result<()> {
        types::HostDirectoryEntryStream::drop(&mut self.fs, stream)
    }
}
