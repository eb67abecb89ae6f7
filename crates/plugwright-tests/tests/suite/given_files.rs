//! Given files that are not ordinary files: endless ones, pipes that nobody writes to, and files that are far too
//! long. Each command reports them, without using all memory or running for ever.

use std::fs::{self, File};
use std::io::{Error, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use plugwright::{
    CallError, Dist, FileKind, Host, Limits, LoadError, Manifest, Policy, PublicKey, Unverified,
};
use plugwright_contract::prelude::*;
use plugwright_contract::{Document, Prettify, Transformer, worlds};
use tempfile::TempDir;
use tests::{
    Output, candidate, copy_built, dist_folder, host, mkfifo, plugwright, program, root, trapping,
};

use crate::layers::sources;

/// What is in the place of a file, and its name in errors.
const ODD: [(&str, &str); 4] = [
    ("fifo", "it is a FIFO, but only regular files can be read"),
    ("endless", "it is a device, but only regular files can be read"),
    ("folder", "it is a folder"),
    ("sparse", "it is longer than "),
];

/// Puts something odd at `path`.
pub(crate) fn put(odd: &str, path: &Path) {
    let _ = fs::remove_file(path);
    let _ = fs::remove_dir_all(path);
    match odd {
        "fifo" => mkfifo(path),
        "endless" => {
            std::os::unix::fs::symlink("/dev/zero", path).expect("the link can be created");
        }
        "folder" => fs::create_dir(path).expect("the folder can be created"),
        // A sparse file of five GiB, which occupies no space.
        "sparse" => File::create(path)
            .and_then(|file| file.set_len(5 << 30))
            .expect("the file can be changed"),
        other => panic!("`{other}`"),
    }
}

/// Copies the plugin `quote` into `folder`, with its symbols, its list and its statement.
pub(crate) fn copy_quote(folder: &Path) {
    for name in ["quote.wasm", "quote.provenance.json", "plugins.json", "symbols/quote.wasm"] {
        let to = folder.join(name);
        fs::create_dir_all(to.parent().expect("the path has a parent folder"))
            .expect("the folder can be created");
        copy_built(name, to);
    }
}

/// Returns a folder with the plugin `quote`, its symbols, its list, its statement, and a pair of keys.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    copy_quote(folder.path());
    let copy = folder.path().join("copy");
    fs::create_dir(&copy).expect("the folder can be created");
    for name in ["quote.wasm", "quote.provenance.json", "plugins.json"] {
        copy_built(name, copy.join(name));
    }
    // A plugin that is larger than its entry says.
    let manifest = Manifest::parse("world = \"prettify\"\nbudget = \"1 KiB\"\n")
        .expect("the manifest is valid");
    let quote = fs::read(dist_folder().join("quote.wasm")).expect("the plugin is built");
    let large = manifest
        .embed(&candidate("quote", &quote), worlds())
        .unwrap_or_else(|error| panic!("{error}"));
    fs::write(folder.path().join("large.wasm"), large).expect("the file can be written");
    fs::write(folder.path().join("plugin.toml"), "world = \"prettify\"\n")
        .expect("the file can be written");
    let made = run(folder.path(), &["key", "new", "a.key"]);
    assert_eq!(made.code, Some(0), "{made}");
    folder
}

/// Runs the command, which must end soon.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    let command = plugwright(folder, arguments);
    let mut limited = program(Path::new("timeout"), folder, ["60"]);
    limited.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            limited.env(name, value);
        }
    }
    Output::of(limited.env("PLUGWRIGHT_DIST", "."))
}

