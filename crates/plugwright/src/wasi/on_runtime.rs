//! The functions of WASI that wait, each of which is wasmtime's, done on the library's runtime and not on the
//! caller's.

use wasmtime::component::{HasData, Linker, Resource, ResourceTable};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi::filesystem::{WasiFilesystemCtxView, WasiFilesystemView as _};
use wasmtime_wasi::p2::bindings::filesystem::types::{
    self, Advice, Descriptor, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry,
    DirectoryEntryStream, Filesize, MetadataHashValue, NewTimestamp, OpenFlags, PathFlags,
};
use wasmtime_wasi::p2::bindings::io::{poll, streams};
use wasmtime_wasi::p2::{
    DynInputStream, DynOutputStream, DynPollable, FsError, FsResult, StreamError, StreamResult,
};
use wasmtime_wasi_http::WasiHttpView as _;
use wasmtime_wasi_http::p2::bindings::http::outgoing_handler;
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, Host as _};
use wasmtime_wasi_http::p2::types::HostFutureIncomingResponse;

use crate::State;
use crate::runtime::{enter, entered};

/// What wasmtime implements interfaces for, with the library's runtime as the current one.
pub(super) struct OnRuntime<T>(T);

/// Gives `wasi:io` the table of streams.
pub(super) struct Io;

impl Io {
    pub(super) fn of<D>(state: &mut State<D>) -> OnRuntime<&mut ResourceTable> {
        OnRuntime(&mut state.resources)
    }
}

impl HasData for Io {
    type Data<'a> = OnRuntime<&'a mut ResourceTable>;
}

/// Gives `wasi:filesystem` the folders.
pub(super) struct Filesystem;

impl Filesystem {
    pub(super) fn of<D: Send>(state: &mut State<D>) -> OnRuntime<WasiFilesystemCtxView<'_>> {
        OnRuntime(state.filesystem())
    }
}

impl HasData for Filesystem {
    type Data<'a> = OnRuntime<WasiFilesystemCtxView<'a>>;
}

/// Links `wasi:http/outgoing-handler`. wasmtime's own way to link it asks for all of `wasi:http/types` besides.
pub(super) fn link_outgoing_handler<D: Send>(linker: &mut Linker<State<D>>) -> Result<()> {
    type Answer = Result<Resource<HostFutureIncomingResponse>, ErrorCode>;
    linker.instance("wasi:http/outgoing-handler@0.2.0")?.func_wrap(
        "handle",
        |mut store: StoreContextMut<'_, State<D>>, (request, options)| -> Result<(Answer,)> {
            let _entered = enter();
            let mut http = store.data_mut().http();
            let answer = outgoing_handler::Host::handle(&mut http, request, options);
            Ok((match answer {
                Ok(response) => Ok(response),
                Err(error) => Err(http.convert_error_code(error)?),
            },))
        },
    )
}

/// Implements the trait of an interface by its implementation for what is inside.
macro_rules! on_runtime {
    ($trait:path, $inside:ty {
        $(async fn $waiting:ident($($waits:ident: $for:ty),*) -> $then:ty;)*
        $(fn $name:ident($($argument:ident: $type:ty),*) -> $result:ty;)*
    }) => {
        impl $trait for OnRuntime<$inside> {
            $(async fn $waiting(&mut self, $($waits: $for),*) -> $then {
                entered(<$inside as $trait>::$waiting(&mut self.0, $($waits),*)).await
            })*
            $(fn $name(&mut self, $($argument: $type),*) -> $result {
                let _entered = enter();
                <$inside as $trait>::$name(&mut self.0, $($argument),*)
            })*
        }
    };
}

on_runtime!(poll::Host, &mut ResourceTable {
    async fn poll(pollables: Vec<Resource<DynPollable>>) -> Result<Vec<u32>>;
});

on_runtime!(poll::HostPollable, &mut ResourceTable {
    async fn block(pollable: Resource<DynPollable>) -> Result<()>;
    async fn ready(pollable: Resource<DynPollable>) -> Result<bool>;
    fn drop(pollable: Resource<DynPollable>) -> Result<()>;
});

on_runtime!(streams::Host, &mut ResourceTable {
    fn convert_stream_error(error: StreamError) -> Result<streams::StreamError>;
});

on_runtime!(streams::HostInputStream, &mut ResourceTable {
    async fn blocking_read(stream: Resource<DynInputStream>, length: u64) -> StreamResult<Vec<u8>>;
    async fn blocking_skip(stream: Resource<DynInputStream>, length: u64) -> StreamResult<u64>;
    async fn drop(stream: Resource<DynInputStream>) -> Result<()>;
    fn read(stream: Resource<DynInputStream>, length: u64) -> StreamResult<Vec<u8>>;
    fn skip(stream: Resource<DynInputStream>, length: u64) -> StreamResult<u64>;
    fn subscribe(stream: Resource<DynInputStream>) -> Result<Resource<DynPollable>>;
});

