//! Folders of plugins from a third party, with a list and statements. They are compared with our own folder, or
//! an error says what is wrong with them.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use plugwright::{Trust, sha256};
use plugwright_cli::comparison::{Comparison, Folder, compare};
use tempfile::TempDir;

/// Separates the list of plugins, the statement and the plugin.
const BETWEEN: &[u8] = b"\n---\n";

/// Stands for the digest of the plugin, because a mutation would never produce the right digest.
const DIGEST: &str = "{sha256}";

const PLUGIN: &str = "quote";

/// A folder as the pipeline leaves it, and a folder that each input rewrites.
struct Folders {
    ours: TempDir,
    theirs: TempDir,
}

static FOLDERS: LazyLock<Folders> = LazyLock::new(|| {
    let folder = || tempfile::tempdir().expect("a temporary folder can be created");
    let folders = Folders { ours: folder(), theirs: folder() };
    write(folders.ours.path(), &whole());
    folders
});

/// Compares the folder that `bytes` describe with that of the pipeline, and with itself.
///
/// # Panics
///
/// If the result depends on the order of the folders, or if a result has no text.
pub fn run(bytes: &[u8]) {
    let Folders { ours, theirs } = &*FOLDERS;
    write(theirs.path(), bytes);
    let ours = Folder::open(ours.path(), &Trust::anybody())
        .expect("the folder is as the pipeline left it");
    let theirs = match Folder::open(theirs.path(), &Trust::anybody()) {
        Ok(folder) => folder,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    for name in theirs.names().take(3).chain([PLUGIN]) {
        let compare = |one, other| match compare(name, one, other) {
            Ok(Comparison::Same(said)) => (Some(true), said),
            Ok(Comparison::Differs(said)) => (Some(false), said),
            Err(error) => (None, format!("{error:#}")),
        };
        let (there, back) = (compare(&ours, &theirs), compare(&theirs, &ours));
        assert_eq!(there.0, back.0, "{there:?} and {back:?}");
        for (_, said) in [there, back, compare(&theirs, &theirs)] {
            assert!(!said.is_empty());
        }
    }
}

/// Returns the pipeline's folder, with a truncated plugin and with the whole plugin.
pub fn seeds() -> Vec<Vec<u8>> {
    let whole = whole();
    vec![whole[..whole.len() - 10_000].to_vec(), whole]
}

/// Returns the folder of the pipeline, with one plugin, as one input.
fn whole() -> Vec<u8> {
    let plugin = tests::dist().read(PLUGIN).unwrap_or_else(|error| panic!("{error}"));
    let dist = tests::dist();
    let entry = dist
        .plugins()
        .iter()
        .find(|entry| entry.name == PLUGIN)
        .expect("the plugin is in the list");
    let list = format!(
        "[{{\"name\": \"{PLUGIN}\", \"version\": \"0.1.0\", \"world\": \"prettify\", \"sha256\": \
         \"{DIGEST}\", \"bytes\": 1, \"bytes_before_strip\": 1, \"imports\": [], \"exports\": []}}]"
    );
    let statement = tests::dist_folder().join(format!("{PLUGIN}.provenance.json"));
    let statement = fs::read_to_string(statement).expect("`just build` creates the file");
    let statement = statement.replace(&*entry.sha256, DIGEST);
    [list.as_bytes(), statement.as_bytes(), &plugin].join(BETWEEN)
}

/// Writes the folder that `bytes` describe.
fn write(folder: &Path, bytes: &[u8]) {
    let mut rest = bytes;
    let mut next = || {
        let at = rest.windows(BETWEEN.len()).position(|window| window == BETWEEN);
        let (part, after) = rest.split_at(at.unwrap_or(rest.len()));
        rest = after.get(BETWEEN.len()..).unwrap_or_default();
        part
    };
    let (list, statement) = (next(), next());
    let digest = sha256(rest);
    let text = |part: &[u8]| String::from_utf8_lossy(part).replace(DIGEST, &digest);
    fs::write(folder.join("plugins.json"), text(list)).expect("the file can be written");
    fs::write(folder.join(format!("{PLUGIN}.provenance.json")), text(statement))
        .expect("the file can be written");
    fs::write(folder.join(format!("{PLUGIN}.wasm")), rest).expect("the file can be written");
}
