//! The functions of `wasi:filesystem`.

use std::sync::Arc;

use wasmtime::component::{HasData, Resource};
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    self, Advice, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry, DirectoryEntryStream,
    ErrorCode, Filesize, MetadataHashValue, NewTimestamp, OpenFlags, PathFlags,
};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, FsError, FsResult};

use super::open::Wish;
use super::refusal::Refusal;
use super::stream::ReadStream;
use super::view::{FilesView, Handle, Start, gap, may_wait};

/// What the host holds for an entry of a folder besides its name, in bytes.
const ENTRY_COST: usize = 96;

/// Names [`FilesView`] to the linker.
pub(in crate::sandbox) struct GrantedFiles;

impl HasData for GrantedFiles {
    type Data<'a> = FilesView<'a>;
}

/// A function of the runtime's implementation, called where it may wait for a disk.
macro_rules! runtime {
    ($view:ident.$name:ident($handle:expr $(, $arg:expr)*)) => {
        $view.runtime($handle, async move |fs, handle| {
            types::HostDescriptor::$name(fs, handle $(, $arg)*).await
        })
    };
}

/// Functions of a handle itself, handed on as they are.
macro_rules! forward {
    ($($name:ident($($arg:ident: $kind:ty),*) -> $result:ty;)*) => {
        $(async fn $name(&mut self, handle: Handle, $($arg: $kind),*) -> FsResult<$result> {
            runtime!(self.$name(&handle $(, $arg)*)).await
        })*
    };
}

/// Functions that only look at what has a name.
macro_rules! look {
    ($($name:ident($($arg:ident: $kind:ty),*) -> $result:ty;)*) => {
        $(async fn $name(&mut self, handle: Handle, $($arg: $kind,)* path: String) -> FsResult<$result> {
            let mount = self.mount(&handle, &path)?;
            let name = path.clone();
            let looked = runtime!(self.$name(&handle, $($arg,)* name)).await;
            self.noted(looked, &mount, path)
        })*
    };
}

/// Functions that change what has a name.
macro_rules! change {
    ($($name:ident($($arg:ident: $kind:ty),*);)*) => {
        $(async fn $name(&mut self, handle: Handle, path: String, $($arg: $kind),*) -> FsResult<()> {
            let mount = self.changeable(&handle, &path).await?;
            let name = path.clone();
            let changed = runtime!(self.$name(&handle, name $(, $arg)*)).await;
            self.noted(changed, &mount, path)
        })*
    };
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
        sync_data() -> ();
        sync() -> ();
        get_flags() -> DescriptorFlags;
        get_type() -> DescriptorType;
        stat() -> DescriptorStat;
        read(length: Filesize, offset: Filesize) -> (Vec<u8>, bool);
        metadata_hash() -> MetadataHashValue;
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
        runtime!(self.set_size(&handle, size)).await
    }

    async fn write(&mut self, handle: Handle, bytes: Vec<u8>, offset: Filesize) -> FsResult<Filesize> {
        self.account.carry(bytes.len()).map_err(FsError::trap)?;
        let (mount, file) = self.writable_file(&handle)?;
        self.grow(&mount, gap(file, offset)?.saturating_add(bytes.len() as u64))?;
        runtime!(self.write(&handle, bytes, offset)).await
    }

    async fn set_times(
        &mut self,
        handle: Handle,
        accessed: NewTimestamp,
        changed: NewTimestamp,
    ) -> FsResult<()> {
        self.only_here(&handle, "an open file")?;
        runtime!(self.set_times(&handle, accessed, changed)).await
    }

    async fn is_same_object(&mut self, one: Handle, other: Handle) -> wasmtime::Result<bool> {
        let other = self.fs.table.get(&other)?.clone();
        let same = self.runtime(&one, async move |fs, one| {
            let other = fs.table.push(other)?;
            let same = types::HostDescriptor::is_same_object(fs, one, other).await;
            same.map_err(FsError::trap)
        });
        Ok(same.await?)
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
        let name = path.clone();
        let found = runtime!(self.stat_at(&handle, flags, name)).await;
        let found = self.noted(found, &mount, path.clone())?;
        if matches!(found.type_, DescriptorType::SymbolicLink) {
            let name = path.clone();
            let set = runtime!(self.set_times_at(&handle, flags, name, accessed, changed)).await;
            return self.noted(set, &mount, path);
        }
        let wish = Wish::of(flags, OpenFlags::empty(), DescriptorFlags::READ)?;
        let opened = self.open(&handle, &path, wish).await?;
        let set = match self.only_here(&opened, &path) {
            Ok(()) => runtime!(self.set_times(&opened, accessed, changed)).await,
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
        let name = path.clone();
        let made = runtime!(self.create_directory_at(&handle, name)).await;
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
        let (dir, account) = (self.dir(&handle)?, self.account.carried());
        let entries = self.runtime(&handle, async move |fs, handle| {
            // The runtime reads all of it at once: it is counted before.
            for entry in rustix::fs::Dir::read_from(&dir).map_err(std::io::Error::from)? {
                let name = entry.map_err(std::io::Error::from)?;
                let cost = name.file_name().count_bytes() + ENTRY_COST;
                account.carry(cost).map_err(FsError::trap)?;
            }
            let entries = types::HostDescriptor::read_directory(fs, handle).await?;
            Ok(fs.table.delete(entries)?)
        });
        let entries = entries.await?;
        Ok(self.fs.table.push(entries)?)
    }

    async fn rename_at(&mut self, from: Handle, old: String, to: Handle, new: String) -> FsResult<()> {
        let source = self.changeable(&from, &old).await?;
        let target = self.changeable(&to, &new).await?;
        // Each folder has room of its own.
        if !Arc::ptr_eq(&source, &target) {
            return Err(ErrorCode::CrossDevice.into());
        }
        let (name, to) = (old.clone(), self.fs.table.get(&to)?.clone());
        let renamed = self.runtime(&from, async move |fs, from| {
            let to = fs.table.push(to)?;
            types::HostDescriptor::rename_at(fs, from, name, to, new).await
        });
        let renamed = renamed.await;
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
        let stream: DynInputStream = Box::new(ReadStream::new(stream, self.disk.clone(), open));
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
