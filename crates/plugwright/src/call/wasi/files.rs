//! The functions of `wasi:filesystem`. wasmtime-wasi implements them. Here they run on the plugin's own threads, and
//! open files and bytes in flight are counted.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

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
use crate::call::budget::Held;
use crate::call::identity::Identity;
use crate::call::meter::SharedMeter;
use crate::call::threads::Unavailable;
use crate::permission::limits::Limit;

/// A call's files.
pub(crate) struct Files<'a> {
    pub(crate) view: WasiFilesystemCtxView<'a>,
    pub(crate) identity: &'a Arc<Identity>,
    pub(crate) meter: &'a Arc<SharedMeter>,
    pub(crate) opened: &'a mut Opened,
}

/// Tells the linker to use [`Files`].
pub(super) struct HasFiles;

impl HasData for HasFiles {
    type Data<'a> = Files<'a>;
}

/// What a call has opened, by the numbers of the descriptors. A file is open until its descriptor and its streams are
/// dropped.
pub(crate) type Opened = HashMap<u32, Arc<Held>>;

/// The maximum number of bytes that a plugin can write at once with a descriptor. The plugin is told how much was
/// written.
const WRITE: usize = 1 << 20;

/// The maximum number of names in a path. On systems that cannot resolve a whole path inside a folder, the folder of
/// each name is open until the last one is.
const NAMES: usize = 64;

/// Refuses a path with too many names.
fn check(path: &str) -> FsResult<()> {
    match Path::new(path).components().nth(NAMES) {
        Some(_) => Err(ErrorCode::NameTooLong.into()),
        None => Ok(()),
    }
}

