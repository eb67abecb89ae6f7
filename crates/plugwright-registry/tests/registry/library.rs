//! Plugins by reference in the library, with a policy and with a lock file.

use std::fs;

use insta::assert_snapshot;
use plugwright::registry::{ClientBuilder, Reference, Registry};
use plugwright::{Host, LoadError, Lock, Plugin};
use plugwright_contract::prelude::*;
use plugwright_contract::{Head, Transformer};

use crate::command::{masked, run_with};
use crate::server::Real;

#[test]
fn a_host_loads_a_plugin_by_its_reference() {
    let server = Real::plain();
    let folder = tempfile::tempdir().expect("a folder");
    let tagged = format!("oci://{}/plugins/count:0.1.0", server.host);
    let exact = run_with(folder.path(), "NOWHERE", &["push", "count", &tagged], &[]);
    let exact: Reference =
        exact.lines().next().expect("a line").parse().expect("a reference by its digest");
    let tagged: Reference = tagged.parse().expect("a reference");
    let registry = Registry::new(ClientBuilder::default(), folder.path().join("kept"));
    let host = Host::builder().build().expect("a host");
    let words = |plugin: &Plugin<Transformer>| {
        let input = Head::of_path("words.txt").with_body("one two");
        String::from_utf8(plugin.transform(&input, &[]).expect("a document").body).expect("text")
    };
    let plugin: Plugin<Transformer> = host.load_reference(&tagged, &registry).expect("a plugin");
    assert_eq!(plugin.name(), "count");
    let counted = words(&plugin);
    assert_snapshot!(counted, @r#"{"lines":1,"words":2,"characters":7,"bytes":7}"#);
    // This works in asynchronous code, too.
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let plugin = runtime.block_on(async { host.load_reference(&tagged, &registry) });
    assert_eq!(words(&plugin.expect("a plugin")), counted);

    // Offline, both references mean the same plugins as before.
    let address = server.host.clone();
    drop(server);
    for reference in [&tagged, &exact] {
        let plugin: Plugin<Transformer> =
            host.load_reference(reference, &registry).expect("a plugin");
        assert_eq!(words(&plugin), counted);
    }
    let other: Reference = format!("oci://{address}/plugins/geo:1.0.0").parse().expect("one");
    let error = host.load_reference::<Transformer>(&other, &registry).expect_err("it is away");
    assert!(matches!(error, LoadError::Registry(_)), "{error}");
    assert!(error.to_string().starts_with("cannot reach `"), "{error}");
}

#[test]
fn a_lock_holds_for_what_a_tag_means_now() {
    let server = Real::plain();
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| masked(&run_with(folder.path(), &server.host, arguments, &[]));
    fs::write(folder.path().join("words.txt"), "one two\n").expect("a file");
    let tagged = format!("oci://{}/plugins/count:latest", server.host);
    run(&["push", "count", &tagged]);
    assert_snapshot!(run(&["add", &tagged]), @"
    count
      world plugwright:plugin/transformer@0.2.0
      import plugwright:plugin/host@0.2.0
      limit memory=64MiB
    [exit code 0]
    ");
    let lock = fs::read_to_string(folder.path().join("plugwright.lock")).expect("it is written");
    assert_snapshot!(masked(&lock.replace(&server.host, "HOST")), @r#"
    # The plugins that were agreed to, and what each of them asks for.
    version = 1

    [[plugin]]
    name = "count"
    reference = "oci://HOST/plugins/count:latest"
    resolved = "oci://HOST/plugins/count@sha256:DIGEST"
    sha256 = "DIGEST"
    world = "plugwright:plugin/transformer@0.2.0"
    imports = ["plugwright:plugin/host@0.2.0"]
    grants = []
    limits = ["memory=64MiB"]
    "#);
    assert_snapshot!(run(&["--locked", "run", &tagged, "words.txt", "--log", "off"]), @r#"
    {"lines":1,"words":2,"characters":8,"bytes":8}
    [exit code 0]
    "#);
    // Somebody moves the tag to a plugin that is not in the lock file.
    run(&["push", "redact", &tagged]);
    assert_snapshot!(run(&["--locked", "run", &tagged, "words.txt"]), @r#"
    {"lines":1,"words":2,"characters":8,"bytes":8}
    ── stderr
    info: count: counted lines=1 words=2 characters=8 bytes=8
    [exit code 0]
    "#);
    assert_snapshot!(run(&["update"]), @"
    count: asks for more
      it is a different file, whose digest is DIGEST
      it implements the world `plugwright:plugin/streamer@0.2.0`
      it imports `wasi:random/insecure-seed@0.2.6`
    ── stderr
    error: one plugin was not updated: add `--accept count` to agree to everything listed above
    [exit code 3]
    ");

    // The command refuses the other plugin. The library loads the one that the lock file has.
    let registry = Registry::new(ClientBuilder::default(), folder.path().join("kept"));
    let lock = Lock::open(folder.path().join("plugwright.lock")).expect("a lock");
    let host = Host::builder().lock(lock).build().expect("a host");
    let tagged: Reference = tagged.parse().expect("a reference");
    let plugin = host.load_reference::<Transformer>(&tagged, &registry).expect("it is as agreed");
    assert_eq!(plugin.name(), "count");
    let other = format!("oci://{}/other/count:latest", server.host);
    run(&["push", "redact", &other]);
    let other: Reference = other.parse().expect("a reference");
    let error = host.load_reference::<Transformer>(&other, &registry).expect_err("it is locked");
    assert_snapshot!(masked(&error.to_string()), @"
    `count` is not what was agreed to:
      - it is a different file, whose digest is DIGEST
      - it implements the world `plugwright:plugin/streamer@0.2.0`
      - it imports `wasi:random/insecure-seed@0.2.6`
    to agree to what is at its reference now, run `plugwright update --accept count`
    ");
    assert_snapshot!(run(&["--locked", "pull", &other.to_string()]), @"
    ── stderr
    error: `count` is not what was agreed to:
      - it is a different file, whose digest is DIGEST
      - it implements the world `plugwright:plugin/streamer@0.2.0`
      - it imports `wasi:random/insecure-seed@0.2.6`
    to agree to what is at its reference now, run `plugwright update --accept count`
    [exit code 3]
    ");
    assert!(!folder.path().join("count.wasm").exists());
    assert_snapshot!(run(&["--locked", "push", "count", &other.to_string()]), @"
    ── stderr
    error: `--locked` is only for commands that load plugins
    [exit code 2]
    ");
    // An explicit update writes the new digest to the lock file.
    assert_snapshot!(run(&["update", "--accept", "count"]), @"
    count: asks for more
      it is a different file, whose digest is DIGEST
      it implements the world `plugwright:plugin/streamer@0.2.0`
      it imports `wasi:random/insecure-seed@0.2.6`
    [exit code 0]
    ");
    assert_snapshot!(run(&["--locked", "inspect", &tagged.to_string()]).lines().next().unwrap_or_default(), @"name         redact");
}

#[test]
fn a_policy_and_a_pipeline_hold_for_references() {
    let server = Real::plain();
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| masked(&run_with(folder.path(), &server.host, arguments, &[]));
    let write = |file: &str, text: &str| {
        fs::write(folder.path().join(file), text).expect("a file");
    };
    write("words.txt", "one two\n");
    let count = format!("oci://{}/plugins/count:latest", server.host);
    let quote = format!("oci://{}/plugins/redact:latest", server.host);
    run(&["push", "count", &count]);
    run(&["push", "redact", &quote]);
    write("policy.toml", "[[plugin]]\nname = \"count\"\n");
    assert_snapshot!(run(&["run", "--policy", "policy.toml", &count, "words.txt", "--log", "off"]), @r#"
    {"lines":1,"words":2,"characters":8,"bytes":8}
    [exit code 0]
    "#);
    assert_snapshot!(run(&["run", "--policy", "policy.toml", &quote, "words.txt"]), @r#"
    ── stderr
    error: `redact` is not allowed here:
      - there is no rule for it
    to allow it, add to `policy.toml`:
      [[plugin]]
      name = "redact"
      sha256 = "DIGEST"
    [exit code 3]
    "#);
    let stages = [&quote, &count].map(|it| format!("[[stage]]\nplugin = \"{it}\"\n"));
    write("pipeline.toml", &stages.concat());
    assert_snapshot!(run(&["run", "--pipeline", "pipeline.toml", "words.txt", "--log", "off"]), @r#"
    {"lines":1,"words":2,"characters":8,"bytes":8}
    [exit code 0]
    "#);
}

#[test]
fn a_signature_comes_along() {
    let server = Real::plain();
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| masked(&run_with(folder.path(), &server.host, arguments, &[]));
    fs::write(folder.path().join("words.txt"), "one two\n").expect("a file");
    let dist = tests::dist_folder();
    fs::copy(dist.join("count.wasm"), folder.path().join("count.wasm")).expect("it is built");
    let reference = format!("oci://{}/plugins/count:signed", server.host);
    run(&["key", "new", "maker.key"]);
    run(&["sign", "--key", "maker.key", "./count.wasm"]);
    run(&["push", "./count.wasm", &reference, "--annotation", "source=https://example.org/count"]);
    let trusted = ["--trust", "maker.pub", "run", &reference, "words.txt", "--log", "off"];
    assert_snapshot!(run(&trusted), @r#"
    {"lines":1,"words":2,"characters":8,"bytes":8}
    [exit code 0]
    "#);
    run(&["key", "new", "other.key"]);
    let distrusted = run(&["--trust", "other.pub", "run", &reference, "words.txt"]);
    assert!(distrusted.contains("which is not trusted"), "{distrusted}");
    // An unsigned plugin does not replace it.
    run(&["push", "redact", &reference]);
    assert_snapshot!(run(&["--trust", "maker.pub", "run", &reference, "words.txt"]), @"
    ── stderr
    error: `count` is not signed, and only plugins signed with a trusted key are loaded: have its author sign it with `plugwright sign`, which writes a `.minisig` file beside it
    [exit code 3]
    ");
    assert_snapshot!(run(&["--trust", "maker.pub", "pull", &reference, "-o", "pulled.wasm"]), @"
    ── stderr
    error: `pulled` is not signed, and only plugins signed with a trusted key are loaded: have its author sign it with `plugwright sign`, which writes a `.minisig` file beside it
    [exit code 3]
    ");
    assert!(!folder.path().join("pulled.wasm").exists());
}

#[test]
fn one_signature_of_several_that_is_good_is_enough_whenever_it_came() {
    let server = Real::plain();
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| masked(&run_with(folder.path(), &server.host, arguments, &[]));
    fs::write(folder.path().join("words.txt"), "one two\n").expect("a file");
    let dist = tests::dist_folder();
    fs::copy(dist.join("count.wasm"), folder.path().join("count.wasm")).expect("it is built");
    let reference = format!("oci://{}/plugins/count:signed", server.host);
    let trusting = |key: &str| run(&["--trust", key, "run", &reference, "words.txt", "--log=off"]);
    for key in ["maker.key", "other.key"] {
        run(&["key", "new", key]);
    }
    // The plugin was pulled before it was signed.
    run(&["push", "./count.wasm", &reference]);
    let unsigned = trusting("maker.pub");
    assert!(unsigned.contains("`count` is not signed"), "{unsigned}");
    run(&["sign", "--key", "maker.key", "./count.wasm"]);
    run(&["push", "./count.wasm", &reference]);
    let good = "{\"lines\":1,\"words\":2,\"characters\":8,\"bytes\":8}\n[exit code 0]\n";
    assert_eq!(trusting("maker.pub"), good);
    // Another key signs it, too, and somebody attaches an invalid signature.
    run(&["sign", "--key", "other.key", "./count.wasm"]);
    run(&["push", "./count.wasm", &reference]);
    fs::write(folder.path().join("count.wasm.minisig"), "a\nb\nc\nd\n").expect("a file");
    run(&["push", "./count.wasm", &reference]);
    fs::remove_dir_all(folder.path().join("home/.cache/plugwright/registry")).expect("it is kept");
    for key in ["maker.pub", "other.pub"] {
        assert_eq!(trusting(key), good);
    }
}
