//! A dry run of this repository, with a command that was built for the tests.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use crate::repository::{Output, Repository, package, programs, root, write};

/// Two dry runs of the current working tree.
pub(crate) struct Release {
    /// The copy of the working tree.
    pub(crate) repository: Repository,
    /// The version.
    pub(crate) version: String,
    /// The folders of the files of each dry run.
    pub(crate) files: [PathBuf; 2],
}

/// All tests share these dry runs.
pub(crate) static RELEASE: LazyLock<Release> = LazyLock::new(Release::make);

/// The folder of built plugins.
pub(crate) fn dist() -> PathBuf {
    root().join(std::env::var_os("PLUGWRIGHT_DIST").unwrap_or_else(|| "dist".into()))
}

/// The command with all features, which `just releases` builds.
fn command() -> PathBuf {
    programs().join("examples/plugwright-with-report")
}

impl Release {
    fn make() -> Self {
        let repository = Repository::empty();
        let words = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
        let listed = Output::well(Command::new("git").args(words).current_dir(root()));
        for name in listed.split_terminator('\0') {
            let from = root().join(name);
            let to = repository.path(name);
            if from.is_symlink() {
                let target = fs::read_link(&from).expect("it is a link");
                fs::create_dir_all(to.parent().expect("it is in a folder")).expect("a folder");
                symlink(target, to).expect("a link");
            } else if from.is_file() {
                write(&to, "");
                fs::copy(&from, to).expect("a copy");
            }
            // A deleted file is still listed until that is committed.
        }
        // The tests also have to work right after a release.
        repository
            .write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n- What is tested here.\n");
        repository.commit();
        let said = Output::well(Command::new(command()).arg("--version"));
        let version = said.trim_end().trim_start_matches("plugwright ").to_owned();
        let crates = tempfile::tempdir().expect("a temporary folder");
        let commit = repository.git(&["rev-parse", "HEAD"]);
        for name in public() {
            package(crates.path(), &name, &version, commit.trim_end());
        }
        let files = ["target/one", "target/two"].map(|folder| {
            let paths = [command(), dist().join("http"), dist(), crates.path().to_owned()];
            let [command, adapters, plugins, crates] = paths.map(|path| path.display().to_string());
            let words = [
                ["--dry-run", &version],
                ["--output", folder],
                ["--plugwright", &command],
                ["--command", &command],
                ["--adapters", &adapters],
                ["--plugins", &plugins],
                ["--crates", &crates],
            ];
            let output = repository.release(words.concat());
            assert_eq!(output.code, Some(0), "{output}");
            assert!(output.stdout.contains("nothing was pushed"), "{output}");
            repository.path(folder).join("files")
        });
        Self { repository, version, files }
    }

    /// The archive of the command, in the first folder.
    pub(crate) fn archive(&self) -> PathBuf {
        let machine = Output::well(Command::new("rustc").args(["--print", "host-tuple"]));
        self.files[0].join(format!("plugwright-{}-{}.tar.gz", self.version, machine.trim_end()))
    }
}

/// The published crates of this workspace.
fn public() -> Vec<String> {
    let cargo = std::env::var_os("CARGO").expect("cargo runs the tests");
    let words = ["metadata", "--no-deps", "--offline", "--format-version=1"];
    let said = Output::well(Command::new(cargo).args(words).current_dir(root()));
    let metadata: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    let packages = metadata["packages"].as_array().expect("a list").iter();
    let public = packages.filter(|it| it["publish"].as_array().is_none_or(|it| !it.is_empty()));
    public.filter_map(|it| Some(it["name"].as_str()?.to_owned())).collect()
}

#[test]
fn two_dry_runs_make_the_same_bytes_and_leave_the_tree_as_it_was() {
    let Release { repository, files, .. } = &*RELEASE;
    assert_eq!(repository.git(&["status", "--porcelain"]), "");
    assert_eq!(repository.git(&["tag", "--list"]), "");
    let sums = files
        .each_ref()
        .map(|folder| fs::read_to_string(folder.join("SHA256SUMS")).expect("it exists"));
    assert_eq!(sums[0], sums[1]);
    assert_eq!(repository.git(&["worktree", "list"]).lines().count(), 1);
}

#[test]
fn the_lock_of_the_copy_needs_no_change() {
    let cargo = std::env::var_os("CARGO").expect("cargo runs the tests");
    let words = ["tree", "--locked", "--offline", "--depth=0", "--package=release"];
    let source = RELEASE.repository.path("target/one/source");
    Output::well(Command::new(cargo).args(words).current_dir(source));
}
