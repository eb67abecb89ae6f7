//! Signed and unsigned plugins.

use std::fs;

use insta::assert_snapshot;

use crate::command::{report, run};
use crate::page;
use crate::samples::{manifest, put, sample};

#[test]
fn what_nobody_trusted_signed_is_not_looked_into() {
    let folder = tempfile::tempdir().expect("a folder");
    let dist = folder.path().join("dist");
    for name in ["bad", "good", "unsigned"] {
        put(&dist, name, &sample(&manifest("", ""), None));
    }
    let run = |arguments: &[&str]| {
        let output = run(folder.path(), arguments);
        assert_eq!(output.code, Some(0), "{output}");
    };
    run(&["key", "new", "key"]);
    run(&["sign", "--key", "key", "dist/good.wasm", "dist/bad.wasm"]);
    // The signature is of another file.
    put(&dist, "bad", &sample(&manifest("", "\"memory=1MiB\""), None));

    let made = report(folder.path(), &["dist", "--trust", "key.pub"]);
    page::check(&made.page);
    let id = fs::read_to_string(folder.path().join("key.pub")).expect("it is there");
    let id = id.lines().next().and_then(|line| line.split(' ').next_back()).expect("its number");
    let summary = made.summary.replace(id, "KEY");
    let findings =
        summary.lines().filter(|line| line.starts_with('-') && line.contains("signature"));
    assert_snapshot!(findings.collect::<Vec<_>>().join("\n"), @"
    - **signature** `bad`: the signature of `bad` is not valid: the plugin or the signature changed after the key KEY signed it; copy the plugin and its signature again from their source, or sign the plugin again
    - **signature** `unsigned`: `unsigned` is not signed, and only plugins signed with a trusted key are loaded: have its author sign it with `plugwright sign`, which writes a `.minisig` file beside it
    ");
    let text = page::text(&made.page);
    assert!(text.contains("the trusted key") && text.contains(id), "{text}");
    assert_eq!(
        text.matches("Parts by size").count() + text.matches("its symbols are not").count(),
        1
    );
    // Without a key, the page only says whether there is a signature.
    let text = page::text(&report(folder.path(), &["dist"]).page);
    assert!(
        text.contains("a key that was not checked") && text.contains("Signed by\nnobody"),
        "{text}"
    );
}
