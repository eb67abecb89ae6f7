//! What `join` accepts: whole archives, packages and plugins of this release, and nothing else.

use std::fs;
use std::os::unix::fs::symlink;

use insta::assert_snapshot;

use crate::repository::{Repository, package, sha256, tarball};

/// Hides the system of this machine, which is in the name of its archive.
fn hidden(text: &str, archive: &str) -> String {
    let system = archive.trim_start_matches("target/parts/plugwright-0.1.0-");
    text.replace(system.trim_end_matches(".tar.gz"), "$MACHINE")
}

#[test]
fn foreign_files_are_refused() {
    let small = Repository::small();
    let archive = small.tagged();
    let parts = small.path("target/parts");
    let mut said = String::new();
    for name in [
        "notes.txt",
        ".release-a1b2c3",
        "plugwright-0.0.9-x86_64-unknown-linux-gnu.tar.gz",
        "plugwright-0.1.0-rc.1-x86_64-unknown-linux-gnu.tar.gz",
        "plugwright-plugins-0.1.0.tar.gz",
        "pear-0.0.9.crate",
    ] {
        fs::write(parts.join(name), "").expect("a file");
        said += &small.join(&[]).error();
        fs::remove_file(parts.join(name)).expect("it existed");
    }
    fs::create_dir(parts.join("release-notes.md")).expect("a folder");
    said += &small.join(&[]).error();
    fs::remove_dir(parts.join("release-notes.md")).expect("it existed");
    symlink(small.path("README.md"), parts.join("SHA256SUMS")).expect("a link");
    said += &small.join(&[]).error();
    fs::remove_file(parts.join("SHA256SUMS")).expect("it existed");
    said += &small.release(["join", "nowhere"]).error();
    assert_snapshot!(said, @"
    error: `target/parts/notes.txt` is not a file of the release 0.1.0: remove it
    error: `target/parts/.release-a1b2c3` is not a file of the release 0.1.0: remove it
    error: `target/parts/plugwright-0.0.9-x86_64-unknown-linux-gnu.tar.gz` is not a file of the release 0.1.0: remove it
    error: `target/parts/plugwright-0.1.0-rc.1-x86_64-unknown-linux-gnu.tar.gz` is not a file of the release 0.1.0: remove it
    error: `target/parts/plugwright-plugins-0.1.0.tar.gz` is not a file of the release 0.1.0: remove it
    error: `target/parts/pear-0.0.9.crate` is not a file of the release 0.1.0: remove it
    error: `target/parts/release-notes.md` is a link or a folder instead of a file: replace it with a file
    error: `target/parts/SHA256SUMS` is a link or a folder instead of a file: replace it with a file
    error: there is no archive of 0.1.0 in `nowhere`: run `just release archive nowhere`: cannot read the folder `nowhere`: No such file or directory (os error 2)
    ");
    let output = small.join(&[]);
    assert_eq!(output.code, Some(0), "{output}");
    assert!(small.path(&archive).is_file());
}

#[test]
fn damaged_archives_and_missing_systems_are_refused() {
    let small = Repository::small();
    let archive = small.tagged();
    let path = small.path(&archive);
    let whole = fs::read(&path).expect("it exists");
    let mut said = small.join(&["--all-systems"]).error();
    for end in [0, 1, whole.len() / 2, whole.len() - 9, whole.len() - 1] {
        fs::write(&path, &whole[..end]).expect("a file");
        let output = small.join(&[]);
        assert!(output.error().contains("is damaged"), "{end}: {output}");
    }
    let top = archive.trim_start_matches("target/parts/").trim_end_matches(".tar.gz");
    tarball(&path, &[("elsewhere/bin/plugwright", "")]);
    said += &small.join(&[]).error();
    tarball(&path, &[(&format!("{top}/README.md"), "")]);
    said += &small.join(&[]).error();
    for system in [
        "aarch64-apple-darwin",
        "aarch64-unknown-linux-gnu",
        "x86_64-apple-darwin",
        "x86_64-unknown-linux-gnu",
    ] {
        let top = format!("plugwright-0.1.0-{system}");
        let command = format!("{top}/bin/plugwright");
        tarball(&small.path(&format!("target/parts/{top}.tar.gz")), &[(&command, "")]);
    }
    let output = small.join(&["--all-systems"]);
    assert_eq!(output.code, Some(0), "{output}");
    fs::remove_file(small.path("target/parts/plugwright-0.1.0-x86_64-apple-darwin.tar.gz"))
        .expect("it existed");
    said += &small.join(&["--all-systems"]).error();
    let missing = said.lines().next().expect("a line");
    assert!(missing.starts_with("error: there is no archive for "), "{said}");
    let rest = said.split_once('\n').expect("more lines").1;
    assert_snapshot!(hidden(rest, &archive), @"
    error: `target/parts/plugwright-0.1.0-$MACHINE.tar.gz` is damaged: run `just release archive target/parts`: it contains `elsewhere/bin/plugwright`, which is not below `plugwright-0.1.0-$MACHINE`
    error: `target/parts/plugwright-0.1.0-$MACHINE.tar.gz` is damaged: run `just release archive target/parts`: it does not contain `plugwright-0.1.0-$MACHINE/bin/plugwright`
    error: there is no archive for x86_64-apple-darwin in `target/parts`: run `just release archive target/parts` on such a system
    ");
}

#[test]
fn packages_are_copied_onto_themselves_but_not_from_another_commit() {
    let small = Repository::small();
    small.tagged();
    assert_eq!(small.join(&[]).code, Some(0));
    let crates = ["pear-0.1.0.crate", "zebra-0.1.0.crate"];
    let before = crates.map(|name| sha256(&small.path("target/parts").join(name)));
    symlink("parts", small.path("target/same")).expect("a link");
    for folder in ["target/parts", "target/same"] {
        let output = small.release(["join", "target/parts", "--tag", "v0.1.0", "--crates", folder]);
        assert_eq!(output.code, Some(0), "{output}");
    }
    assert_eq!(crates.map(|name| sha256(&small.path("target/parts").join(name))), before);

    let packages = small.path("target/packages");
    package(&packages, "pear", "0.1.0", "0123");
    let other = small.join(&[]).error();
    tarball(
        &packages.join("pear-0.1.0.crate"),
        &[("pear-0.1.0/.cargo_vcs_info.json", r#"{"git": {"sha1": "4567", "dirty": true}}"#)],
    );
    let dirty = small.join(&[]).error();
    tarball(&packages.join("pear-0.1.0.crate"), &[]);
    let none = small.join(&[]).error();
    fs::remove_file(packages.join("pear-0.1.0.crate")).expect("it existed");
    symlink("zebra-0.1.0.crate", packages.join("pear-0.1.0.crate")).expect("a link");
    let link = small.join(&[]).error();
    let said = [other, dirty, none, link].concat();
    let commit = small.git(&["rev-parse", "HEAD"]);
    assert_snapshot!(said.replace(commit.trim_end(), "$COMMIT"), @"
    error: `target/packages/pear-0.1.0.crate` was packaged from 0123 instead of the commit $COMMIT: package it again with `just package`
    error: `target/packages/pear-0.1.0.crate` was packaged from the changed commit 4567 instead of the commit $COMMIT: package it again with `just package`
    error: cannot use the package `target/packages/pear-0.1.0.crate`: make it with `just package` in a tree of the version 0.1.0: it names no commit
    error: cannot use the package `target/packages/pear-0.1.0.crate`: make it with `just package` in a tree of the version 0.1.0: `target/packages/pear-0.1.0.crate` is a link or a folder instead of a file: replace it with a file
    ");
}

#[test]
fn a_tag_must_be_of_a_clean_tree() {
    let small = Repository::small();
    small.tagged();
    small.write("new", "");
    let changed = small.join(&[]).error();
    let tagged = small.git(&["rev-parse", "HEAD"]);
    small.commit();
    let here = small.git(&["rev-parse", "HEAD"]);
    let moved = small.join(&[]).error();
    small.git(&["tag", "--delete", "v0.1.0"]);
    let none = small.join(&[]).error();
    let said = [changed, moved, none].concat();
    assert_snapshot!(said.replace(tagged.trim_end(), "$TAGGED").replace(here.trim_end(), "$HERE"), @"
    error: the working tree has uncommitted changes:
    ?? new
    commit them, or put them aside with `git stash --include-untracked`
    error: the tag `v0.1.0` is of the commit $TAGGED, but the commit here is $HERE: run `git switch --detach v0.1.0`
    error: there is no tag `v0.1.0` in this clone: run `git fetch --tags`: `git rev-parse --quiet` failed: exit status: 1
    ");
}

#[test]
fn plugins_of_another_version_and_links_are_refused() {
    let small = Repository::small();
    small.write("dist/core.wasm", "core");
    let digest = sha256(&small.path("dist/core.wasm"));
    small.write(
        "dist/core.provenance.json",
        format!(r#"{{"subject": [{{"digest": {{"sha256": "{digest}"}}}}]}}"#),
    );
    let dry_run = || {
        let _ = fs::remove_dir_all(small.path("out"));
        small.dry_run("0.1.0", &["--plugins", "dist", "--output", "out"]).error()
    };
    let unlisted = dry_run();
    small.write("dist/plugins.json", r#"[{"name": "core", "version": "0.0.9"}]"#);
    let other = dry_run();
    small.write("dist/plugins.json", r#"[{"name": "core", "version": "0.1.0"}]"#);
    fs::create_dir(small.path("dist/symbols")).expect("a folder");
    symlink("../core.wasm", small.path("dist/symbols/core.wasm")).expect("a link");
    let link = dry_run();
    assert_snapshot!([unlisted, other, link].concat(), @"
    error: cannot read the list of plugins `$ROOT/dist/plugins.json`: run `just build`: No such file or directory (os error 2)
    error: the plugin `core` has 0.0.9 instead of 0.1.0 in `$ROOT/dist/plugins.json`: run `just build` in a tree of that version
    error: cannot pack the plugins: run `just build`: `$ROOT/dist/symbols/core.wasm` is a link or a folder instead of a file: replace it with a file
    ");
}

#[test]
fn builders_are_uris() {
    let small = Repository::small();
    for builder in ["", "me", ":x", "1a:b", "https:", "urn:a b", "urn:a\nb", "urn:a\u{1b}[31m"] {
        let output = small.dry_run("0.1.0", &["--built-by", builder]);
        assert_eq!(output.code, Some(2), "{builder:?}: {output}");
        assert!(
            output.stderr.contains("such as `https://example.org/builder`") || builder.is_empty(),
            "{output}"
        );
    }
}
