//! `plugwright push` and `pull`.

use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use sha2::{Digest as _, Sha256};
use tests::{Output, dist, dist_folder, program};

use crate::server::{Fake, Real, answer};

/// The command with registries, which cargo builds with the tests.
pub(crate) fn command() -> PathBuf {
    let own = std::env::current_exe().expect("the test");
    own.parent().and_then(Path::parent).expect("a folder").join("examples/plugwright")
}

fn run(folder: &Path, host: &str, arguments: &[&str]) -> String {
    run_with(folder, host, arguments, &[])
}

/// Runs the command with these environment variables, and returns its output.
pub(crate) fn run_with(
    folder: &Path,
    host: &str,
    arguments: &[&str],
    variables: &[(&str, PathBuf)],
) -> String {
    let mut command = program(&command(), folder, arguments);
    command.env("HOME", folder.join("home")).env("PLUGWRIGHT_DIST", dist_folder());
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    Output::of(&mut command).to_string().replace(host, "HOST")
}

/// Removes digests from the text, because they depend on the compiler.
pub(crate) fn masked(text: &str) -> String {
    let is_digit = |it: char| it.is_ascii_hexdigit() && !it.is_ascii_uppercase();
    let parts =
        text.split_inclusive(|it| !is_digit(it)).map(|part| match part.split_at_checked(64) {
            Some((digest, rest)) if digest.chars().all(is_digit) => format!("DIGEST{rest}"),
            _ => part.to_owned(),
        });
    parts.collect()
}

#[test]
fn a_plugin_goes_to_a_registry_and_comes_back_with_its_papers() {
    let registry = Real::plain();
    let folder = tempfile::tempdir().expect("a folder");
    let reference = format!("oci://{}/plugins/count:0.1.0", registry.host);
    let run = |arguments: &[&str]| run(folder.path(), &registry.host, arguments);
    let pushed = run(&["push", "count", &reference]);
    assert!(pushed.starts_with("oci://HOST/plugins/count@sha256:"), "{pushed}");
    assert_eq!(run(&["pull", &reference, "-o", "here.wasm"]), pushed);
    let read = |file: &str| fs::read(folder.path().join(file)).expect("it is there");
    assert_eq!(read("here.wasm"), dist().read("count").expect("it is built"));
    for paper in ["provenance.json", "cdx.json"] {
        let built = fs::read(dist_folder().join(format!("count.{paper}"))).expect("it is built");
        assert_eq!(read(&format!("here.{paper}")), built);
    }
    assert_snapshot!(run(&["pull", &reference.replace("0.1.0", "9.9.9")]), @"
    ── stderr
    error: `HOST` has no `plugins/count:9.9.9`
    [exit code 9]
    ");
    let bytes = read("here.wasm").len().to_string();
    let long = run(&["pull", &reference, "--limit", "component-size=1KiB"]);
    assert_snapshot!(masked(&long.replace(&bytes, "BYTES")), @"
    ── stderr
    error: `blobs/sha256:DIGEST` has BYTES bytes, but at most 1024 are allowed: to allow more, raise the limit `component-size`
    [exit code 9]
    ");
    assert_snapshot!(run(&["push", "nobody", &reference]), @"
    ── stderr
    error: there is no plugin `nobody` in `$DIST`, which has `checksum`, `count`, `csv-json`, `jq`, `markdown`, `quote`, `redact`, `template`, `thumbnail`: to name a file, give its folder or its ending `.wasm`
    [exit code 3]
    ");
    assert_snapshot!(run(&["pull", "count"]), @"
    ── stderr
    error: `count` is not a reference: it must begin with `oci://`
    [exit code 2]
    ");
}

#[test]
fn a_pull_that_fails_leaves_what_was_there() {
    let registry = Fake::start(|_, _| answer("500 Internal Server Error", b""));
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("geo.wasm"), "old").expect("a file");
    let reference = format!("oci://{}/plugins/geo:1.0.0", registry.host);
    assert_snapshot!(run(folder.path(), &registry.host, &["pull", &reference]), @"
    ── stderr
    error: `HOST` gave an invalid answer: `manifests/1.0.0` is 500 Internal Server Error
    [exit code 9]
    ");
    assert_eq!(fs::read(folder.path().join("geo.wasm")).expect("it is there"), b"old");
    let left = fs::read_dir(folder.path()).expect("the folder").count();
    assert_eq!(left, 1);
}

#[test]
fn a_plugin_runs_by_its_reference_and_without_a_network_once_it_is_here() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("words.txt"), "one two\n").expect("a file");
    let registry = Real::plain();
    let host = registry.host.clone();
    let run = |arguments: &[&str]| run(folder.path(), &host, arguments);
    let tagged = format!("oci://{host}/plugins/count:latest");
    let exact = run(&["push", "count", &tagged]);
    let exact = exact.lines().next().expect("a reference").replace("HOST", &host);
    let by_tag = run(&["run", &tagged, "words.txt", "--log", "off"]);
    assert_snapshot!(by_tag, @r#"
    {"lines":1,"words":2,"characters":8,"bytes":8}
    [exit code 0]
    "#);
    assert_eq!(run(&["run", &exact, "words.txt", "--log", "off"]), by_tag);
    let checked = run(&["check", &exact]);
    assert!(
        checked.contains("/count.wasm: a plugin of the world plugwright:plugin/transformer@"),
        "{checked}"
    );
    let shown = run(&["inspect", &exact]);
    assert!(shown.contains("name         count"), "{shown}");

    // The tag is moved, and means another plugin at once. The digest still means the same plugin.
    run(&["push", "quote", &tagged]);
    let moved = run(&["inspect", &tagged]);
    assert!(moved.contains("name         quote"), "{moved}");
    assert_eq!(run(&["run", &exact, "words.txt", "--log", "off"]), by_tag);

    // Without the registry, only the local store answers.
    drop(registry);
    assert_eq!(run(&["run", &exact, "words.txt", "--log", "off"]), by_tag);
    let offline = run(&["inspect", &tagged]);
    assert!(offline.contains("name         quote") && offline.contains("offline: "), "{offline}");
    let other = format!("oci://{host}/plugins/count:1.0.0");
    let unknown = run(&["run", &other, "words.txt"]);
    assert!(unknown.contains("cannot reach `HOST`"), "{unknown}");

    // A changed file in the store is not taken for the plugin, even if its manifest is changed, too.
    let kept = folder.path().join("home/.cache/plugwright/registry");
    let other = dist().read("jq").expect("it is built");
    let names = |bytes: &[u8]| -> String {
        Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    for manifest in files(&kept.join("manifests")) {
        let text = fs::read_to_string(&manifest).expect("a manifest");
        let count = names(&dist().read("count").expect("it is built"));
        fs::write(&manifest, text.replace(&count, &names(&other))).expect("it is there");
    }
    let mut changed = 0;
    for component in files(&kept.join("components")) {
        if component.ends_with("count.wasm") {
            fs::write(component, &other).expect("it is there");
            changed += 1;
        }
    }
    assert!(changed > 0);
    let told = run(&["run", &exact, "words.txt"]);
    assert!(told.contains("cannot reach `HOST`"), "{told}");
}

/// Returns the files in the folder and below it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|it| it.expect("its entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
