//! Verifies the checksums of a release, installs it into an empty home folder, and runs a plugin.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::repository::{Output, json, names, root, sha256};
use crate::whole::RELEASE;

/// The folders of the system's own programs.
const PATH: &str = "/usr/bin:/bin";

/// A command in this home folder, with an otherwise empty environment.
fn command(home: &Path, words: &[&str]) -> Command {
    let mut command = Command::new("/bin/sh");
    let path = format!("{}:{PATH}", home.join(".local/bin").display());
    command.env_clear().env("HOME", home).env("PATH", path).current_dir(home);
    command.args(["-c", "exec \"$@\"", "sh"]).args(words);
    command
}

#[test]
fn the_digests_are_checked_by_the_system() {
    let folder = &RELEASE.files[0];
    let sum =
        if cfg!(target_os = "macos") { ["shasum", "-a", "256"].as_slice() } else { &["sha256sum"] };
    let mut check = Command::new(sum[0]);
    let said =
        Output::well(check.args(&sum[1..]).args(["--check", "SHA256SUMS"]).current_dir(folder));
    let mut checked: Vec<_> = said.lines().filter_map(|line| line.strip_suffix(": OK")).collect();
    checked.push("SHA256SUMS");
    checked.sort_unstable();
    assert_eq!(checked, names(folder));
    let statement = json(&folder.join(format!("plugwright-{}.intoto.json", RELEASE.version)));
    for subject in statement["subject"].as_array().expect("a list") {
        let name = subject["name"].as_str().expect("a name");
        assert_eq!(subject["digest"]["sha256"], sha256(&folder.join(name)), "{name}");
    }
}

#[test]
fn the_command_of_the_archive_runs_a_plugin_in_an_empty_home() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let home = fs::canonicalize(home.path()).expect("it exists");
    let archive = RELEASE.archive();
    let top =
        archive.file_name().expect("a file").to_str().expect("UTF-8").trim_end_matches(".tar.gz");
    // The commands of docs/src/install.md.
    fs::create_dir(home.join(".local")).expect("a folder");
    let (from, bin, share) =
        (archive.display().to_string(), format!("{top}/bin"), format!("{top}/share"));
    let unpack = ["tar", "-xzf", &from, "-C", ".local", "--strip-components=1", &bin, &share];
    Output::well(&mut command(&home, &unpack));

    let version = Output::well(&mut command(&home, &["plugwright", "--version"]));
    assert_eq!(version, format!("plugwright {}\n", RELEASE.version));
    let plugins = RELEASE.files[0].join(format!("plugwright-plugins-{}.tar.gz", RELEASE.version));
    let plugins = plugins.display().to_string();
    Output::well(&mut command(&home, &["tar", "-xzf", &plugins, "--strip-components=1"]));
    fs::copy(root().join("README.md"), home.join("README.md")).expect("a copy");
    let html =
        Output::well(&mut command(&home, &["plugwright", "run", "markdown.wasm", "README.md"]));
    assert!(html.starts_with("<h1>Plugwright</h1>"), "{html}");
    // The symbols and the adapters are there, too.
    assert!(home.join("symbols/markdown.wasm").is_file());
    let compose = ["plugwright", "compose", "markdown.wasm", "--http", "--output", "composed.wasm"];
    Output::well(&mut command(&home, &compose));

    let share = home.join(".local/share");
    for file in [
        "bash-completion/completions/plugwright",
        "fish/vendor_completions.d/plugwright.fish",
        "zsh/site-functions/_plugwright",
        "man/man1/plugwright.1",
        "man/man1/plugwright-run.1",
    ] {
        let text =
            fs::read_to_string(share.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(text.contains("plugwright"), "{file}");
    }
    // There are no other files.
    assert_eq!(names(&home.join(".local")), ["bin", "share"]);
}

#[test]
fn the_archive_has_the_papers_and_no_more() {
    let archive = RELEASE.archive();
    let listed = Output::well(Command::new("tar").arg("-tzf").arg(&archive));
    let top: Vec<_> = listed
        .lines()
        .filter_map(|line| line.trim_end_matches('/').split_once('/'))
        .filter_map(|(_, rest)| (!rest.contains('/')).then_some(rest))
        .collect();
    let mut papers = vec!["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "LICENSE-WASI"];
    // Only some toolchains have the licences of the standard library.
    papers.extend(top.contains(&"LICENSES-RUST.html").then_some("LICENSES-RUST.html"));
    papers.extend(["README.md", "THIRD-PARTY-LICENSES.txt", "bin", "share"]);
    assert_eq!(top, papers);
    let name = archive.file_name().expect("a file").display().to_string();
    let licences = format!("{}/THIRD-PARTY-LICENSES.txt", name.trim_end_matches(".tar.gz"));
    let licences = Output::well(Command::new("tar").arg("-xzOf").arg(&archive).arg(licences));
    for linked in
        ["\nwasmtime ", "\nwac-graph ", "\noci-client ", "\nmaud ", "TERMS AND CONDITIONS"]
    {
        assert!(licences.contains(linked), "{linked}");
    }
    for other in ["\nproptest ", "\nwindows-sys ", "\nplugwright "] {
        assert!(!licences.contains(other), "{other}");
    }
}
