//! A dry run of a small workspace, and the subcommands for the workflow.

use std::fs::{self, File};
use std::io;
use std::process::Command;

use insta::assert_snapshot;

use crate::repository::{Output, Repository, json, names, sha256};

/// The output, without digests and sizes.
fn shown(repository: &Repository, output: &Output) -> String {
    assert_eq!(output.code, Some(0), "{output}");
    let commit = repository.git(&["rev-parse", "HEAD"]);
    let text = output.stdout.replace(commit.trim_end(), "$COMMIT").replace(&machine(), "$MACHINE");
    let digest = |word: &str| word.len() == 64 && word.chars().all(|c| c.is_ascii_hexdigit());
    let lines = text.lines().map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        match *words {
            [first, _, "bytes", name] if digest(first) => format!("  SHA256 SIZE {name}"),
            _ => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn machine() -> String {
    let said = Output::well(Command::new("rustc").args(["--print", "host-tuple"]));
    said.trim_end().to_owned()
}

/// The entries of an archive: mode, owner, group, time, size and name.
fn listed(repository: &Repository, archive: &str) -> String {
    let file = File::open(repository.path(archive)).expect("it exists");
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    let entries = archive.entries().expect("an archive").map(|entry| {
        let entry = entry.expect("an entry");
        let (header, name) = (entry.header(), entry.path().expect("a name"));
        let number = |number: io::Result<u64>| number.expect("a number");
        let owner = (number(header.uid()), number(header.gid()));
        let time = number(header.mtime());
        let mode = header.mode().expect("a mode");
        format!("{mode:o} {owner:?} {time} {:>4} {}", entry.size(), name.display())
    });
    // Only some toolchains have this file.
    let entries = entries.filter(|line| !line.ends_with("/LICENSES-RUST.html"));
    entries.collect::<Vec<_>>().join("\n").replace(&machine(), "$MACHINE")
}

#[test]
fn a_dry_run_makes_all_files_and_says_what_would_be_pushed() {
    let small = Repository::small();
    let before = (
        small.git(&["status", "--porcelain"]),
        small.git(&["show-ref"]),
        small.read("CHANGELOG.md"),
    );
    small.command_of("0.2.0");
    small.packages("0.2.0");
    let output = small.dry_run("0.2.0", &[]);
    assert_snapshot!(shown(&small, &output), @"
    dry run of plugwright 0.2.0 from the commit $COMMIT, which would push:

    tag    v0.2.0
    crates 1. zebra 0.2.0
           2. pear 0.2.0
           3. apple 0.2.0
    files  in $ROOT/target/releases/0.2.0/files
      SHA256 SIZE apple-0.2.0.crate
      SHA256 SIZE pear-0.2.0.crate
      SHA256 SIZE plugwright-0.2.0-$MACHINE.tar.gz
      SHA256 SIZE plugwright-0.2.0.intoto.json
      SHA256 SIZE release-notes.md
      SHA256 SIZE zebra-0.2.0.crate
      SHA256 SIZE SHA256SUMS

    nothing was pushed, and the tree was not changed. The sources are in $ROOT/target/releases/0.2.0/source
    ");
    let after = (
        small.git(&["status", "--porcelain"]),
        small.git(&["show-ref"]),
        small.read("CHANGELOG.md"),
    );
    assert_eq!(before, after);
    let files = "target/releases/0.2.0/files";
    assert_snapshot!(listed(&small, &format!("{files}/plugwright-0.2.0-{}.tar.gz", machine())), @"
    755 (0, 0) 1770175800    0 plugwright-0.2.0-$MACHINE
    644 (0, 0) 1770175800  108 plugwright-0.2.0-$MACHINE/CHANGELOG.md
    644 (0, 0) 1770175800   14 plugwright-0.2.0-$MACHINE/LICENSE-APACHE
    644 (0, 0) 1770175800   11 plugwright-0.2.0-$MACHINE/LICENSE-MIT
    644 (0, 0) 1770175800    4 plugwright-0.2.0-$MACHINE/LICENSE-WASI
    644 (0, 0) 1770175800    9 plugwright-0.2.0-$MACHINE/README.md
    644 (0, 0) 1770175800  102 plugwright-0.2.0-$MACHINE/THIRD-PARTY-LICENSES.txt
    755 (0, 0) 1770175800    0 plugwright-0.2.0-$MACHINE/bin
    755 (0, 0) 1770175800  344 plugwright-0.2.0-$MACHINE/bin/plugwright
    755 (0, 0) 1770175800    0 plugwright-0.2.0-$MACHINE/share
    755 (0, 0) 1770175800    0 plugwright-0.2.0-$MACHINE/share/man
    755 (0, 0) 1770175800    0 plugwright-0.2.0-$MACHINE/share/man/man1
    644 (0, 0) 1770175800    5 plugwright-0.2.0-$MACHINE/share/man/man1/plugwright.1
    755 (0, 0) 1770175800    0 plugwright-0.2.0-$MACHINE/share/plugwright
    755 (0, 0) 1770175800    0 plugwright-0.2.0-$MACHINE/share/plugwright/http
    644 (0, 0) 1770175800    9 plugwright-0.2.0-$MACHINE/share/plugwright/http/host.wasm
    644 (0, 0) 1770175800   16 plugwright-0.2.0-$MACHINE/share/plugwright/http/transformer.wasm
    ");
    assert_snapshot!(small.read(&format!("{files}/release-notes.md")), @"
    ### Added

    - Pears.
    ");
    assert_snapshot!(small.read("target/releases/0.2.0/source/CHANGELOG.md"), @"
    # Changelog

    ## [Unreleased]

    ## [0.2.0] - 2026-02-04

    ### Added

    - Pears.

    ## [0.0.9] - 2020-02-02

    - Old.
    ");
}

#[test]
fn the_statement_and_the_digests_are_of_the_files() {
    let small = Repository::small();
    let output =
        small.dry_run("0.1.0", &["--output", "out", "--built-by", "https://example.org/desk"]);
    assert_eq!(output.code, Some(0), "{output}");
    let folder = small.path("out/files");
    let statement = json(&folder.join("plugwright-0.1.0.intoto.json"));
    let subjects = statement["subject"].as_array().expect("a list");
    for subject in subjects {
        let name = subject["name"].as_str().expect("a name");
        assert_eq!(subject["digest"]["sha256"], sha256(&folder.join(name)), "{name}");
    }
    let mut stated: Vec<_> = subjects.iter().filter_map(|it| it["name"].as_str()).collect();
    stated.extend(["SHA256SUMS", "plugwright-0.1.0.intoto.json"]);
    stated.sort_unstable();
    assert_eq!(stated, names(&folder));
    let mut predicate = statement["predicate"].clone();
    let materials = &mut predicate["buildDefinition"]["resolvedDependencies"];
    let commit = small.git(&["rev-parse", "HEAD"]);
    assert_eq!(materials[0]["digest"]["gitCommit"], commit.trim_end());
    assert_eq!(materials[1]["digest"]["sha256"], sha256(&small.path("out/source/Cargo.lock")));
    materials[0]["digest"] = "of the commit".into();
    materials[1]["digest"] = "of the lock".into();
    assert_snapshot!(serde_json::to_string_pretty(&predicate).expect("JSON"), @r#"
    {
      "buildDefinition": {
        "buildType": "urn:plugwright:release:1",
        "externalParameters": {
          "version": "0.1.0"
        },
        "resolvedDependencies": [
          {
            "annotations": {
              "changed": "the version in Cargo.toml and in the lock files, and the headings of CHANGELOG.md"
            },
            "digest": "of the commit",
            "name": "commit"
          },
          {
            "digest": "of the lock",
            "name": "Cargo.lock"
          },
          {
            "digest": {
              "sha256": "2b1bde2cf3a858b7bf7424cb8bcbf01f35b94dc80b925d9432cbab3319ca9b4e"
            },
            "name": "rust-toolchain.toml"
          }
        ]
      },
      "runDetails": {
        "builder": {
          "id": "https://example.org/desk",
          "version": {
            "release": "0.1.0"
          }
        },
        "byproducts": []
      }
    }
    "#);
}

#[test]
fn plugins_are_packed_with_what_stands_beside_them() {
    let small = Repository::small();
    let plugin = |bytes: &str| {
        small.write("dist/core.wasm", bytes);
        small.write("dist/core.cdx.json", "{}");
        small.write("dist/symbols/core.wasm", "symbols");
        small.write("dist/plugins.json", r#"[{"name": "core", "version": "0.1.0"}]"#);
    };
    plugin("core");
    let dry_run = || {
        let _ = fs::remove_dir_all(small.path("out"));
        small.dry_run("0.1.0", &["--plugins", "dist", "--output", "out"])
    };
    let missing = dry_run();
    let digest = sha256(&small.path("dist/core.wasm"));
    let statement =
        format!(r#"{{"subject": [{{"name": "core.wasm", "digest": {{"sha256": "{digest}"}}}}]}}"#);
    small.write("dist/core.provenance.json", statement);
    let output = dry_run();
    assert_eq!(output.code, Some(0), "{output}");
    assert_snapshot!(listed(&small, "out/files/plugwright-plugins-0.1.0.tar.gz"), @"
    755 (0, 0) 1770175800    0 plugwright-plugins-0.1.0
    644 (0, 0) 1770175800   14 plugwright-plugins-0.1.0/LICENSE-APACHE
    644 (0, 0) 1770175800   11 plugwright-plugins-0.1.0/LICENSE-MIT
    644 (0, 0) 1770175800    2 plugwright-plugins-0.1.0/core.cdx.json
    644 (0, 0) 1770175800  126 plugwright-plugins-0.1.0/core.provenance.json
    644 (0, 0) 1770175800    4 plugwright-plugins-0.1.0/core.wasm
    755 (0, 0) 1770175800    0 plugwright-plugins-0.1.0/symbols
    644 (0, 0) 1770175800    7 plugwright-plugins-0.1.0/symbols/core.wasm
    ");
    plugin("other");
    let other = dry_run();
    fs::remove_file(small.path("dist/core.wasm")).expect("it existed");
    let none = dry_run();
    let said = [missing, other, none].map(|output| {
        let last = output.stderr.lines().last().unwrap_or_default();
        format!("{last} {:?}\n", output.code)
    });
    assert_snapshot!(said.concat(), @"
    error: `core.wasm` has no provenance statement: run `just build`: cannot read `$ROOT/dist/core.provenance.json`: No such file or directory (os error 2) Some(1)
    error: `$ROOT/dist/core.provenance.json` does not match `core.wasm`: run `just build` Some(1)
    error: there are no built plugins in `$ROOT/dist`: run `just build` Some(1)
    ");
}

#[test]
fn crates_that_are_missing_or_need_each_other_are_said() {
    let small = Repository::small();
    fs::remove_file(small.path("target/packages/pear-0.1.0.crate")).expect("it existed");
    let missing = small.dry_run("0.1.0", &[]);
    let manifest = small.read("crates/zebra/Cargo.toml");
    small.write(
        "crates/zebra/Cargo.toml",
        format!("{manifest}\n[dev-dependencies]\npear.workspace = true\n"),
    );
    small.commit();
    small.packages("0.1.0");
    let circle = small.dry_run("0.1.0", &[]);
    small.write(
        "crates/zebra/Cargo.toml",
        manifest.replace("version.workspace = true", "version = \"3.0.0\""),
    );
    small.commit();
    let other = small.dry_run("0.1.0", &[]);
    let said = [missing, circle, other].map(|output| {
        let errors = output.stderr.lines().skip_while(|line| line.starts_with("release: "));
        format!("{}\n", errors.collect::<Vec<_>>().join("\n"))
    });
    assert_snapshot!(said.concat(), @"
    error: cannot use the package `$ROOT/target/packages/pear-0.1.0.crate`: make it with `just package` in a tree of the version 0.1.0: cannot read `$ROOT/target/packages/pear-0.1.0.crate`: No such file or directory (os error 2)
    error: the dependencies between these crates form a cycle, so that none can be published first: apple, pear, zebra
    error: the crate `zebra` has the version 3.0.0 instead of 0.1.0: use `version.workspace = true` in its Cargo.toml
    ");
}

/// The steps of the workflow: somebody tags the release commit, the archives are made, and then they are joined.
#[test]
fn the_parts_make_of_a_tagged_commit_what_the_dry_run_made() {
    let small = Repository::small();
    small.command_of("0.1.0");
    let output = small.dry_run("0.1.0", &["--output", "out"]);
    assert_eq!(output.code, Some(0), "{output}");
    // The dry run uses the date of the commit.
    let changelog = small.read("out/source/CHANGELOG.md");
    let output = small.release(["0.1.0", "--plugwright", "target/plugwright"]);
    assert_eq!(output.code, Some(0), "{output}");
    small.write("CHANGELOG.md", changelog);
    small.commit();
    small.git(&["tag", "v0.1.0"]);
    small.packages("0.1.0");

    assert_eq!(small.release(["crates"]).stdout, "zebra 0.1.0\npear 0.1.0\napple 0.1.0\n");
    let archive = ["archive", "target/parts", "--command", "target/plugwright"];
    let output = small.release(archive);
    assert_eq!(output.stdout, format!("target/parts/plugwright-0.1.0-{}.tar.gz\n", machine()));
    let join = |more: &[&str]| {
        let words = ["join", "target/parts", "--crates", "target/packages"];
        small.release(words.iter().chain(more))
    };
    let other = join(&["--tag", "v0.2.0"]);
    let output = join(&["--tag", "v0.1.0"]);
    assert_eq!(output.code, Some(0), "{output}");
    let same = |name: &str| {
        let paths = ["target/parts", "out/files"].map(|folder| small.path(folder).join(name));
        assert_eq!(
            fs::read(&paths[0]).expect("it exists"),
            fs::read(&paths[1]).expect("it exists"),
            "{name}"
        );
    };
    assert_eq!(names(&small.path("target/parts")), names(&small.path("out/files")));
    for name in names(&small.path("out/files")) {
        // These mention the commit, which differs.
        let mentions = ["SHA256SUMS", "plugwright-0.1.0.intoto.json"].contains(&&*name);
        if !mentions && !name.ends_with(".crate") {
            same(&name);
        }
    }
    // It can run again.
    let sums = small.read("target/parts/SHA256SUMS");
    assert_eq!(join(&[]).code, Some(0));
    assert_eq!(small.read("target/parts/SHA256SUMS"), sums);

    fs::create_dir(small.path("target/none")).expect("a folder");
    let none = small.release(["join", "target/none"]);
    small.write("CHANGELOG.md", "## [Unreleased]\n");
    small.commit();
    small.git(&["tag", "--force", "v0.1.0"]);
    let no_notes = join(&["--tag", "v0.1.0"]);
    small.write("README.md", "other");
    let changed = small.release(archive);
    let said = [other, none, no_notes, changed]
        .map(|output| format!("{} {:?}\n", output.stderr, output.code));
    assert_snapshot!(said.concat(), @"
    error: the tag is `v0.2.0`, but the version in Cargo.toml is 0.1.0: remove the tag, and tag the commit that `just release` prepared
     Some(1)
    error: there is no archive of 0.1.0 in `target/none`: run `just release archive target/none`
     Some(1)
    error: CHANGELOG.md has no section `## [0.1.0]`: run `just release 0.1.0` to add it
     Some(1)
    error: the working tree has uncommitted changes:
     M README.md
    commit them, or put them aside with `git stash --include-untracked`
     Some(1)
    ");
}
