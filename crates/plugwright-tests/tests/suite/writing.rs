//! What the command reads and writes: plugins by name and by file, standard output that accepts nothing, links in
//! the way, and files that exceed the process's limit.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use plugwright::{Dist, DistError, Limits};
use tempfile::TempDir;
use tests::{Output, dist_folder, plugwright, plugwright_path, program};

use crate::given_files::copy_quote;

/// Returns a folder with the plugin `quote`, words, and a pair of keys.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    copy_quote(folder.path());
    fs::write(folder.path().join("words"), "a word").expect("the file can be written");
    let made = run(folder.path(), &["key", "new", "release.key"]);
    assert_eq!(made.code, Some(0), "{made}");
    folder
}

/// The output of `count` for the words.
const COUNTS: &str = "{\"lines\":1,\"words\":2,\"characters\":6,\"bytes\":6}\n";

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Output::of(&mut plugwright(folder, arguments))
}

/// Runs the command from a shell, in which `script` refers to it as `"$@"`.
fn by_shell(folder: &Path, script: &str, arguments: &[&str]) -> Output {
    let command = plugwright_path();
    let command = command.to_str().expect("the path is UTF-8");
    let all = [&["-c", script, "sh", command], arguments].concat();
    let mut shell = program(Path::new("sh"), folder, all);
    shell.env("PLUGWRIGHT_DIST", dist_folder()).env("PLUGWRIGHT_CACHE", tests::cache_folder());
    Output::of(&mut shell)
}

/// Returns the command's temporary files in the folder.
fn begun(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder)
        .expect("the folder can be read")
        .map(|file| file.expect("the file can be created").path());
    let is_begun = |path: &PathBuf| {
        let name =
            path.file_name().expect("the path has a file name").to_string_lossy().into_owned();
        name.starts_with(".plugwright-") || name.starts_with(".new-")
    };
    files.filter(is_begun).collect()
}

