//! The licences of the crates in the command.

use std::process::Command;

use insta::assert_snapshot;

use crate::repository::{Output, Repository};

#[test]
fn each_linked_crate_is_listed_and_each_text_once() {
    let small = Repository::small();
    small.write(
        ".cargo/config.toml",
        "[source.crates-io]\nreplace-with = 'vendor'\n[source.vendor]\ndirectory = 'vendor'\n",
    );
    let vendored = |name: &str, license: &str, files: &[(&str, &str)]| {
        let here = format!("vendor/{name}");
        small.write(
            &format!("{here}/Cargo.toml"),
            format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\n{license}\n"),
        );
        small.write(&format!("{here}/src/lib.rs"), "");
        small.write(&format!("{here}/.cargo-checksum.json"), r#"{"files": {}}"#);
        for (file, text) in files {
            small.write(&format!("{here}/{file}"), text);
        }
    };
    let same = ("LICENSE-MIT", "Everything is allowed.\n");
    vendored("first", "license = \"MIT\"", &[same, ("NOTICE", "By somebody.\n")]);
    vendored(
        "second",
        "license = \"MIT OR Zlib\"",
        &[("license.txt", "Everything is allowed.\r\n")],
    );
    vendored("third", "license-file = \"docs/own\"", &[("docs/own", "Nothing is allowed.\n")]);
    vendored("without-text", "license = \"MIT\"", &[]);
    vendored("only-tests", "license = \"MIT\"", &[same]);
    vendored("unused", "license = \"MIT\"", &[same]);
    let manifest = small.read("crates/plugwright-cli/Cargo.toml");
    let manifest = manifest.replace("report = []", "report = ['dep:second']").replace(
        "[dependencies]",
        "[dev-dependencies]\nonly-tests = '1'\n[build-dependencies]\nthird = '1'\n[dependencies]\nfirst = '1'\nwithout-text = '1'\nsecond = { version = '1', optional = true }\nunused = { version = '1', optional = true }",
    );
    small.write("crates/plugwright-cli/Cargo.toml", manifest);
    let cargo = std::env::var_os("CARGO").expect("cargo runs the tests");
    let lock = ["generate-lockfile", "--offline", "--quiet"];
    Output::well(Command::new(cargo).args(lock).current_dir(small.path("")));
    let archive = small.tagged();
    let name = archive.trim_start_matches("target/parts/").trim_end_matches(".tar.gz");
    let text = Output::well(
        Command::new("tar")
            .arg("-xzOf")
            .arg(small.path(&archive))
            .arg(format!("{name}/THIRD-PARTY-LICENSES.txt")),
    );
    assert_snapshot!(text, @"
    The command contains these crates, besides those of Plugwright. Their packages have the texts below.

    first 1.0.0: MIT
    second 1.0.0: MIT OR Zlib
    third 1.0.0: in the text below
    without-text 1.0.0: MIT (its package has no text)

    --------------------------------------------------------------------------------
    first 1.0.0: LICENSE-MIT
    second 1.0.0: license.txt

    Everything is allowed.

    --------------------------------------------------------------------------------
    first 1.0.0: NOTICE

    By somebody.

    --------------------------------------------------------------------------------
    third 1.0.0: docs/own

    Nothing is allowed.
    ");
}
