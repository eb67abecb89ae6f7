//! What the command reads and writes: plugins by name and by file; standard output that takes nothing, links that
//! others left, files longer than the process may write.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use plugwright::{Dist, DistError, Limits};
use tempfile::TempDir;
use tests::{Output, dist_folder, plugwright, plugwright_path, program};

use crate::given_files::copy_built;

/// A folder with the plugin `quote`, words for it, and a pair of keys.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy_built(folder.path());
    fs::write(folder.path().join("words"), "a word").expect("a file");
    let made = run(folder.path(), &["key", "new", "release.key"]);
    assert_eq!(made.code, Some(0), "{made}");
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Output::of(&mut plugwright(folder, arguments))
}

/// Runs the command from a shell, in which `script` has it as `"$@"`.
fn by_shell(folder: &Path, script: &str, arguments: &[&str]) -> Output {
    let command = plugwright_path();
    let command = command.to_str().expect("UTF-8");
    let all = [&["-c", script, "sh", command], arguments].concat();
    let mut shell = program(Path::new("sh"), folder, all);
    shell.env("PLUGWRIGHT_DIST", dist_folder()).env("PLUGWRIGHT_CACHE", tests::cache_folder());
    Output::of(&mut shell)
}

/// What is in the folder that the command has begun.
fn begun(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path());
    let is_begun = |path: &PathBuf| {
        let name = path.file_name().expect("it has one").to_string_lossy().into_owned();
        name.starts_with(".plugwright-") || name.starts_with(".new-")
    };
    files.filter(is_begun).collect()
}

// Elsewhere there is no `/dev/full`.
#[cfg(target_os = "linux")]
#[test]
fn a_result_that_standard_output_does_not_take_is_an_error() {
    let folder = folder();
    for arguments in [
        &["run", "quote", "words"][..],
        &["run", "checksum", "words"],
        &["check", "quote.wasm"],
        &["inspect", "quote"],
        &["inspect", "quote", "--json"],
        &["size", "quote"],
        &["sign", "--key", "release.key", "quote.wasm"],
        &["compare", ".", "."],
        &["cache"],
        &["cache", "--clear", "--cache", "mine"],
        &["help"],
        &["run", "--help"],
        &["--version"],
    ] {
        // Full, and one that is for reading.
        for script in ["exec \"$@\" > /dev/full", "exec \"$@\" 1< /dev/null"] {
            let output = by_shell(folder.path(), script, arguments);
            assert_eq!(output.code, Some(8), "{script}: {arguments:?}: {output}");
            let says = output.stderr.contains("error: standard output cannot be written: ");
            assert!(says, "{script}: {arguments:?}: {output}");
        }
    }
    assert_snapshot!(by_shell(folder.path(), "exec \"$@\" > /dev/full", &["--version"]), @"
    ── stderr
    error: standard output cannot be written: No space left on device (os error 28)
    [exit code 8]
    ");
    // Whoever has read enough has all they want.
    let script = "\"$@\" | true";
    for arguments in [&["help"][..], &["inspect", "quote"]] {
        let output = by_shell(folder.path(), script, arguments);
        assert_eq!((&*output.stderr, output.code), ("", Some(0)), "{output}");
    }
}

// Elsewhere there is no `/dev/full`.
#[cfg(target_os = "linux")]
#[test]
fn an_error_that_nobody_can_be_told_keeps_its_code() {
    let folder = folder();
    let output = by_shell(folder.path(), "exec \"$@\" 2> /dev/full", &["check", "words"]);
    assert_eq!(output.code, Some(3), "{output}");
    let arguments = ["run", "quote", "words", "--stats"];
    let output = by_shell(folder.path(), "exec \"$@\" 2> /dev/full", &arguments);
    assert_eq!((&*output.stdout, output.code), ("\"a\" \"word\"\n", Some(0)), "{output}");
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
        fs::write(&victim, "precious").expect("a file");
        let _ = fs::remove_file(path(name));
        // A name in the folder is found by its list, so that files are named.
        symlink(&victim, path(name)).expect("a link");
        if name == "quote.wasm.minisig" {
            fs::remove_file(path("plugins.json")).expect("it is there");
        }
        let output = run(folder.path(), arguments);
        assert_eq!(output.code, Some(0), "{output}");
        assert_eq!(fs::read_to_string(&victim).expect("a file"), "precious", "{name}");
        let written = fs::symlink_metadata(path(name)).expect("it is there");
        assert!(written.is_file(), "{name}");
    }
    // A key is made where there is nothing, not even a link to nothing.
    for name in ["new.key", "new.pub"] {
        symlink(path("nowhere"), path(name)).expect("a link");
        let output = run(folder.path(), &["key", "new", "new.key"]);
        let says = format!("error: `{name}` is there already: name another file\n");
        assert_eq!((&*output.stderr, output.code), (&*says, Some(2)), "{output}");
        fs::remove_file(path(name)).expect("it is there");
        assert!(
            !path("nowhere").exists() && !path("new.key").exists() && !path("new.pub").exists()
        );
    }
    // What a person names as the result is another matter: the file that a link leads to is it.
    symlink(&victim, path("result")).expect("a link");
    let output = run(folder.path(), &["run", "quote", "words", "-o", "result"]);
    assert_eq!(output.code, Some(0), "{output}");
    assert_eq!(fs::read_to_string(&victim).expect("a file"), "\"a\" \"word\"\n");
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
    for arguments in [["run", "quote", "words", "-o", "-"], ["run", "checksum", "words", "-o", "-"]]
    {
        let output = run(folder.path(), &arguments);
        assert!(output.code == Some(0) && !output.stdout.is_empty(), "{output}");
        assert!(!folder.path().join("-").exists());
    }
}