#[test]
fn each_file_that_is_none_is_named_with_what_it_is() {
    let calls: &[(&str, &str, &[&str])] = &[
        ("odd.wasm", "plugin", &["check", "odd.wasm"]),
        ("odd.wasm", "plugin", &["inspect", "odd.wasm"]),
        ("odd.wasm", "plugin", &["run", "odd.wasm", "plugin.toml"]),
        ("odd.wasm", "plugin", &["call", "odd.wasm"]),
        ("odd.calls", "script", &["call", "quote.wasm", "--calls", "odd.calls"]),
        ("odd.wasm", "plugin", &["sign", "--key", "a.key", "./odd.wasm"]),
        ("odd.wasm", "plugin", &["stamp", "plugin.toml", "odd.wasm"]),
        ("quote.wasm", "", &["size", "quote"]),
        ("quote.wasm.minisig", "signature", &["check", "--trust", "a.pub", "quote.wasm"]),
        ("odd.pub", "public key", &["check", "--trust", "odd.pub", "quote.wasm"]),
        ("odd.key", "secret key", &["sign", "--key", "odd.key", "quote"]),
        ("plugins.json", "", &["size"]),
        ("symbols/quote.wasm", "symbols file", &["size", "quote"]),
        ("odd.wasm", "symbols file", &["check", "--symbols", "odd.wasm", "large.wasm"]),
        ("odd.toml", "policy", &["check", "--policy", "odd.toml", "quote.wasm"]),
        ("odd.toml", "pipeline", &["run", "--pipeline", "odd.toml", "plugin.toml"]),
        ("odd.toml", "manifest", &["stamp", "odd.toml", "quote.wasm"]),
        ("odd.wit", "WIT file", &["contract", "odd.wit"]),
        ("copy/quote.provenance.json", "provenance statement", &["compare", ".", "copy"]),
    ];
    for (odd, what) in ODD {
        let folder = folder();
        for (file, kind, arguments) in calls {
            // A contract can be a folder, and so can what `check` takes.
            let is_folder = odd == "folder" && ["check", "contract"].contains(&arguments[0]);
            if is_folder && *arguments.last().expect("the arguments name a file") == *file {
                continue;
            }
            let path = folder.path().join(file);
            let before = path.with_extension("kept");
            let is_there = fs::rename(&path, &before).is_ok();
            put(odd, &path);
            let output = run(folder.path(), arguments);
            let told = format!("{}{}", output.stdout, output.stderr);
            // The size of a plugin is a limit, and the error names it.
            let is_limit = odd == "sparse" && told.contains("raise the limit `component-size`");
            let said = told.contains(&format!("cannot read the {kind} `"))
                || (kind.is_empty() && told.contains("cannot read `"));
            assert!(is_limit || (said && told.contains(what)), "{odd}: {arguments:?}: {output}");
            assert!(!matches!(output.code, Some(0 | 101 | 124) | None), "{output}");
            let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
            if is_there {
                fs::rename(&before, &path).expect("the file existed");
            }
        }
    }
}

#[test]
fn what_goes_through_plugins_can_be_anything_that_ends() {
    let folder = folder();
    let pipe = "mkfifo words && { echo a b > words & } && timeout 60 \"$0\" run count words";
    let command = plugwright(folder.path(), ["run"]);
    let mut shell = program(Path::new("sh"), folder.path(), ["-c", pipe]);
    shell.arg(command.get_program()).env("PLUGWRIGHT_DIST", dist_folder());
    assert_snapshot!(Output::of(&mut shell), @r#"
    {"lines":1,"words":2,"characters":4,"bytes":4}
    ── stderr
    info: count: counted lines=1 words=2 characters=4 bytes=4
    [exit code 0]
    "#);
}

#[test]
fn the_library_reads_no_such_file_either() {
    let folder = folder();
    let path = folder.path().join("odd");
    let host = Host::builder().no_cache().build().expect("the engine starts");
    for (odd, _) in ODD {
        put(odd, &path);
        let loaded = host.load::<Prettify>(&path).expect_err("the file is not a plugin");
        assert!(
            matches!(loaded, LoadError::Read(_) | LoadError::Exceeded { .. }),
            "{odd}: {loaded:?}"
        );
        assert!(Policy::open(&path).is_err(), "{odd}");
        assert!(PublicKey::from_file(&path).is_err(), "{odd}");
        put(odd, &folder.path().join("plugins.json"));
        assert!(Dist::open(folder.path()).is_err(), "{odd}");
    }
    let key = PublicKey::from_file(folder.path().join("a.pub")).expect("the key is valid");
    let trusting = Host::builder().no_cache().trust([key]).build().expect("the engine starts");
    for (odd, _) in ODD {
        put(odd, &folder.path().join("quote.wasm.minisig"));
        let loaded = trusting.load::<Prettify>(folder.path().join("quote.wasm"));
        assert!(matches!(loaded, Err(LoadError::Read(_))), "{odd}: {loaded:?}");
    }
    let read = Unverified::open(folder.path().join("quote.wasm"), &Limits::none());
    assert!(read.is_ok(), "without a limit, the maximum for the kind of file applies");
}

#[test]
fn a_trap_is_told_without_symbols_that_are_no_file() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let path = folder.path().join("symbols.wasm");
    let plugin = host().load_bytes::<Transformer>("traps", &trapping("transformer"));
    let plugin = plugin.unwrap_or_else(|error| panic!("{error}")).with_symbols(&path);
    for (odd, _) in ODD {
        put(odd, &path);
        let trapped = plugin.transform(&Document::new("a", "text/plain", "a"), &[]);
        assert!(matches!(trapped, Err(CallError::Trapped { .. })), "{odd}: {trapped:?}");
    }
}

