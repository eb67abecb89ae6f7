//! The functions of `wasi:filesystem`: those of wasmtime-wasi, on threads of the plugin's own, and with what
//! is open and what is in flight counted.

use std::fs;
use std::sync::{Arc, Weak};

use wasmtime::Result;
use wasmtime::component::{HasData, Resource, ResourceTable};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemCtxView};
use wasmtime_wasi::p2::bindings::filesystem::preopens;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    self, Advice, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry,
    DirectoryEntryStream, ErrorCode, Filesize, HostDescriptor, HostDirectoryEntryStream,
    MetadataHashValue, NewTimestamp, OpenFlags, PathFlags,
};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, FsError, FsResult};

use super::file_streams::{FileStream, STREAM};
use super::open::open;
use crate::budget::Held;
use crate::meter::SharedMeter;
use crate::state::Identity;
use crate::{Exceeded, Limit};

/// A call's files.
pub(crate) struct Files<'a> {
    pub(crate) view: WasiFilesystemCtxView<'a>,
    pub(crate) identity: &'a Arc<Identity>,
    pub(crate) meter: &'a Arc<SharedMeter>,
    pub(crate) opened: &'a mut Opened,
}

/// Tells the linker what [`Files`] is.
pub(super) struct HasFiles;

impl HasData for HasFiles {
    type Data<'a> = Files<'a>;
}

/// What a call opened. A file is open until its descriptor, its streams and what is under way with it are
/// gone, which is found out when there are many.
#[derive(Debug, Default)]
pub(crate) struct Opened {
    files: Vec<(Weak<fs::File>, Held)>,
    /// How many there may be before it is looked which of them are open yet.
    many: usize,
}

impl Opened {
    /// Makes room for one more.
    pub(crate) fn one_more(&mut self, nothing: impl Fn() -> Held) -> Result<Held, Exceeded> {
        if self.files.len() >= self.many {
            self.look();
        }
        nothing().with(1).or_else(|_| {
            self.look();
            nothing().with(1)
        })
    }

    fn look(&mut self) {
        self.files.retain(|(file, _)| file.strong_count() > 0);
        self.many = 2 * self.files.len() + 16;
    }

    fn push(&mut self, opened: &Descriptor, held: Held) {
        let (Descriptor::File(wasmtime_wasi::filesystem::File { file, .. })
        | Descriptor::Dir(wasmtime_wasi::filesystem::Dir { dir: file, .. })) = opened;
        self.files.push((Arc::downgrade(file), held));
    }
}

/// What a plugin may write at once by a descriptor. It is told how much was written.
const WRITE: usize = 1 << 20;

impl Files<'_> {
    fn held(&self, limit: Limit) -> Held {
        Held::nothing(limit, self.meter, &self.identity.budget)
    }

    fn table(&mut self) -> &mut ResourceTable {
        self.view.table
    }

    /// Puts what counts and what waits on the plugin's threads around a stream of a file.
    fn wrap<S: Send + 'static>(&mut self, stream: Resource<S>) -> FsResult<FileStream<S>> {
        let stream = self.table().delete(stream)?;
        let _held = self.held(Limit::HostMemory).with(STREAM).map_err(FsError::trap)?;
        Ok(FileStream { stream, identity: Arc::clone(self.identity), _held })
    }
}

impl preopens::Host for Files<'_> {
    fn get_directories(&mut self) -> Result<Vec<(Resource<Descriptor>, String)>> {
        let folders = self.identity.grants.folders.iter();
        let given = folders.map(|(name, folder)| {
            let folder = self.view.table.push(Descriptor::Dir(folder.give()))?;
            Ok((folder, name.clone()))
        });
        given.collect()
    }
}

impl types::Host for Files<'_> {
    fn convert_error_code(&mut self, error: FsError) -> Result<ErrorCode> {
        self.view.convert_error_code(error)
    }

    fn filesystem_error_code(
        &mut self,
        error: Resource<wasmtime::Error>,
    ) -> Result<Option<ErrorCode>> {
        self.view.filesystem_error_code(error)
    }
}

/// Functions that are those of wasmtime-wasi, on the plugin's threads.
macro_rules! on_threads {
    ($(fn $name:ident($($argument:ident: $of:ty),*) -> $answer:ty;)*) => {
        $(async fn $name(
            &mut self,
            descriptor: Resource<Descriptor>,
            $($argument: $of),*
        ) -> $answer {
            let work = HostDescriptor::$name(&mut self.view, descriptor, $($argument),*);
            self.identity.threads.around(work).await
        })*
    };
}

