//! The plugin `curious`, which tries whatever each line of its input names, and the files that it is tried on.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::SystemTime;

use plugwright::{Access, Clock, Grants, LoadError, Plugin, Random};
use plugwright_contract::prelude::*;
use plugwright_contract::{Document, Transformer};
use tempfile::TempDir;
use tests::{Output, host, plugwright, program};

use crate::build::WORKSPACE;

/// The plugin's source.
pub(crate) const SOURCE: &str = include_str!("plugin.rs");

/// What the plugin imports in addition to its world.
pub(crate) const WIT: &str = include_str!("curious.wit");

/// What the plugin asks for. Tests load it [without its manifest](FILE), so that they can choose the grants.
pub(crate) const MANIFEST: &str = "world = \"transformer\"\n\
    grants = [\"wall-clock\", \"random\", \"http=http://localhost:1\", \"folder=/given\"]\n";

/// The plugin without its manifest, like one from another pipeline. It gets everything that is granted.
pub(crate) static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    if let Some(built) = std::env::var_os(BUILT) {
        return built.into();
    }
    let (declares, bare) =
        (WORKSPACE.path("dist/curious.wasm"), WORKSPACE.path("bare/curious.wasm"));
    fs::create_dir_all(bare.parent().expect("the path has a parent folder"))
        .expect("the folder can be created");
    // Each test run writes the file beside the old one and renames it, because other programs may be reading the
    // old one.
    let beside = bare.with_extension("new");
    let paths = [declares.as_os_str(), "-o".as_ref(), beside.as_os_str()];
    let arguments = ["strip", "--delete", "plugwright:manifest"].map(OsStr::new);
    let arguments = arguments.into_iter().chain(paths);
    let output = Output::of(&mut program(Path::new("wasm-tools"), &WORKSPACE.path(""), arguments));
    assert_eq!(output.code, Some(0), "{output}");
    fs::rename(beside, &bare).expect("both files exist");
    bare
});

/// The variable that holds the plugin's path in a test that runs in a process of its own.
pub(crate) const BUILT: &str = "CURIOUS_IS_BUILT";

/// Returns the plugin with these grants, and with the grants that it needs to be loaded.
pub(crate) fn curious(grants: Grants) -> Plugin<Transformer> {
    load(needed(grants)).unwrap_or_else(|error| panic!("{error}"))
}

/// Adds the grants that the plugin needs to be loaded. They reveal nothing about this machine.
pub(crate) fn needed(grants: Grants) -> Grants {
    let grants = grants.wall_clock(Clock::Fixed(SystemTime::UNIX_EPOCH)).random(Random::Seeded(0));
    grants.http(NOWHERE).expect("the origin is valid")
}

/// An origin where nothing answers.
const NOWHERE: &str = "http://localhost:1";

pub(crate) fn load(grants: Grants) -> Result<Plugin<Transformer>, LoadError> {
    host().with_grants(grants).load(&*FILE)
}

/// Returns what the plugin finds.
pub(crate) fn tries(plugin: &Plugin<Transformer>, lines: &[&str]) -> String {
    let document = Document::new("lines.txt", "text/plain", lines.join("\n"));
    let answer = plugin.transform(&document, &[]).unwrap_or_else(|error| panic!("{error}"));
    String::from_utf8(answer.body).expect("the output is UTF-8")
}

/// Returns whether the plugin can do what the line says. It cannot if the C library runs out of room: Debian 12's
/// allows only some hundred open files.
pub(crate) fn has_room(plugin: &Plugin<Transformer>, line: &str) -> bool {
    !tries(plugin, &[line]).ends_with("Out of memory (os error 48)\n")
}

/// Runs the plugin in `folder` as a user does, with `lines` to try.
pub(crate) fn run(folder: &Path, lines: &str, arguments: &[&str]) -> Output {
    fs::write(folder.join("lines.txt"), lines).expect("the file can be written");
    let plugin = FILE.to_str().expect("the path is UTF-8");
    let nowhere = format!("http={NOWHERE}");
    let needed = ["--grant", "wall-clock=0", "--grant", "random=0", "--grant", &nowhere];
    let arguments = [&["run", plugin, "lines.txt"], &needed[..], arguments].concat();
    Output::of_with_input(&mut plugwright(folder, arguments), b"typed")
}

/// A folder `open` with files, inside a folder with a secret. Links in `open` lead to the secret.
pub(crate) struct Folders {
    _folder: TempDir,
    /// The folder's path without links, as errors show it.
    pub(crate) path: PathBuf,
}

impl Folders {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be created");
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("open/deep")).expect("the folder can be created");
        fs::write(path("open/file.txt"), "text").expect("the file can be written");
        fs::write(path("open/deep/file.txt"), "deep text").expect("the file can be written");
        fs::write(path("secret"), "secret").expect("the file can be written");
        symlink(path("secret"), path("open/absolute-link")).expect("the link can be created");
        symlink("../secret", path("open/relative-link")).expect("the link can be created");
        symlink("..", path("open/folder-link")).expect("the link can be created");
        symlink("deep/file.txt", path("open/inner-link")).expect("the link can be created");
        let path = folder.path().canonicalize().expect("the path exists");
        Self { _folder: folder, path }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub(crate) fn granted(&self, access: Access) -> Plugin<Transformer> {
        curious(granted(&self.path("open"), "/given", access))
    }

    pub(crate) fn secret(&self) -> String {
        fs::read_to_string(self.path("secret")).expect("the file exists")
    }
}

pub(crate) fn granted(path: &Path, name: &str, access: Access) -> Grants {
    Grants::none().folder(path, name, access).unwrap_or_else(|error| panic!("{error}"))
}
