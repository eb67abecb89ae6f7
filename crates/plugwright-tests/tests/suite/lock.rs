//! The lock file: an agreed plugin loads. A plugin that is another file, or that asks for more, does not.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use plugwright::{Host, Lock, LockedPlugin, Trust, Unverified, Wants};
use tests::{Output, dist, plugwright, trapping};

use crate::manifest::{LATE, with_manifest};

/// The manifest of the agreed plugin.
const AGREED: &str = r#"world = "plugwright:plugin/transformer@0.2.0"
grants = ["folder=/templates", "http=https://api.example.org"]
limits = ["memory=64MiB", "deadline=2s"]
"#;

/// Returns a plugin of the world `transformer` with this manifest.
fn sample(manifest: &str) -> Vec<u8> {
    with_manifest(&trapping("transformer"), manifest)
}

/// Returns the lock file with this plugin added.
fn lock(name: &str, bytes: &[u8]) -> Lock {
    let candidate =
        Unverified::new(name, bytes).verify(&Trust::anybody()).expect("the component is valid");
    let inspection = candidate.inspect(&[]).expect("the component is valid");
    let wants = Wants::of(&inspection);
    let plugin = LockedPlugin {
        reference: None,
        resolved: None,
        sha256: inspection.sha256,
        key: None,
        wants,
    };
    Lock { plugins: BTreeMap::from([(name.to_owned(), plugin)]) }
}

/// Returns the host's error for the plugin `sample` with this lock file.
fn said(lock: &Lock, bytes: &[u8]) -> String {
    let host = Host::builder().no_cache().lock(lock.clone()).build().expect("the engine starts");
    match host.verify(Unverified::new("sample", bytes)) {
        Ok(_) => "it is as agreed".to_owned(),
        Err(error) => {
            let error = error.to_string();
            // The digest of each changed file differs.
            let lines = error.lines().filter(|line| !line.contains("whose digest is"));
            lines.collect::<Vec<_>>().join("\n")
        }
    }
}

