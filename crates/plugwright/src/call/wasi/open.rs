//! Opens files and folders in a folder, but nothing that would wait for another program.

use std::path::Path;

use cap_fs_ext::{OpenOptionsFollowExt as _, OpenOptionsSyncExt as _};
use cap_primitives::fs::{FollowSymlinks, Metadata, OpenOptions, open as open_in, stat};
use wasmtime_wasi::OpenMode;
use wasmtime_wasi::filesystem::{Descriptor, Dir, File};
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DescriptorFlags, ErrorCode, OpenFlags, PathFlags,
};

/// Opens the file or folder `path` in `folder`, as `open-at` of `wasi:filesystem` specifies, with the same permission
/// checks as wasmtime-wasi.
///
/// A pipe, a socket or a device is [unsupported](ErrorCode::Unsupported): opening it can wait for another program, and
/// can have an effect on a device.
pub(super) fn open(
    folder: &Dir,
    path: &str,
    lookup: PathFlags,
    how: OpenFlags,
    access: DescriptorFlags,
) -> Result<Descriptor, ErrorCode> {
    let path = Path::new(path);
    let (create, exclusive) = (how.contains(OpenFlags::CREATE), how.contains(OpenFlags::EXCLUSIVE));
    let (truncate, wants_folder) =
        (how.contains(OpenFlags::TRUNCATE), how.contains(OpenFlags::DIRECTORY));
    let writes = access.contains(DescriptorFlags::WRITE);
    // Without any access flag, the file is opened for reading, if its permissions allow reading.
    let reads = access.contains(DescriptorFlags::READ) || !writes;

    let unsupported = DescriptorFlags::FILE_INTEGRITY_SYNC
        | DescriptorFlags::DATA_INTEGRITY_SYNC
        | DescriptorFlags::REQUESTED_WRITE_SYNC;
    if (access & unsupported) != DescriptorFlags::empty() {
        return Err(ErrorCode::Unsupported);
    }
    if wants_folder && (create || exclusive || truncate) {
        return Err(ErrorCode::Invalid);
    }
    let changes = create || truncate || writes;
    if folder.perms.write_not_permitted() && changes {
        return Err(ErrorCode::NotPermitted);
    }
    let follow = if lookup.contains(PathFlags::SYMLINK_FOLLOW) {
        FollowSymlinks::Yes
    } else {
        FollowSymlinks::No
    };
    // This is checked before opening, since opening a pipe releases a program that waits at the other end.
    if stat(&folder.dir, path, follow).is_ok_and(|found| is_special(&found)) {
        return Err(ErrorCode::Unsupported);
    }
    let mut options = OpenOptions::new();
    options
        .read(reads)
        .write(changes)
        .truncate(truncate)
        .create(create && !exclusive)
        .create_new(create && exclusive)
        .follow(follow);
    // The path can be replaced by a pipe meanwhile, and opening a pipe must not block.
    #[cfg(unix)]
    options.nonblock(true);
    #[cfg(windows)]
    cap_fs_ext::OpenOptionsMaybeDirExt::maybe_dir(&mut options, true);
    let opened = open_in(&folder.dir, path, &options)?;
    let found = Metadata::from_file(&opened)?;
    let mut mode = OpenMode::empty();
    mode.set(OpenMode::READ, reads);
    mode.set(OpenMode::WRITE, changes);
    if found.is_dir() {
        return Ok(Descriptor::Dir(Dir::new(opened, folder.perms, mode, false)));
    }
    if is_special(&found) {
        return Err(ErrorCode::Unsupported);
    }
    if wants_folder {
        return Err(ErrorCode::NotDirectory);
    }
    Ok(Descriptor::File(File::new(opened, folder.perms, mode, false)))
}

/// Returns whether the path is something other than a file, a folder or a link that is not followed.
fn is_special(found: &Metadata) -> bool {
    !found.is_file() && !found.is_dir() && !found.is_symlink()
}
