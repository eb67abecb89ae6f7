//! Files that somebody gives and that are none: without an end, never written to, far too long. Each command
//! says so, and takes neither all memory nor for ever.

use std::fs::{self, File};
use std::io::{Error, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use insta::assert_snapshot;
use plugwright::{
    CallError, Dist, FileKind, Host, Limits, LoadError, Manifest, Policy, PublicKey, Unverified,
};
use plugwright_contract::prelude::*;
use plugwright_contract::{Document, Prettify, Transformer, worlds};
use tempfile::TempDir;
use tests::{
    Output, candidate, copy_built, dist_folder, host, plugwright, program, root, trapping,
};

use crate::layers::sources;

/// What is found in the place of a file, and how it is called in errors.
const ODD: [(&str, &str); 4] = [
    ("fifo", "it is a FIFO, and only regular files are read"),
    ("endless", "it is a device, and only regular files are read"),
    ("folder", "it is a folder"),
    ("sparse", "it is longer than "),
];

/// Puts something odd at `path`.
pub(crate) fn put(odd: &str, path: &Path) {
    let _ = fs::remove_file(path);
    let _ = fs::remove_dir_all(path);
    match odd {
        "fifo" => {
            let made = Command::new("mkfifo").arg(path).status().expect("each Unix has it");
            assert!(made.success(), "mkfifo: {made}");
        }
        "endless" => std::os::unix::fs::symlink("/dev/zero", path).expect("a link"),
        "folder" => fs::create_dir(path).expect("a folder"),
        // Five GiB that take no room.
        "sparse" => File::create(path).and_then(|file| file.set_len(5 << 30)).expect("a file"),
        other => panic!("`{other}`"),
    }
}

/// Makes `folder` one that has the plugin `quote`, its symbols, its list and its statement.
pub(crate) fn copy_quote(folder: &Path) {
    for name in ["quote.wasm", "quote.provenance.json", "plugins.json", "symbols/quote.wasm"] {
        let to = folder.join(name);
        fs::create_dir_all(to.parent().expect("the folder")).expect("a folder in it");
        copy_built(name, to);
    }
}

/// A folder with the plugin `quote`, its symbols, its list, its statement, and a pair of keys.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy_quote(folder.path());
    let copy = folder.path().join("copy");
    fs::create_dir(&copy).expect("a folder in it");
    for name in ["quote.wasm", "quote.provenance.json", "plugins.json"] {
        copy_built(name, copy.join(name));
    }
    // One that is larger than it says.
    let manifest =
        Manifest::parse("world = \"prettify\"\nbudget = \"1 KiB\"\n").expect("a manifest");
    let quote = fs::read(dist_folder().join("quote.wasm")).expect("it is built");
    let large = manifest
        .embed(&candidate("quote", &quote), worlds())
        .unwrap_or_else(|error| panic!("{error}"));
    fs::write(folder.path().join("large.wasm"), large).expect("a file");
    fs::write(folder.path().join("plugin.toml"), "world = \"prettify\"\n").expect("a file");
    let made = run(folder.path(), &["key", "new", "a.key"]);
    assert_eq!(made.code, Some(0), "{made}");
    folder
}

/// Runs the command, which is to end soon.
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
        ("symbols/quote.wasm", "file of symbols", &["size", "quote"]),
        ("odd.wasm", "file of symbols", &["check", "--symbols", "odd.wasm", "large.wasm"]),
        ("odd.toml", "policy", &["check", "--policy", "odd.toml", "quote.wasm"]),
        ("odd.toml", "pipeline", &["run", "--pipeline", "odd.toml", "plugin.toml"]),
        ("odd.toml", "manifest", &["stamp", "odd.toml", "quote.wasm"]),
        ("odd.wit", "WIT file", &["contract", "odd.wit"]),
        ("copy/quote.provenance.json", "provenance statement", &["compare", ".", "copy"]),
    ];
    for (odd, what) in ODD {
        let folder = folder();
        for (file, kind, arguments) in calls {
            // A contract can be a folder, and so can what is checked.
            let is_folder = odd == "folder" && ["check", "contract"].contains(&arguments[0]);
            if is_folder && *arguments.last().expect("the file") == *file {
                continue;
            }
            let path = folder.path().join(file);
            let before = path.with_extension("kept");
            let is_there = fs::rename(&path, &before).is_ok();
            put(odd, &path);
            let output = run(folder.path(), arguments);
            let told = format!("{}{}", output.stdout, output.stderr);
            // What a plugin may have is a limit, which is told as one.
            let is_limit = odd == "sparse" && told.contains("raise the limit `component-size`");
            let said = told.contains(&format!("cannot read the {kind} `"))
                || (kind.is_empty() && told.contains("cannot read `"));
            assert!(is_limit || (said && told.contains(what)), "{odd}: {arguments:?}: {output}");
            assert!(!matches!(output.code, Some(0 | 101 | 124) | None), "{output}");
            let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
            if is_there {
                fs::rename(&before, &path).expect("it was there");
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
    let host = Host::builder().no_cache().build().expect("an engine");
    for (odd, _) in ODD {
        put(odd, &path);
        let loaded = host.load::<Prettify>(&path).expect_err("it is no plugin");
        assert!(
            matches!(loaded, LoadError::Read(_) | LoadError::Exceeded { .. }),
            "{odd}: {loaded:?}"
        );
        assert!(Policy::open(&path).is_err(), "{odd}");
        assert!(PublicKey::from_file(&path).is_err(), "{odd}");
        put(odd, &folder.path().join("plugins.json"));
        assert!(Dist::open(folder.path()).is_err(), "{odd}");
    }
    let key = PublicKey::from_file(folder.path().join("a.pub")).expect("it is a key");
    let trusting = Host::builder().no_cache().trust([key]).build().expect("an engine");
    for (odd, _) in ODD {
        put(odd, &folder.path().join("quote.wasm.minisig"));
        let loaded = trusting.load::<Prettify>(folder.path().join("quote.wasm"));
        assert!(matches!(loaded, Err(LoadError::Read(_))), "{odd}: {loaded:?}");
    }
    let read = Unverified::open(folder.path().join("quote.wasm"), &Limits::none());
    assert!(read.is_ok(), "without a limit there is the most of its kind");
}

#[test]
fn a_trap_is_told_without_symbols_that_are_no_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
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

    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("closed.toml");
    fs::write(&path, "").expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o0)).expect("it is ours");
    // The system lets root read it all the same, and not what is there to be written alone.
    let paths = [path, PathBuf::from("/proc/sys/vm/compact_memory")];
    let denied = |error: Error| error.kind() == ErrorKind::PermissionDenied;
    let Some(path) = paths.iter().find(|path| File::open(path).is_err_and(denied)) else {
        // Not by a macro, whose words nobody sees of a test that goes well.
        let told = writeln!(std::io::stderr(), "skipped: the system lets this user read each file");
        return told.expect("it is open");
    };
    let error = FileKind::POLICY.read(path).expect_err("it is closed");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.to_string().starts_with("cannot read the policy `"), "{error}");
}

/// Where files are opened and read in a way of their own, and why.
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
            let text = fs::read_to_string(&file).expect("it is there");
            // What tests read is their own.
            let code = text.split("\nmod tests {").next().unwrap_or_default();
            if words.iter().any(|word| code.contains(word)) {
                let name = file.strip_prefix(root().join("crates")).expect("it is in there");
                found.push(name.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    let mut known = IN_A_WAY_OF_THEIR_OWN.map(|(file, _)| file);
    known.sort_unstable();
    assert_eq!(found, known, "read it by a `FileKind`, or say here why not");
}