// Other systems have no `/dev/full`.
#[cfg(target_os = "linux")]
#[test]
fn a_result_that_standard_output_does_not_take_is_an_error() {
    let folder = folder();
    for arguments in [
        &["run", "count", "words"][..],
        &["run", "checksum", "words"],
        &["call", "quote"],
        &["call", "quote", "--json"],
        &["call", "quote", "prettify([\"a\"])"],
        &["call", "quote", "prettify([\"a\"])", "--json"],
        &["check", "quote.wasm"],
        &["inspect", "quote"],
        &["inspect", "quote", "--json"],
        &["size", "quote"],
        &["sign", "--key", "release.key", "quote.wasm"],
        &["compare", ".", "."],
        &["cache"],
        &["cache", "--clear", "--cache", "mine"],
        &["help"],
        &["help", "--all"],
        &["run", "--help"],
        &["--version"],
    ] {
        // A full device, and a descriptor that is open for reading.
        for script in ["exec \"$@\" > /dev/full", "exec \"$@\" 1< /dev/null"] {
            let output = by_shell(folder.path(), script, arguments);
            assert_eq!(output.code, Some(8), "{script}: {arguments:?}: {output}");
            let says = output.stderr.contains("error: cannot write to standard output: ");
            assert!(says, "{script}: {arguments:?}: {output}");
        }
    }
    assert_snapshot!(by_shell(folder.path(), "exec \"$@\" > /dev/full", &["--version"]), @"
    ── stderr
    error: cannot write to standard output: No space left on device (os error 28)
    [exit code 8]
    ");
}

/// Makes the command write to a pipe that nobody reads.
const UNREAD: &str =
    "mkfifo unread 2>/dev/null; exec 3<>unread 4>unread 3<&-; exec \"$@\" >&4 4>&-";

#[test]
fn whoever_has_read_enough_has_all_they_want() {
    let folder = folder();
    for arguments in [
        &["help"][..],
        &["inspect", "quote"],
        &["size", "quote"],
        &["--log", "off", "run", "count", "words"],
        &["run", "checksum", "words"],
        &["call", "quote"],
        &["--log", "off", "call", "quote", "prettify([\"a\"])"],
    ] {
        let output = by_shell(folder.path(), UNREAD, arguments);
        assert_eq!((&*output.stderr, output.code), ("", Some(0)), "{arguments:?}: {output}");
    }
}

#[test]
fn what_is_found_does_not_depend_on_who_reads_it() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let unread = |arguments: &[&str]| by_shell(folder.path(), UNREAD, arguments);
    assert_snapshot!(unread(&["check", "quote.wasm", "words", "quote.wasm"]), @r"
    ── stderr
    error: `words`: `words` is not WebAssembly: it does not begin with the bytes `\0asm`; a plugin is a file that `plugwright build` puts into `dist/`
    error: 1 of 3 files cannot be run
    [exit code 3]
    ");
    fs::create_dir(path("empty")).expect("the folder can be created");
    assert_eq!(run(folder.path(), &["index", "empty"]).code, Some(0));
    assert_snapshot!(unread(&["compare", ".", "empty", "quote"]), @"
    ── stderr
    error: 1 of 1 plugins differ
    [exit code 3]
    ");
    // A command that only reports what it did succeeds, too.
    fs::create_dir(path("wit")).expect("the folder can be created");
    fs::write(path("wit/a.wit"), "package a:b@0.1.0;\n").expect("the file can be written");
    for arguments in [
        &["contract", "--release"][..],
        &["sign", "--key", "release.key", "quote.wasm", "./quote.wasm"],
        &["key", "new", "more.key"],
    ] {
        let output = unread(arguments);
        assert_eq!((&*output.stderr, output.code), ("", Some(0)), "{arguments:?}: {output}");
    }
    assert!(path("wit/releases/0.1.0").exists() && path("more.key").exists());
    // Another pipe counts as a file that cannot be written.
    fs::write(path("long"), "word ".repeat(100_000)).expect("the file can be written");
    let script = "mkfifo pipe; head -c 1 pipe >/dev/null & exec \"$@\"";
    assert_snapshot!(by_shell(folder.path(), script, &["--log", "off", "run", "markdown", "long", "-o", "pipe"]), @"
    ── stderr
    error: cannot write `pipe`: Broken pipe (os error 32)
    [exit code 8]
    ");
}

// Other systems have no `/dev/full`.
#[cfg(target_os = "linux")]
#[test]
fn an_error_that_nobody_can_be_told_keeps_its_code() {
    let folder = folder();
    let output = by_shell(folder.path(), "exec \"$@\" 2> /dev/full", &["check", "words"]);
    assert_eq!(output.code, Some(3), "{output}");
    let arguments = ["run", "count", "words", "--stats"];
    let output = by_shell(folder.path(), "exec \"$@\" 2> /dev/full", &arguments);
    assert_eq!((&*output.stdout, output.code), (COUNTS, Some(0)), "{output}");
}

#[test]
fn a_link_in_the_place_of_a_file_beside_is_not_written_through() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let victim = path("victim");
    for (name, arguments) in [
        ("quote.wasm.minisig", &["sign", "--key", "release.key", "quote.wasm"][..]),
        ("plugins.json", &["index", "."]),
    ] {
        fs::write(&victim, "precious").expect("the file can be written");
        let _ = fs::remove_file(path(name));
        // A name is looked up in the folder's list, so these arguments name files.
        symlink(&victim, path(name)).expect("the link can be created");
        if name == "quote.wasm.minisig" {
            fs::remove_file(path("plugins.json")).expect("the file exists");
        }
        let output = run(folder.path(), arguments);
        assert_eq!(output.code, Some(0), "{output}");
        assert_eq!(
            fs::read_to_string(&victim).expect("the file can be read"),
            "precious",
            "{name}"
        );
        let written = fs::symlink_metadata(path(name)).expect("the path exists");
        assert!(written.is_file(), "{name}");
    }
    // A key is created only where nothing exists, not even a dangling link.
    for name in ["new.key", "new.pub"] {
        symlink(path("nowhere"), path(name)).expect("the link can be created");
        let output = run(folder.path(), &["key", "new", "new.key"]);
        let says = format!("error: `{name}` already exists: name another file\n");
        assert_eq!((&*output.stderr, output.code), (&*says, Some(2)), "{output}");
        fs::remove_file(path(name)).expect("the file exists");
        assert!(
            !path("nowhere").exists() && !path("new.key").exists() && !path("new.pub").exists()
        );
    }
    // A result that the user names is different: it is written to the file that a link leads to.
    symlink(&victim, path("result")).expect("the link can be created");
    let output = run(folder.path(), &["run", "count", "words", "-o", "result"]);
    assert_eq!(output.code, Some(0), "{output}");
    assert_eq!(fs::read_to_string(&victim).expect("the file can be read"), COUNTS);
}

// Other systems have other links.
#[cfg(target_os = "linux")]
#[test]
fn a_result_goes_where_links_lead() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let link = |to: &str, name: &str| symlink(to, path(name)).expect("the link can be created");
    let is_link = |name: &str| path(name).symlink_metadata().expect("the path exists").is_symlink();
    let written = |script: &str, file: &str| {
        let arguments = ["--log", "off", "run", "count", "words", "-o", file];
        by_shell(folder.path(), script, &arguments)
    };
    // Links to a pipe, and to a file without a name.
    link("/proc/self/fd/1", "mine");
    for (script, file) in [
        ("\"$@\" | cat", "mine"),
        ("\"$@\" 3>&1 >/dev/null | cat", "/dev/fd/3"),
        ("exec 3<>gone; rm gone; \"$@\"; cat <&3", "/dev/fd/3"),
    ] {
        let output = written(script, file);
        assert_eq!((&*output.stdout, output.code), (COUNTS, Some(0)), "{script}: {output}");
        assert_eq!(output.stderr, "", "{script}: {output}");
    }
    assert!(is_link("mine") && !path("gone").exists());
    // Links to paths where nothing exists yet, relative to the folder of each link.
    fs::create_dir(path("made")).expect("the folder can be created");
    link("made/second", "first");
    link("../later", "made/second");
    assert_eq!(written("exec \"$@\"", "first").code, Some(0));
    assert!(is_link("first") && is_link("made/second"));
    assert_eq!(fs::read_to_string(path("later")).expect("the file can be read"), COUNTS);
    // A link that leads nowhere.
    link("loop", "loop");
    link("no/such", "lost");
    let told = ["loop", "lost", "/dev/fd/77"].map(|file| written("exec \"$@\"", file).to_string());
    assert_snapshot!(told.concat(), @"
    ── stderr
    error: cannot write `loop`: Too many levels of symbolic links (os error 40)
    [exit code 8]
    ── stderr
    error: cannot write `lost`: there is no folder `no`
    [exit code 8]
    ── stderr
    error: cannot write `/dev/fd/77`: cannot create files in the folder `/dev/fd`
    [exit code 8]
    ");
    assert!(begun(folder.path()).is_empty());
}

#[test]
fn no_half_of_a_pair_of_keys_is_left() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    // With `.pub`, the name is longer than file names can be.
    let output = run(folder.path(), &["key", "new", &"k".repeat(255)]);
    assert!(output.code == Some(8) && output.stderr.contains("File name too long"), "{output}");
    assert_eq!(fs::read_dir(folder.path()).expect("the folder can be read").count(), 0);
}

#[test]
fn a_file_in_a_folder_that_is_not_there_is_told_of_with_the_folder() {
    let folder = folder();
    assert_snapshot!(run(folder.path(), &["key", "new", "no/such/a.key"]), @"
    ── stderr
    error: cannot write `no/such/a.key`: there is no folder `no/such`
    [exit code 8]
    ");
    assert!(!folder.path().join("no").exists());
}

#[test]
fn a_dash_is_standard_output() {
    let folder = folder();
    for arguments in [["run", "count", "words", "-o", "-"], ["run", "checksum", "words", "-o", "-"]]
    {
        let output = run(folder.path(), &arguments);
        assert!(output.code == Some(0) && !output.stdout.is_empty(), "{output}");
        assert!(!folder.path().join("-").exists());
    }
}

#[test]
fn a_file_that_would_be_longer_than_may_be_written_is_an_error_and_leaves_nothing() {
    let folder = folder();
    fs::write(folder.path().join("long"), "word ".repeat(100_000))
        .expect("the file can be written");
    // 128 KiB: more than a plugin needs to start, and less than its compiled code.
    let script = "ulimit -f 256; exec \"$@\"";
    assert_snapshot!(by_shell(folder.path(), script, &["--log", "off", "run", "count", "long", "-O", "output=document", "-o", "out"]), @"
    ── stderr
    error: cannot write `out`: File too large (os error 27)
    [exit code 8]
    ");
    assert!(begun(folder.path()).is_empty() && !folder.path().join("out").exists());
    // A plugin runs even if its compiled code cannot be stored.
    let output = by_shell(folder.path(), script, &["run", "count", "words", "--cache", "mine"]);
    assert_eq!((&*output.stdout, output.code), (COUNTS, Some(0)), "{output}");
    assert!(output.stderr.contains("cwasm`: File too large"), "{output}");
    assert!(begun(&folder.path().join("mine")).is_empty());
}

#[test]
fn a_parent_that_ignores_how_processes_end_makes_no_difference() {
    let folder = folder();
    let script = "trap '' CHLD; exec \"$@\"";
    let output = by_shell(folder.path(), script, &["--no-cache", "run", "count", "words"]);
    assert_eq!((&*output.stdout, output.code), (COUNTS, Some(0)), "{output}");
}

#[test]
fn a_plugin_is_named_or_its_file_is() {
    let folder = folder();
    for file in ["quote", "quote.wasm"] {
        let size = run(folder.path(), &["size", file]);
        assert!(size.code == Some(0) && size.stdout.starts_with("quote: "), "{size}");
        let check = run(folder.path(), &["check", file]);
        assert!(
            check.code == Some(0) && check.stdout.contains("quote.wasm: a plugin of"),
            "{check}"
        );
    }
    // A name is looked up in the list, as for `run`.
    fs::copy(folder.path().join("quote.wasm"), folder.path().join("other.wasm"))
        .expect("the file can be copied");
    for verb in [&["check", "other"][..], &["run", "other", "words"], &["call", "other"]] {
        let output = run(folder.path(), verb);
        let says = "error: there is no plugin `other` in ";
        assert!(output.code == Some(3) && output.stderr.starts_with(says), "{output}");
    }
    // The limit also applies to a listed plugin.
    for plugin in ["quote", "quote.wasm"] {
        for verb in [&["run", plugin, "words"][..], &["call", plugin]] {
            let limited = [verb, &["--limit", "component-size=1KiB"]].concat();
            let output = run(folder.path(), &limited);
            let says = "error: `quote` is not loaded: the size of a component is limited to 1KiB; ";
            assert!(output.code == Some(3) && output.stderr.starts_with(says), "{output}");
        }
    }
    let dist = Dist::open(folder.path()).expect("the list can be read");
    let limits = Limits::none().component_size(1 << 10);
    let refused = dist.read_within("quote", &limits).expect_err("the file exceeds the limit");
    assert!(matches!(refused, DistError::Exceeded { .. }), "{refused}");
    assert_eq!(dist.read("quote").expect("the file exists").get(..4), Some(&b"\0asm"[..]));
}

#[test]
fn what_is_no_folder_is_told_to_be_none() {
    let folder = folder();
    for arguments in [&["compare", ".", "words"][..], &["--dist", "words", "size"]] {
        let output = run(folder.path(), arguments);
        let says = "error: `words` is not an existing folder: name a folder that `plugwright build` filled\n";
        assert!(output.code == Some(8) && output.stderr == says, "{output}");
    }
}

#[test]
fn a_limit_that_no_plugin_can_keep_is_told_as_what_it_is() {
    let folder = folder();
    let output = run(folder.path(), &["run", "count", "words", "--limit", "stack=0"]);
    let says = "for '--limit <NAME=VALUE>': the stack must be at least 16KiB";
    assert!(output.code == Some(2) && output.stderr.contains(says), "{output}");
    for limit in ["stack=1GiB", "stack=18446744073709551615"] {
        let output = run(folder.path(), &["run", "count", "words", "--limit", limit]);
        let says = "for '--limit <NAME=VALUE>': the stack must be at most 64MiB";
        assert!(output.code == Some(2) && output.stderr.contains(says), "{output}");
    }
    let pipeline = "[[stage]]\nplugin = \"count\"\nlimits = [\"stack=1\"]\n";
    fs::write(folder.path().join("pipeline.toml"), pipeline).expect("the file can be written");
    let output = run(folder.path(), &["run", "--pipeline", "pipeline.toml", "words"]);
    let says = "the stack must be at least 16KiB";
    assert!(output.code == Some(2) && output.stderr.contains(says), "{output}");
    let whole = run(folder.path(), &["run", "count", "words", "--limit", "stack=none"]);
    assert_eq!(whole.code, Some(0), "{whole}");
    // Also once its code is in the cache.
    for _cached in [false, true] {
        let limited = ["run", "count", "words", "--cache", "cache", "--limit", "table-elements=0"];
        let output = run(folder.path(), &limited);
        let says = "error: `count` is not loaded: the size of tables is limited to 0 elements; ";
        assert!(output.code == Some(3) && output.stderr.starts_with(says), "{output}");
        let kept = run(folder.path(), &["run", "count", "words", "--cache", "cache"]);
        assert_eq!(kept.code, Some(0), "{kept}");
    }
}