impl Files<'_> {
    fn held(&self, limit: Limit) -> Held {
        Held::nothing(limit, self.meter, &self.identity.budget)
    }

    fn table(&mut self) -> &mut ResourceTable {
        self.view.table
    }

    /// Wraps a stream of a file, so that it counts and waits on the plugin's threads.
    fn wrap<S: Send + 'static>(
        &mut self,
        stream: Resource<S>,
        file: u32,
    ) -> FsResult<FileStream<S>> {
        let stream = self.table().delete(stream)?;
        let held = self.held(Limit::HostMemory).with(STREAM).map_err(FsError::trap)?;
        let file = self.opened.get(&file).cloned();
        Ok(FileStream::new(stream, Arc::clone(self.identity), held, file))
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

/// Functions of wasmtime-wasi that run on the plugin's threads. The names in brackets are the arguments that are paths.
macro_rules! on_threads {
    ($(fn $name:ident[$($path:ident)*]($($argument:ident: $of:ty),*) -> $answer:ty;)*) => {
        $(async fn $name(
            &mut self,
            descriptor: Resource<Descriptor>,
            $($argument: $of),*
        ) -> $answer {
            $(check(&$path)?;)*
            let work = HostDescriptor::$name(&mut self.view, descriptor, $($argument),*);
            self.identity.threads.around(work).await.map_err(busy)?
        })*
    };
}

fn busy(_: Unavailable) -> FsError {
    ErrorCode::Busy.into()
}

impl HostDescriptor for Files<'_> {
    on_threads! {
        fn advise[](offset: Filesize, length: Filesize, advice: Advice) -> FsResult<()>;
        fn sync_data[]() -> FsResult<()>;
        fn get_flags[]() -> FsResult<DescriptorFlags>;
        fn get_type[]() -> FsResult<DescriptorType>;
        fn set_size[](size: Filesize) -> FsResult<()>;
        fn set_times[](accessed: NewTimestamp, modified: NewTimestamp) -> FsResult<()>;
        fn read[](length: Filesize, offset: Filesize) -> FsResult<(Vec<u8>, bool)>;
        fn sync[]() -> FsResult<()>;
        fn create_directory_at[path](path: String) -> FsResult<()>;
        fn stat[]() -> FsResult<DescriptorStat>;
        fn stat_at[path](lookup: PathFlags, path: String) -> FsResult<DescriptorStat>;
        fn set_times_at[path](
            lookup: PathFlags,
            path: String,
            accessed: NewTimestamp,
            modified: NewTimestamp
        ) -> FsResult<()>;
        fn link_at[from to](
            lookup: PathFlags,
            from: String,
            to_folder: Resource<Descriptor>,
            to: String
        ) -> FsResult<()>;
        fn readlink_at[path](path: String) -> FsResult<String>;
        fn remove_directory_at[path](path: String) -> FsResult<()>;
        fn rename_at[from to](
            from: String,
            to_folder: Resource<Descriptor>,
            to: String
        ) -> FsResult<()>;
        fn symlink_at[from to](from: String, to: String) -> FsResult<()>;
        fn unlink_file_at[path](path: String) -> FsResult<()>;
        fn metadata_hash[]() -> FsResult<MetadataHashValue>;
        fn metadata_hash_at[path](lookup: PathFlags, path: String) -> FsResult<MetadataHashValue>;
    }

    async fn is_same_object(
        &mut self,
        descriptor: Resource<Descriptor>,
        other: Resource<Descriptor>,
    ) -> Result<bool> {
        let work = HostDescriptor::is_same_object(&mut self.view, descriptor, other);
        self.identity.threads.around(work).await?
    }

    /// Is replaced by [`directory`](super::directory).
    async fn read_directory(
        &mut self,
        _: Resource<Descriptor>,
    ) -> FsResult<Resource<DirectoryEntryStream>> {
        Err(ErrorCode::Unsupported.into())
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
        self.identity.threads.around(work).await.map_err(busy)?
    }

    async fn open_at(
        &mut self,
        folder: Resource<Descriptor>,
        lookup: PathFlags,
        path: String,
        how: OpenFlags,
        access: DescriptorFlags,
    ) -> FsResult<Resource<Descriptor>> {
        check(&path)?;
        let Descriptor::Dir(folder) = self.view.table.get(&folder)? else {
            return Err(ErrorCode::NotDirectory.into());
        };
        let folder = folder.clone();
        let held = self.held(Limit::Descriptors).with(1).map_err(FsError::trap)?;
        // The opened file counts even if nothing waits for it any more.
        let work = move || open(&folder, &path, lookup, how, access).map(|opened| (opened, held));
        let (opened, held) = self.identity.threads.run(work).await.map_err(busy)??;
        let descriptor = self.table().push(opened)?;
        self.opened.insert(descriptor.rep(), Arc::new(held));
        Ok(descriptor)
    }

    fn read_via_stream(
        &mut self,
        descriptor: Resource<Descriptor>,
        offset: Filesize,
    ) -> FsResult<Resource<DynInputStream>> {
        let file = descriptor.rep();
        let stream = self.view.read_via_stream(descriptor, offset)?;
        let stream: DynInputStream = Box::new(self.wrap(stream, file)?);
        Ok(self.table().push(stream)?)
    }

    fn write_via_stream(
        &mut self,
        descriptor: Resource<Descriptor>,
        offset: Filesize,
    ) -> FsResult<Resource<DynOutputStream>> {
        let file = descriptor.rep();
        let stream = self.view.write_via_stream(descriptor, offset)?;
        let stream: DynOutputStream = Box::new(self.wrap(stream, file)?);
        Ok(self.table().push(stream)?)
    }

    fn append_via_stream(
        &mut self,
        descriptor: Resource<Descriptor>,
    ) -> FsResult<Resource<DynOutputStream>> {
        let file = descriptor.rep();
        let stream = self.view.append_via_stream(descriptor)?;
        let stream: DynOutputStream = Box::new(self.wrap(stream, file)?);
        Ok(self.table().push(stream)?)
    }

    fn drop(&mut self, descriptor: Resource<Descriptor>) -> Result<()> {
        let number = descriptor.rep();
        HostDescriptor::drop(&mut self.view, descriptor)?;
        self.opened.remove(&number);
        Ok(())
    }
}

impl HostDirectoryEntryStream for Files<'_> {
    async fn read_directory_entry(
        &mut self,
        _: Resource<DirectoryEntryStream>,
    ) -> FsResult<Option<DirectoryEntry>> {
        Err(ErrorCode::Unsupported.into())
    }

    fn drop(&mut self, entries: Resource<DirectoryEntryStream>) -> Result<()> {
        HostDirectoryEntryStream::drop(&mut self.view, entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_of_so_many_names() {
        let path = |names: usize| vec![".."; names].join("/");
        assert!(check(&path(NAMES)).is_ok());
        let error = check(&path(NAMES + 1)).expect_err("it is of one more");
        assert!(matches!(error.downcast_ref(), Some(ErrorCode::NameTooLong)), "{error:?}");
        assert!(check(&"a/".repeat(NAMES + 1)).is_err());
        // Names that change nothing do not count.
        assert!(check(&"a/./".repeat(NAMES)).is_ok());
    }
}
