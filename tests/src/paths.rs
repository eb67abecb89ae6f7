//! The locations of files and folders.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use plugwright::{Cache, Dist, Host};

/// Returns the project's folder.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("tests/ is in the project's folder").to_owned()
}

/// Returns the folder of the plugins under test.
pub fn dist_folder() -> PathBuf {
    root().join(std::env::var_os("PLUGWRIGHT_DIST").unwrap_or("dist".into()))
}

/// Copies a file of the plugins under test. The copy is writable, even if their folder is read-only.
///
/// # Panics
///
/// If the file does not exist, or the copy cannot be written.
pub fn copy_built(file: impl AsRef<Path>, to: impl AsRef<Path>) {
    let file = dist_folder().join(file);
    let bytes = fs::read(&file).unwrap_or_else(|error| panic!("`{}`: {error}", file.display()));
    fs::write(to, bytes).expect("the copy can be written");
}

/// Returns a folder for what the suite `name` builds, which is kept between runs.
pub fn target_folder(name: &str) -> PathBuf {
    root().join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or("target".into())).join(name)
}

/// Returns the cache that tests share, so that each plugin under test is compiled once.
pub fn cache_folder() -> PathBuf {
    target_folder("cache")
}

/// Returns a host that caches compiled code in [`cache_folder`].
///
/// # Panics
///
/// If the folder cannot be used, or the engine does not run on this machine.
pub fn host() -> Host {
    // All tests of a program share one host, because an engine has a pool of instances that takes time to
    // create.
    static HOST: LazyLock<Host> = LazyLock::new(|| {
        let cache = Cache::open(cache_folder()).unwrap_or_else(|error| panic!("{error}"));
        Host::builder().cache(cache).build().expect("the engine starts")
    });
    HOST.clone()
}

/// Returns the plugins under test.
///
/// # Panics
///
/// If there are none. The message names the command that builds them.
pub fn dist() -> Dist {
    Dist::open(dist_folder()).unwrap_or_else(|error| panic!("{error}"))
}

/// Returns the names of the plugins that have a crate, sorted.
pub fn plugin_crates() -> Vec<String> {
    let crates = folder_names(&root().join("crates"));
    crates.iter().filter_map(|name| name.strip_prefix("plugin-")).map(str::to_owned).collect()
}

/// Returns the names of the contract's files in `wit/`. The file that names the package comes first.
///
/// # Panics
///
/// If the folder cannot be read.
pub fn wit_files() -> Vec<String> {
    let entries = fs::read_dir(root().join("wit")).expect("the contract exists");
    let mut names: Vec<_> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".wit"))
        .collect();
    names.sort_by_key(|name| (name != "host.wit", name.clone()));
    names
}

/// Returns the names of the folders in `folder`, sorted.
///
/// # Panics
///
/// If `folder` cannot be read.
pub fn folder_names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("cannot read `{}`: {error}", folder.display()));
    let mut names: Vec<_> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