#[test]
fn what_was_agreed_to_is_loaded_and_what_asks_for_more_is_not() {
    let agreed = sample(AGREED);
    let lock = lock("sample", &agreed);
    assert_eq!(said(&lock, &agreed), "it is as agreed");
    let changed = |from: &str, to: &str| said(&lock, &sample(&AGREED.replacen(from, to, 1)));
    let more = [
        changed("\"folder=/templates\"", "\"folder-rw=/templates\""),
        changed("\"folder=/templates\"", "\"folder=/templates\", \"folder=/etc\""),
        changed("\"folder=/templates\"", "\"folder=/templates\", \"variable=TOKEN\""),
        changed("\"folder=/templates\"", "\"folder=/templates\", \"random\", \"wall-clock\""),
        changed("https://api.example.org", "https://other.example.org"),
        changed("memory=64MiB", "memory=128MiB"),
        changed("\"memory=64MiB\", ", ""),
        changed("deadline=2s", "deadline=60s"),
        changed("transformer@0.2.0", "prettify@0.2.0"),
        said(&lock, &with_manifest(&LATE, AGREED)),
    ];
    assert_snapshot!(more.join("\n"), @"
    `sample` is not what was agreed to:
      - it asks for `folder-rw=/templates`
    to agree to what is at its reference now, run `plugwright update --accept sample`
    `sample` is not what was agreed to:
      - it asks for `folder=/etc`
    to agree to what is at its reference now, run `plugwright update --accept sample`
    `sample` is not what was agreed to:
      - it asks for `variable=TOKEN`
    to agree to what is at its reference now, run `plugwright update --accept sample`
    `sample` is not what was agreed to:
      - it asks for `random`
      - it asks for `wall-clock`
    to agree to what is at its reference now, run `plugwright update --accept sample`
    `sample` is not what was agreed to:
      - it asks for `http=https://other.example.org:443`
    to agree to what is at its reference now, run `plugwright update --accept sample`
    `sample` is not what was agreed to:
      - it declares `memory=128MiB`, but `memory=64MiB` was agreed to
    to agree to what is at its reference now, run `plugwright update --accept sample`
    `sample` is not what was agreed to:
      - it declares no limit, but `memory=64MiB` was agreed to
    to agree to what is at its reference now, run `plugwright update --accept sample`
    `sample` is not what was agreed to:
      - it declares `deadline=60s`, but `deadline=2s` was agreed to
    to agree to what is at its reference now, run `plugwright update --accept sample`
    `sample` is not what was agreed to:
      - it implements the world `plugwright:plugin/prettify@0.2.0`
    to agree to what is at its reference now, run `plugwright update --accept sample`
    `sample` is not what was agreed to:
      - it imports `wasi:clocks/wall-clock@0.2.6`
    to agree to what is at its reference now, run `plugwright update --accept sample`
    ");
    // A file that asks for less, or for the same in other words, is still another file.
    let other = [
        changed("\"folder=/templates\", ", ""),
        changed("memory=64MiB", "memory=32MiB"),
        changed("limits", "budget = \"1MiB\"\nlimits"),
    ];
    assert_snapshot!(other.join("\n"), @"
    `sample` is not what was agreed to:
    to agree to what is at its reference now, run `plugwright update --accept sample`
    `sample` is not what was agreed to:
    to agree to what is at its reference now, run `plugwright update --accept sample`
    `sample` is not what was agreed to:
    to agree to what is at its reference now, run `plugwright update --accept sample`
    ");
}

#[test]
fn a_lock_says_what_may_be_asked_for_whatever_the_bytes_are() {
    let agreed = sample(AGREED);
    let mut lock = lock("sample", &agreed);
    let plugin = lock.plugins.get_mut("sample").expect("the plugin is in the lock file");
    // The user withdraws an agreed grant.
    plugin.wants.grants.clear();
    assert_snapshot!(said(&lock, &agreed), @"
    `sample` is not what was agreed to:
      - it asks for `folder=/templates`
      - it asks for `http=https://api.example.org:443`
    to agree to what is at its reference now, run `plugwright update --accept sample`
    ");
    let plugin = lock.plugins.get_mut("sample").expect("the plugin is in the lock file");
    plugin.key = Some("RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3".to_owned());
    assert_snapshot!(said(&lock, &agreed), @"
    `sample` is not what was agreed to:
      - it is not signed with the key that was agreed to
      - it asks for `folder=/templates`
      - it asks for `http=https://api.example.org:443`
    to agree to what is at its reference now, run `plugwright update --accept sample`
    ");
    lock.plugins.clear();
    assert_snapshot!(said(&lock, &agreed), @"
    `sample` is not what was agreed to:
      - no plugin of this name was agreed to
    to agree to what it asks for, run `plugwright add`
    ");
}

#[test]
fn who_may_write_may_read() {
    let writes = AGREED.replace("folder=", "folder-rw=");
    let lock = lock("sample", &sample(&writes));
    assert_snapshot!(said(&lock, &sample(AGREED)), @"
    `sample` is not what was agreed to:
    to agree to what is at its reference now, run `plugwright update --accept sample`
    ");
}

#[test]
fn a_lock_has_one_normal_form() {
    let lock = lock("sample", &sample(AGREED));
    let text = lock.to_toml();
    assert_eq!(Lock::parse(&text).expect("the lock file is valid"), lock);
    assert_snapshot!(text, @r#"
    # The plugins that were agreed to, and what each of them asks for.
    version = 1

    [[plugin]]
    name = "sample"
    sha256 = "3fd737ae29a383c789adfe1e929899ccf27d429fae33b2361b0d0b69e4ef202d"
    world = "plugwright:plugin/transformer@0.2.0"
    imports = ["plugwright:plugin/host@0.2.0"]
    grants = ["folder=/templates", "http=https://api.example.org:443"]
    limits = ["deadline=2s", "memory=64MiB"]
    "#);
    let wrong = [
        "version = 2".to_owned(),
        "version = 1\nplugins = []".to_owned(),
        text.replace("folder=/templates", "folder"),
        text.replace("memory=64MiB", "memory=much"),
        format!("{text}{}", text.split_once("\n\n").expect("the file has a table").1),
    ];
    let told =
        wrong.map(|text| Lock::parse(&text).expect_err("the lock file is invalid").to_string());
    assert_snapshot!(told.join("\n"), @"
    line 1, column 11: version 2 is not supported, only 1 is
    line 2, column 1: there is no key `plugins`, only `version` or `plugin`
    line 4, column 1: plugin `sample`: grant: it is written folder=NAME
    line 4, column 1: plugin `sample`: `much` is not an amount: a number is missing
    line 11, column 1: plugin `sample` is listed twice
    ");
}

/// Returns the output of the command in the folder.
fn command(folder: &Path, arguments: &[&str]) -> String {
    Output::of(&mut plugwright(folder, arguments)).to_string()
}

#[test]
fn what_a_plugin_without_a_manifest_asks_for_is_read_as_it_is_written() {
    let mut lock = lock("sample", &sample(AGREED));
    let plugin = lock.plugins.get_mut("sample").expect("the plugin is in the lock file");
    plugin.wants.grants = ["http", "random", "wall-clock"].map(str::to_owned).into();
    assert_eq!(Lock::parse(&lock.to_toml()).expect("the lock file is valid"), lock);
}

#[test]
fn the_command_adds_to_the_lock_and_keeps_to_it() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let run = |arguments: &[&str]| command(folder.path(), arguments);
    let write = |file: &str, bytes: &[u8]| {
        fs::write(folder.path().join(file), bytes).expect("the file can be written");
    };
    write("count.wasm", &dist().read("count").expect("the plugin is built"));
    write("other.wasm", &dist().read("count").expect("the plugin is built"));
    write("words.txt", b"one two\n");
    assert_snapshot!(run(&["run", "--locked", "./count.wasm", "words.txt"]), @"
    ── stderr
    error: there is no lock file `plugwright.lock`: `plugwright add` creates it
    [exit code 8]
    ");
    assert_snapshot!(run(&["add", "./count.wasm"]), @"
    count
      world plugwright:plugin/transformer@0.2.0
      import plugwright:plugin/host@0.2.0
      limit memory=64MiB
    [exit code 0]
    ");
    assert_snapshot!(run(&["add", "./count.wasm"]), @"
    ── stderr
    error: `count` is already in the lock file: `plugwright update --accept count` updates it
    [exit code 2]
    ");
    assert_snapshot!(run(&["run", "--locked", "./count.wasm", "words.txt", "--log=off"]), @r#"
    {"lines":1,"words":2,"characters":8,"bytes":8}
    [exit code 0]
    "#);
    assert_snapshot!(run(&["run", "--locked", "./other.wasm", "words.txt"]), @"
    ── stderr
    error: `other` is not what was agreed to:
      - no plugin of this name was agreed to
    to agree to what it asks for, run `plugwright add`
    [exit code 3]
    ");
    assert_snapshot!(run(&["inspect", "--locked=elsewhere.lock", "./count.wasm"]), @"
    ── stderr
    error: there is no lock file `elsewhere.lock`: `plugwright add` creates it
    [exit code 8]
    ");
}

#[test]
fn an_update_tells_what_is_asked_for_more_and_takes_it_when_told_so() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let run = |arguments: &[&str]| command(folder.path(), arguments);
    let release = |manifest: &str| {
        fs::write(folder.path().join("geo.wasm"), sample(manifest))
            .expect("the file can be written");
    };
    release(AGREED);
    assert_snapshot!(run(&["add", "./geo.wasm"]), @"
    geo
      world plugwright:plugin/transformer@0.2.0
      import plugwright:plugin/host@0.2.0
      grant folder=/templates
      grant http=https://api.example.org:443
      limit deadline=2s
      limit memory=64MiB
    [exit code 0]
    ");
    assert_snapshot!(run(&["update"]), @"
    geo: as agreed
    [exit code 0]
    ");
    release(&AGREED.replace("limits", "budget = \"1MiB\"\nlimits"));
    assert_snapshot!(run(&["update"]), @"
    geo: changed, and asks for nothing more
      it is a different file, whose digest is b01abeb946a0954cd021065e433059e684e493b242db1483880eeb1ae9240f37
    [exit code 0]
    ");
    release(&AGREED.replace("64MiB", "128MiB").replace("folder=", "folder-rw="));
    assert_snapshot!(run(&["update"]), @"
    geo: asks for more
      it is a different file, whose digest is fe67e70b4fc73200f1f4829a0e21a1f4014a73ca2578c658cac7f383d9c8ba0a
      it asks for `folder-rw=/templates`
      it declares `memory=128MiB`, but `memory=64MiB` was agreed to
    ── stderr
    error: one plugin was not updated: add `--accept geo` to agree to everything listed above
    [exit code 3]
    ");
    assert_snapshot!(run(&["check", "--locked", "./geo.wasm"]), @"
    ── stderr
    error: `geo` is not what was agreed to:
      - it is a different file, whose digest is fe67e70b4fc73200f1f4829a0e21a1f4014a73ca2578c658cac7f383d9c8ba0a
      - it asks for `folder-rw=/templates`
      - it declares `memory=128MiB`, but `memory=64MiB` was agreed to
    to agree to what is at its reference now, run `plugwright update --accept geo`
    error: 1 of 1 files cannot be run
    [exit code 3]
    ");
    assert_snapshot!(run(&["update", "--accept", "moon"]), @"
    ── stderr
    error: `moon` is not in the lock file: `plugwright add` adds it
    [exit code 2]
    ");
    assert_snapshot!(run(&["update", "--accept", "geo"]), @"
    geo: asks for more
      it is a different file, whose digest is fe67e70b4fc73200f1f4829a0e21a1f4014a73ca2578c658cac7f383d9c8ba0a
      it asks for `folder-rw=/templates`
      it declares `memory=128MiB`, but `memory=64MiB` was agreed to
    [exit code 0]
    ");
    let lock = fs::read_to_string(folder.path().join("plugwright.lock")).expect("the file exists");
    assert!(lock.contains("memory=128MiB") && lock.contains("folder-rw=/templates"), "{lock}");
    fs::write(folder.path().join("plugwright.lock"), "version = 1\nplugin = 3\n")
        .expect("the file can be written");
    assert_snapshot!(run(&["update"]), @"
    ── stderr
    error: `plugwright.lock` is not a lock file: line 2, column 10: `plugin` is written `[[plugin]]`
    [exit code 2]
    ");
}