on_runtime!(streams::HostOutputStream, &mut ResourceTable {
    async fn blocking_write_and_flush(stream: Resource<DynOutputStream>, bytes: Vec<u8>) -> StreamResult<()>;
    async fn blocking_write_zeroes_and_flush(stream: Resource<DynOutputStream>, length: u64) -> StreamResult<()>;
    async fn blocking_flush(stream: Resource<DynOutputStream>) -> StreamResult<()>;
    async fn blocking_splice(
        to: Resource<DynOutputStream>,
        from: Resource<DynInputStream>,
        length: u64
    ) -> StreamResult<u64>;
    async fn drop(stream: Resource<DynOutputStream>) -> Result<()>;
    fn check_write(stream: Resource<DynOutputStream>) -> StreamResult<u64>;
    fn write(stream: Resource<DynOutputStream>, bytes: Vec<u8>) -> StreamResult<()>;
    fn write_zeroes(stream: Resource<DynOutputStream>, length: u64) -> StreamResult<()>;
    fn flush(stream: Resource<DynOutputStream>) -> StreamResult<()>;
    fn splice(
        to: Resource<DynOutputStream>,
        from: Resource<DynInputStream>,
        length: u64
    ) -> StreamResult<u64>;
    fn subscribe(stream: Resource<DynOutputStream>) -> Result<Resource<DynPollable>>;
});

on_runtime!(types::Host, WasiFilesystemCtxView<'_> {
    fn filesystem_error_code(error: Resource<wasmtime::Error>) -> Result<Option<types::ErrorCode>>;
    fn convert_error_code(error: FsError) -> Result<types::ErrorCode>;
});

on_runtime!(types::HostDescriptor, WasiFilesystemCtxView<'_> {
    async fn advise(
        file: Resource<Descriptor>,
        offset: Filesize,
        length: Filesize,
        advice: Advice
    ) -> FsResult<()>;
    async fn sync_data(file: Resource<Descriptor>) -> FsResult<()>;
    async fn get_flags(file: Resource<Descriptor>) -> FsResult<DescriptorFlags>;
    async fn get_type(file: Resource<Descriptor>) -> FsResult<DescriptorType>;
    async fn set_size(file: Resource<Descriptor>, size: Filesize) -> FsResult<()>;
    async fn set_times(
        file: Resource<Descriptor>,
        accessed: NewTimestamp,
        modified: NewTimestamp
    ) -> FsResult<()>;
    async fn read(
        file: Resource<Descriptor>,
        length: Filesize,
        offset: Filesize
    ) -> FsResult<(Vec<u8>, bool)>;
    async fn write(
        file: Resource<Descriptor>,
        bytes: Vec<u8>,
        offset: Filesize
    ) -> FsResult<Filesize>;
    async fn read_directory(folder: Resource<Descriptor>) -> FsResult<Resource<DirectoryEntryStream>>;
    async fn sync(file: Resource<Descriptor>) -> FsResult<()>;
    async fn create_directory_at(folder: Resource<Descriptor>, path: String) -> FsResult<()>;
    async fn stat(file: Resource<Descriptor>) -> FsResult<DescriptorStat>;
    async fn stat_at(
        folder: Resource<Descriptor>,
        flags: PathFlags,
        path: String
    ) -> FsResult<DescriptorStat>;
    async fn set_times_at(
        folder: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
        accessed: NewTimestamp,
        modified: NewTimestamp
    ) -> FsResult<()>;
    async fn link_at(
        folder: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
        to_folder: Resource<Descriptor>,
        to: String
    ) -> FsResult<()>;
    async fn open_at(
        folder: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
        how: OpenFlags,
        opened: DescriptorFlags
    ) -> FsResult<Resource<Descriptor>>;
    async fn readlink_at(folder: Resource<Descriptor>, path: String) -> FsResult<String>;
    async fn remove_directory_at(folder: Resource<Descriptor>, path: String) -> FsResult<()>;
    async fn rename_at(
        folder: Resource<Descriptor>,
        path: String,
        to_folder: Resource<Descriptor>,
        to: String
    ) -> FsResult<()>;
    async fn symlink_at(folder: Resource<Descriptor>, to: String, path: String) -> FsResult<()>;
    async fn unlink_file_at(folder: Resource<Descriptor>, path: String) -> FsResult<()>;
    async fn is_same_object(one: Resource<Descriptor>, other: Resource<Descriptor>) -> Result<bool>;
    async fn metadata_hash(file: Resource<Descriptor>) -> FsResult<MetadataHashValue>;
    async fn metadata_hash_at(
        folder: Resource<Descriptor>,
        flags: PathFlags,
        path: String
    ) -> FsResult<MetadataHashValue>;
    fn drop(file: Resource<Descriptor>) -> Result<()>;
    fn read_via_stream(file: Resource<Descriptor>, offset: Filesize) -> FsResult<Resource<DynInputStream>>;
    fn write_via_stream(file: Resource<Descriptor>, offset: Filesize) -> FsResult<Resource<DynOutputStream>>;
    fn append_via_stream(file: Resource<Descriptor>) -> FsResult<Resource<DynOutputStream>>;
});

on_runtime!(types::HostDirectoryEntryStream, WasiFilesystemCtxView<'_> {
    async fn read_directory_entry(
        stream: Resource<DirectoryEntryStream>
    ) -> FsResult<Option<DirectoryEntry>>;
    fn drop(stream: Resource<DirectoryEntryStream>) -> Result<()>;
});
