//! The plugin `curious`, which tries out what each line of its input says, and what it is tried on.

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

/// What it imports besides its world.
pub(crate) const WIT: &str = include_str!("curious.wit");

/// What it asks for. Tests load it [without its manifest](FILE), to grant it what they like.
pub(crate) const MANIFEST: &str = "world = \"transformer\"\n\
    grants = [\"wall-clock\", \"random\", \"http=http://localhost:1\", \"folder=/given\"]\n";

/// The plugin without its manifest, as it comes from other pipelines: it gets whatever is granted.
pub(crate) static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    if let Some(built) = std::env::var_os(BUILT) {
        return built.into();
    }
    let (declares, bare) =
        (WORKSPACE.path("dist/curious.wasm"), WORKSPACE.path("bare/curious.wasm"));
    fs::create_dir_all(bare.parent().expect("it has a folder")).expect("a folder");
    // Each run of the tests makes it once, beside, because other programs may read it.
    let beside = bare.with_extension("new");
    let paths = [declares.as_os_str(), "-o".as_ref(), beside.as_os_str()];
    let arguments = ["strip", "--delete", "plugwright:manifest"].map(OsStr::new);
    let arguments = arguments.into_iter().chain(paths);
    let output = Output::of(&mut program(Path::new("wasm-tools"), &WORKSPACE.path(""), arguments));
    assert_eq!(output.code, Some(0), "{output}");
    fs::rename(beside, &bare).expect("both are there");
    bare
});

/// A variable that says where it is, in a process of a test that has built it.
pub(crate) const BUILT: &str = "CURIOUS_IS_BUILT";

/// The plugin with these grants, and with those without which it is not loaded.
pub(crate) fn curious(grants: Grants) -> Plugin<Transformer> {
    load(needed(grants)).unwrap_or_else(|error| panic!("{error}"))
}

/// Grants without which the plugin is not loaded, and which say nothing of this machine.
pub(crate) fn needed(grants: Grants) -> Grants {
    let grants = grants.wall_clock(Clock::Fixed(SystemTime::UNIX_EPOCH)).random(Random::Seeded(0));
    grants.http(NOWHERE).expect("it is an origin")
}

/// Where nobody answers.
const NOWHERE: &str = "http://localhost:1";

pub(crate) fn load(grants: Grants) -> Result<Plugin<Transformer>, LoadError> {
    host().with_grants(grants).load(&*FILE)
}

/// What the plugin finds.
pub(crate) fn tries(plugin: &Plugin<Transformer>, lines: &[&str]) -> String {
    let document = Document::new("lines.txt", "text/plain", lines.join("\n"));
    let answer = plugin.transform(&document, &[]).unwrap_or_else(|error| panic!("{error}"));
    String::from_utf8(answer.body).expect("text")
}

/// Says whether the plugin does what the line says, and was not refused the room for it: with Debian 12's C library it has
/// some hundred files open.
pub(crate) fn has_room(plugin: &Plugin<Transformer>, line: &str) -> bool {
    !tries(plugin, &[line]).ends_with("Out of memory (os error 48)\n")
}

/// Runs the plugin in `folder` as a person does, with `lines` for it to try.
pub(crate) fn run(folder: &Path, lines: &str, arguments: &[&str]) -> Output {
    fs::write(folder.join("lines.txt"), lines).expect("a file");
    let plugin = FILE.to_str().expect("UTF-8");
    let nowhere = format!("http={NOWHERE}");
    let needed = ["--grant", "wall-clock=0", "--grant", "random=0", "--grant", &nowhere];
    let arguments = [&["run", plugin, "lines.txt"], &needed[..], arguments].concat();
    Output::of_with_input(&mut plugwright(folder, arguments), b"typed")
}

/// A folder `open` with files, in a folder with a secret, to which links in `open` lead.
pub(crate) struct Folders {
    _folder: TempDir,
    /// Its path without links, as errors have it.
    pub(crate) path: PathBuf,
}

impl Folders {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("open/deep")).expect("a folder");
        fs::write(path("open/file.txt"), "text").expect("a file");
        fs::write(path("open/deep/file.txt"), "deep text").expect("a file");
        fs::write(path("secret"), "secret").expect("a file");
        symlink(path("secret"), path("open/absolute-link")).expect("a link");
        symlink("../secret", path("open/relative-link")).expect("a link");
        symlink("..", path("open/folder-link")).expect("a link");
        symlink("deep/file.txt", path("open/inner-link")).expect("a link");
        let path = folder.path().canonicalize().expect("it is there");
        Self { _folder: folder, path }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub(crate) fn granted(&self, access: Access) -> Plugin<Transformer> {
        curious(granted(&self.path("open"), "/given", access))
    }

    pub(crate) fn secret(&self) -> String {
        fs::read_to_string(self.path("secret")).expect("it is there")
    }
}

pub(crate) fn granted(path: &Path, name: &str, access: Access) -> Grants {
    Grants::none().folder(path, name, access).unwrap_or_else(|error| panic!("{error}"))
}