#[test]
fn a_file_that_would_be_longer_than_may_be_written_is_an_error_and_leaves_nothing() {
    let folder = folder();
    fs::write(folder.path().join("long"), "word ".repeat(10_000)).expect("a file");
    let script = "ulimit -f 8; exec \"$@\"";
    assert_snapshot!(by_shell(folder.path(), script, &["--log", "off", "run", "quote", "long", "-o", "out"]), @"
    ── stderr
    error: cannot write `out`: File too large (os error 27)
    [exit code 8]
    ");
    assert!(begun(folder.path()).is_empty() && !folder.path().join("out").exists());
    // Without its compiled code, a plugin runs all the same.
    let output = by_shell(folder.path(), script, &["run", "quote", "words", "--cache", "mine"]);
    assert_eq!((&*output.stdout, output.code), ("\"a\" \"word\"\n", Some(0)), "{output}");
    assert!(begun(&folder.path().join("mine")).is_empty());
}

#[test]
fn a_parent_that_ignores_how_processes_end_makes_no_difference() {
    let folder = folder();
    let script = "trap '' CHLD; exec \"$@\"";
    let output = by_shell(folder.path(), script, &["--no-cache", "run", "quote", "words"]);
    assert_eq!((&*output.stdout, output.code), ("\"a\" \"word\"\n", Some(0)), "{output}");
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
    // A name is one that the list has, as for `run`.
    fs::copy(folder.path().join("quote.wasm"), folder.path().join("other.wasm")).expect("a copy");
    for verb in [&["check", "other"][..], &["run", "other", "words"]] {
        let output = run(folder.path(), verb);
        let says = "error: there is no plugin `other` in ";
        assert!(output.code == Some(3) && output.stderr.starts_with(says), "{output}");
    }
    // One that is listed is within the limit, too.
    for plugin in ["quote", "quote.wasm"] {
        let limit = ["run", plugin, "words", "--limit", "component-size=1KiB"];
        let output = run(folder.path(), &limit);
        let says =
            "error: `quote` is not loaded: what a component comes to is limited to 1024 bytes; ";
        assert!(output.code == Some(3) && output.stderr.starts_with(says), "{output}");
    }
    let dist = Dist::open(folder.path()).expect("a list");
    let limits = Limits::none().component_size(1 << 10);
    let refused = dist.read_within("quote", &limits).expect_err("it is longer");
    assert!(matches!(refused, DistError::Exceeded { .. }), "{refused}");
    assert_eq!(dist.read("quote").expect("it is there").get(..4), Some(&b"\0asm"[..]));
}

#[test]
fn a_limit_that_no_plugin_can_keep_is_told_as_what_it_is() {
    let folder = folder();
    let output = run(folder.path(), &["run", "quote", "words", "--limit", "stack=0"]);
    let says = "for '--limit <NAME=VALUE>': the stack is of 16KiB at least";
    assert!(output.code == Some(2) && output.stderr.contains(says), "{output}");
    let output = run(folder.path(), &["run", "quote", "words", "--limit", "stack=1GiB"]);
    let says = "for '--limit <NAME=VALUE>': the stack is of 64MiB at most";
    assert!(output.code == Some(2) && output.stderr.contains(says), "{output}");
    let pipeline = "[[stage]]\nplugin = \"quote\"\nlimits = [\"stack=1\"]\n";
    fs::write(folder.path().join("pipeline.toml"), pipeline).expect("a file");
    let output = run(folder.path(), &["run", "--pipeline", "pipeline.toml", "words"]);
    let says = "the stack is of 16KiB at least";
    assert!(output.code == Some(2) && output.stderr.contains(says), "{output}");
    let whole = run(folder.path(), &["run", "quote", "words", "--limit", "stack=none"]);
    assert_eq!(whole.code, Some(0), "{whole}");
    // Once its code is kept, too.
    for _cached in [false, true] {
        let limited = ["run", "quote", "words", "--cache", "cache", "--limit", "table-elements=0"];
        let output = run(folder.path(), &limited);
        let says = "error: `quote` is not loaded: the size of tables is limited to 0 elements; ";
        assert!(output.code == Some(3) && output.stderr.starts_with(says), "{output}");
        let kept = run(folder.path(), &["run", "quote", "words", "--cache", "cache"]);
        assert_eq!(kept.code, Some(0), "{kept}");
    }
}