impl HostDescriptor for Files<'_> {
    on_threads! {
        fn advise(offset: Filesize, length: Filesize, advice: Advice) -> FsResult<()>;
        fn sync_data() -> FsResult<()>;
        fn get_flags() -> FsResult<DescriptorFlags>;
        fn get_type() -> FsResult<DescriptorType>;
        fn set_size(size: Filesize) -> FsResult<()>;
        fn set_times(accessed: NewTimestamp, modified: NewTimestamp) -> FsResult<()>;
        fn read(length: Filesize, offset: Filesize) -> FsResult<(Vec<u8>, bool)>;
        fn read_directory() -> FsResult<Resource<DirectoryEntryStream>>;
        fn sync() -> FsResult<()>;
        fn create_directory_at(path: String) -> FsResult<()>;
        fn stat() -> FsResult<DescriptorStat>;
        fn stat_at(lookup: PathFlags, path: String) -> FsResult<DescriptorStat>;
        fn set_times_at(
            lookup: PathFlags,
            path: String,
            accessed: NewTimestamp,
            modified: NewTimestamp
        ) -> FsResult<()>;
        fn link_at(
            lookup: PathFlags,
            from: String,
            to_folder: Resource<Descriptor>,
            to: String
        ) -> FsResult<()>;
        fn readlink_at(path: String) -> FsResult<String>;
        fn remove_directory_at(path: String) -> FsResult<()>;
        fn rename_at(
            from: String,
            to_folder: Resource<Descriptor>,
            to: String
        ) -> FsResult<()>;
        fn symlink_at(from: String, to: String) -> FsResult<()>;
        fn unlink_file_at(path: String) -> FsResult<()>;
        fn is_same_object(other: Resource<Descriptor>) -> Result<bool>;
        fn metadata_hash() -> FsResult<MetadataHashValue>;
        fn metadata_hash_at(lookup: PathFlags, path: String) -> FsResult<MetadataHashValue>;
    }

    async fn write(
        &mut self,
        descriptor: Resource<Descriptor>,
        mut bytes: Vec<u8>,
        offset: Filesize,
    ) -> FsResult<Filesize> {
        bytes.truncate(WRITE);
        bytes.shrink_to_fit();
        let work = HostDescriptor::write(&mut self.view, descriptor, bytes, offset);
        self.identity.threads.around(work).await
    }

    async fn open_at(
        &mut self,
        folder: Resource<Descriptor>,
        lookup: PathFlags,
        path: String,
        how: OpenFlags,
        access: DescriptorFlags,
    ) -> FsResult<Resource<Descriptor>> {
        let Descriptor::Dir(folder) = self.view.table.get(&folder)? else {
            return Err(ErrorCode::NotDirectory.into());
        };
        let folder = folder.clone();
        let (meter, budget) = (self.meter, &self.identity.budget);
        let nothing = || Held::nothing(Limit::Descriptors, meter, budget);
        let held = self.opened.one_more(nothing).map_err(FsError::trap)?;
        let work = move || open(&folder, &path, lookup, how, access);
        let opened = self.identity.threads.run(work).await.map_err(|_| ErrorCode::Busy)??;
        self.opened.push(&opened, held);
        Ok(self.table().push(opened)?)
    }

    fn read_via_stream(
        &mut self,
        descriptor: Resource<Descriptor>,
        offset: Filesize,
    ) -> FsResult<Resource<DynInputStream>> {
        let stream = self.view.read_via_stream(descriptor, offset)?;
        let stream: DynInputStream = Box::new(self.wrap(stream)?);
        Ok(self.table().push(stream)?)
    }

    fn write_via_stream(
        &mut self,
        descriptor: Resource<Descriptor>,
        offset: Filesize,
    ) -> FsResult<Resource<DynOutputStream>> {
        let stream = self.view.write_via_stream(descriptor, offset)?;
        let stream: DynOutputStream = Box::new(self.wrap(stream)?);
        Ok(self.table().push(stream)?)
    }

    fn append_via_stream(
        &mut self,
        descriptor: Resource<Descriptor>,
    ) -> FsResult<Resource<DynOutputStream>> {
        let stream = self.view.append_via_stream(descriptor)?;
        let stream: DynOutputStream = Box::new(self.wrap(stream)?);
        Ok(self.table().push(stream)?)
    }

    fn drop(&mut self, descriptor: Resource<Descriptor>) -> Result<()> {
        HostDescriptor::drop(&mut self.view, descriptor)
    }
}

impl HostDirectoryEntryStream for Files<'_> {
    async fn read_directory_entry(
        &mut self,
        entries: Resource<DirectoryEntryStream>,
    ) -> FsResult<Option<DirectoryEntry>> {
        self.view.read_directory_entry(entries).await
    }

    fn drop(&mut self, entries: Resource<DirectoryEntryStream>) -> Result<()> {
        HostDirectoryEntryStream::drop(&mut self.view, entries)
    }
}