#[test]
fn a_file_without_permission_is_named() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let path = folder.path().join("closed.toml");
    fs::write(&path, "").expect("the file can be written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o0))
        .expect("the permissions can be set");
    // On this system, root can read such a file, but not a file that is write-only.
    let paths = [path, PathBuf::from("/proc/sys/vm/compact_memory")];
    let denied = |error: Error| error.kind() == ErrorKind::PermissionDenied;
    let Some(path) = paths.iter().find(|path| File::open(path).is_err_and(denied)) else {
        // Written directly, because the output of a macro is hidden when a test passes.
        let told = writeln!(std::io::stderr(), "skipped: the system lets this user read each file");
        return told.expect("the file can be opened");
    };
    let error = FileKind::POLICY.read(path).expect_err("the file cannot be read");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.to_string().starts_with("cannot read the policy `"), "{error}");
}

/// Files that are opened and read in their own way, with the reason.
const IN_A_WAY_OF_THEIR_OWN: [(&str, &str); 12] = [
    ("plugwright/src/permission/given_file.rs", "it is the way"),
    (
        "plugwright/src/engine/cache/folder.rs",
        "its own files, which are private and of a known length",
    ),
    (
        "plugwright/src/engine/compiler/worker.rs",
        "its own request, of a length that it begins with",
    ),
    ("plugwright-contract/src/transformer.rs", "a document that goes through plugins"),
    ("plugwright/src/call/wasi/open.rs", "what a plugin opens in a folder that it was granted"),
    ("plugwright-cli/src/signals.rs", "what the system says of this process"),
    ("plugwright-cli/src/input.rs", "a document that goes through plugins"),
    ("plugwright-cli/src/output.rs", "what this command made, on its way to its place"),
    ("plugwright-cli/src/pipeline/lock.rs", "a file of which nothing is read, which is locked"),
    ("plugwright-cli/src/pipeline/rebuild.rs", "a project's own files, which are copied"),
    ("plugwright-cli/src/record.rs", "a result, which is compared in pieces"),
    ("plugwright-test/src/snapshot_file.rs", "a snapshot that is proposed, which it writes"),
];

#[test]
fn no_file_is_read_in_another_way() {
    let words =
        ["fs::read(", "read_to_string", "read_to_end", "File::open", "OpenOptions", "fs::copy"];
    let mut found = Vec::new();
    for krate in
        ["plugwright/src", "plugwright-cli/src", "plugwright-contract/src", "plugwright-test/src"]
    {
        for file in sources(&root().join("crates").join(krate)) {
            let text = fs::read_to_string(&file).expect("the file exists");
            // Tests may read files as they like.
            let code = text.split("\nmod tests {").next().unwrap_or_default();
            if words.iter().any(|word| code.contains(word)) {
                let name = file
                    .strip_prefix(root().join("crates"))
                    .expect("the path is inside the folder");
                found.push(name.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    let mut known = IN_A_WAY_OF_THEIR_OWN.map(|(file, _)| file);
    known.sort_unstable();
    assert_eq!(found, known, "read the file with a `FileKind`, or add the reason to this list");
}
