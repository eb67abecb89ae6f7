//! The functions of `wasi:io`. wasmtime implements them. Here they run on the library's runtime instead of the
//! caller's. Functions of files have their own threads.

use wasmtime::Result;
use wasmtime::component::{HasData, Resource, ResourceTable};
use wasmtime_wasi::p2::bindings::io::{poll, streams};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable, StreamError, StreamResult};

use crate::call::runtime::{enter, entered};
use crate::call::state::State;

/// Implements wasmtime's interfaces with the library's runtime as the current one.
pub(super) struct OnRuntime<T>(T);

/// Provides the table of streams to `wasi:io`.
pub(super) struct Io;

impl Io {
    pub(super) fn of<D>(state: &mut State<D>) -> OnRuntime<&mut ResourceTable> {
        OnRuntime(&mut state.resources)
    }
}

impl HasData for Io {
    type Data<'a> = OnRuntime<&'a mut ResourceTable>;
}

/// Implements an interface's trait by calling the implementation of the inner type.
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
