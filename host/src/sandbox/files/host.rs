//! The functions of `wasi:filesystem`.

use std::sync::Arc;

use wasmtime::component::{HasData, Resource};
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::bindings::filesystem::preopens;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    self, Advice, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry, DirectoryEntryStream,
    ErrorCode, Filesize, MetadataHashValue, NewTimestamp, OpenFlags, PathFlags,
};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, FsError, FsResult};

use super::mount::Mount;
use super::nowhere::nowhere;
use super::open::Wish;
use super::refusal::Refusal;
use super::scratch;
use super::stream::ReadStream;
use super::view::{FilesView, Handle, Place, Start, gap, may_wait};
use crate::sandbox::stop::Stop;

/// What the host holds for an entry of a folder besides its name, in bytes.
const ENTRY_COST: usize = 96;

/// Names [`FilesView`] to the linker.
pub(in crate::sandbox) struct GrantedFiles;

impl HasData for GrantedFiles {
    type Data<'a> = FilesView<'a>;
}

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
            let mount = self.changeable(&handle, &path).await?;
            let changed = types::HostDescriptor::$name(&mut self.fs, handle, path.clone(), $($arg),*).await;
            self.noted(changed, &mount, path)
        })*
    };
}

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
        self.grow(&mount, gap(file, size)?)?;
        types::HostDescriptor::set_size(&mut self.fs, handle, size).await
    }

    async fn write(&mut self, handle: Handle, bytes: Vec<u8>, offset: Filesize) -> FsResult<Filesize> {
        self.account.carry(bytes.len()).map_err(FsError::trap)?;
        let (mount, file) = self.writable_file(&handle)?;
        self.grow(&mount, gap(file, offset)?.saturating_add(bytes.len() as u64))?;
        types::HostDescriptor::write(&mut self.fs, handle, bytes, offset).await
    }

    async fn set_times(
        &mut self,
        handle: Handle,
        accessed: NewTimestamp,
        changed: NewTimestamp,
    ) -> FsResult<()> {
        self.only_here(&handle, "an open file")?;
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
        let mount = self.changeable(&handle, &path).await?;
        let itself = Resource::new_borrow(handle.rep());
        let found = types::HostDescriptor::stat_at(&mut self.fs, itself, flags, path.clone()).await;
        let found = self.noted(found, &mount, path.clone())?;
        if matches!(found.type_, DescriptorType::SymbolicLink) {
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
        let wish = Wish::of(flags, OpenFlags::empty(), DescriptorFlags::READ)?;
        let opened = self.open(&handle, &path, wish).await?;
        let itself = Resource::new_borrow(opened.rep());
        let set = match self.only_here(&opened, &path) {
            Ok(()) => types::HostDescriptor::set_times(&mut self.fs, itself, accessed, changed).await,
            Err(refused) => Err(refused),
        };
        types::HostDescriptor::drop(self, opened).map_err(FsError::trap)?;
        set
    }

    async fn create_directory_at(&mut self, handle: Handle, path: String) -> FsResult<()> {
        let mount = self.changeable(&handle, &path).await?;
        if let Some(Err(full)) = mount.room.as_ref().map(|room| room.make()) {
            return self.refuse(&self.refusals.full(&mount, full));
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
        let wish = Wish::of(path_flags, open_flags, flags)?;
        self.open(&handle, &path, wish).await
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
        let source = self.changeable(&from, &old).await?;
        let target = self.changeable(&to, &new).await?;
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
        let open = self.stream_of(&handle)?;
        let stream = types::HostDescriptor::read_via_stream(&mut self.fs, handle, offset)?;
        let stream = self.fs.table.delete(stream)?;
        let stream: DynInputStream = Box::new(ReadStream { stream, _open: open });
        Ok(self.fs.table.push(stream)?)
    }

    fn write_via_stream(&mut self, handle: Handle, offset: Filesize) -> FsResult<Resource<DynOutputStream>> {
        let charge = self.write_charge(&handle, Start::Offset(offset))?;
        let stream = types::HostDescriptor::write_via_stream(&mut self.fs, handle, offset)?;
        self.charged(stream, charge)
    }

    fn append_via_stream(&mut self, handle: Handle) -> FsResult<Resource<DynOutputStream>> {
        let charge = self.write_charge(&handle, Start::End)?;
        let stream = types::HostDescriptor::append_via_stream(&mut self.fs, handle)?;
        self.charged(stream, charge)
    }

    fn drop(&mut self, handle: Handle) -> wasmtime::Result<()> {
        let held = self.handles.remove(&handle.rep());
        // To close a file can take as long as to write to it.
        may_wait(|| types::HostDescriptor::drop(&mut self.fs, handle))?;
        drop(held);
        Ok(())
    }
}

impl types::HostDirectoryEntryStream for FilesView<'_> {
    async fn read_directory_entry(
        &mut self,
        stream: Resource<DirectoryEntryStream>,
    ) -> FsResult<Option<DirectoryEntry>> {
        loop {
            let borrowed = Resource::new_borrow(stream.rep());
            let entry = types::HostDirectoryEntryStream::read_directory_entry(&mut self.fs, borrowed).await;
            match entry {
                // A name that is no Unicode text cannot be handed over, nor be asked
                // for; the others can.
                Err(error) if matches!(error.downcast_ref(), Some(ErrorCode::IllegalByteSequence)) => {}
                entry => return entry,
            }
        }
    }

    fn drop(&mut self, stream: Resource<DirectoryEntryStream>) -> wasmtime::Result<()> {
        types::HostDirectoryEntryStream::drop(&mut self.fs, stream)
    }
}
