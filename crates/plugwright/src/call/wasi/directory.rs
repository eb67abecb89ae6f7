//! The names in a folder. They are read all at once, since the plugin may change the folder while it lists it, and are
//! counted while they are read.

use std::vec;

use cap_primitives::fs::{DirEntry, FileType, read_base_dir};
use wasmtime::Result;
use wasmtime::component::{LinkerInstance, Resource, ResourceType};
use wasmtime_wasi::filesystem::{Descriptor, Dir};
use wasmtime_wasi::p2::bindings::filesystem::types::{DescriptorType, DirectoryEntry, ErrorCode};

use crate::call::budget::Held;
use crate::call::state::State;
use crate::permission::limits::{Exceeded, Limit};

/// The value behind a plugin's handle to a `directory-entry-stream`.
struct Entries {
    entries: vec::IntoIter<Entry>,
    /// The memory that the entries take, until the plugin drops the handle.
    _held: Held,
}

type Entry = Result<DirectoryEntry, ErrorCode>;

/// The memory that an entry takes in addition to its name: twice its size, because the list of entries grows by
/// doubling, and the cost of an allocation.
const ENTRY: usize = 2 * size_of::<Entry>() + 16;

/// Links the functions that read folders. They replace the functions of wasmtime-wasi, which are not limited.
pub(super) fn link<D: Send + 'static>(types: &mut LinkerInstance<'_, State<D>>) -> Result<()> {
    let resource = ResourceType::host::<Entries>();
    types.resource("directory-entry-stream", resource, |mut store, number| {
        store.data_mut().resources.delete(Resource::<Entries>::new_own(number))?;
        Ok(())
    })?;
    types.func_wrap_async(
        "[method]descriptor.read-directory",
        |mut store, (folder,): (Resource<Descriptor>,)| {
            Box::new(async move { Ok((read(store.data_mut(), &folder).await?,)) })
        },
    )?;
    types.func_wrap(
        "[method]directory-entry-stream.read-directory-entry",
        |mut store, (entries,): (Resource<Entries>,)| {
            let Entries { entries, .. } = store.data_mut().resources.get_mut(&entries)?;
            Ok((entries.next().transpose(),))
        },
    )
}

async fn read<D>(
    state: &mut State<D>,
    folder: &Resource<Descriptor>,
) -> Result<Result<Resource<Entries>, ErrorCode>> {
    let Descriptor::Dir(folder) = state.resources.get(folder)? else {
        return Ok(Err(ErrorCode::NotDirectory));
    };
    let (folder, held) = (folder.clone(), state.held(Limit::HostMemory));
    // The folder is opened a second time while it is read.
    let descriptor = state.descriptor()?;
    let read = state.identity.threads.run(move || {
        let _descriptor = descriptor;
        collect(&folder, held)
    });
    Ok(match read.await {
        Ok(entries) => match entries? {
            Ok(entries) => Ok(state.resources.push(entries)?),
            Err(error) => Err(error),
        },
        Err(_) => Err(ErrorCode::Busy),
    })
}

fn collect(folder: &Dir, mut held: Held) -> Result<Result<Entries, ErrorCode>, Exceeded> {
    let names = match read_base_dir(&folder.dir) {
        Ok(names) => names,
        Err(error) => return Ok(Err(error.into())),
    };
    let mut entries = Vec::new();
    for name in names {
        let entry = name.map_err(ErrorCode::from).and_then(|name| entry(&name));
        let bytes = entry.as_ref().map_or(0, |entry| entry.name.capacity());
        held.more((ENTRY + bytes) as u64)?;
        entries.push(entry);
    }
    Ok(Ok(Entries { entries: entries.into_iter(), _held: held }))
}

fn entry(found: &DirEntry) -> Entry {
    let type_ = kind(found.metadata()?.file_type());
    let name = found.file_name().into_string().map_err(|_| ErrorCode::IllegalByteSequence)?;
    Ok(DirectoryEntry { type_, name })
}

fn kind(found: FileType) -> DescriptorType {
    #[cfg(unix)]
    {
        use cap_primitives::fs::FileTypeExt as _;
        if found.is_block_device() {
            return DescriptorType::BlockDevice;
        }
        if found.is_char_device() {
            return DescriptorType::CharacterDevice;
        }
    }
    if found.is_dir() {
        DescriptorType::Directory
    } else if found.is_symlink() {
        DescriptorType::SymbolicLink
    } else if found.is_file() {
        DescriptorType::RegularFile
    } else {
        DescriptorType::Unknown
    }
}
