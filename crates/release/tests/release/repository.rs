//! Repositories for the tests, and helpers to run programs.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

/// A stand-in for the command: it prints its version, checks the contract, and installs files.
const COMMAND: &str = r#"#!/bin/sh
case $1 in
--version) echo 'plugwright 0.1.0' ;;
contract) ;;
install)
  mkdir -p "$2/bin" "$2/share/plugwright" "$2/share/man/man1" && cp "$0" "$2/bin/plugwright" && cp -R "$4" "$2/share/plugwright/http"
  # As with another umask.
  echo page >"$2/share/man/man1/plugwright.1" && chmod 600 "$2/share/man/man1/plugwright.1"
  ;;
esac
"#;

/// The output of a program.
pub(crate) struct Output {
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
    /// The exit code.
    pub(crate) code: Option<i32>,
}

impl Output {
    /// The error, without what was reported before it.
    pub(crate) fn error(&self) -> String {
        assert_eq!(self.code, Some(1), "{self}");
        let lines = self.stderr.lines().skip_while(|line| !line.starts_with("error: "));
        lines.map(|line| format!("{line}\n")).collect()
    }

    /// Runs the command.
    pub(crate) fn of(command: &mut Command) -> Self {
        let program = command.get_program().to_string_lossy().into_owned();
        let output =
            command.output().unwrap_or_else(|error| panic!("cannot run {program}: {error}"));
        let text = |bytes| String::from_utf8(bytes).expect("it is UTF-8");
        Self {
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            code: output.status.code(),
        }
    }

    /// Runs the command, which must succeed, and returns its standard output.
    pub(crate) fn well(command: &mut Command) -> String {
        let output = Self::of(command);
        assert_eq!(output.code, Some(0), "{command:?}: {output}");
        output.stdout
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
        write!(f, "{}── stderr\n{}[exit code {code}]", self.stdout, self.stderr)
    }
}

/// A repository in a temporary folder.
pub(crate) struct Repository {
    folder: TempDir,
}

/// This workspace.
pub(crate) fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::canonicalize(root).expect("the workspace exists")
}

/// The folder of the programs that cargo builds.
pub(crate) fn programs() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_release")).parent().expect("it is in a folder").to_owned()
}

/// The digest of a file, in hexadecimal.
pub(crate) fn sha256(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()));
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The names in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let names = entries.map(|it| it.expect("an entry").file_name().into_string().expect("UTF-8"));
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names
}

/// Reads JSON.
pub(crate) fn json(path: &Path) -> Value {
    let text = fs::read(path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()));
    serde_json::from_slice(&text).expect("JSON")
}

/// Writes a file, and makes its folders.
pub(crate) fn write(path: &Path, text: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder");
    fs::write(path, text).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()));
}

/// Writes a packaged crate with nothing but the commit that it is of.
pub(crate) fn package(folder: &Path, name: &str, version: &str, commit: &str) {
    let top = format!("{name}-{version}");
    let stated = format!(r#"{{"git": {{"sha1": "{commit}"}}}}"#);
    tarball(
        &folder.join(format!("{top}.crate")),
        &[(&format!("{top}/.cargo_vcs_info.json"), &stated)],
    );
}

/// Writes an archive with these files.
pub(crate) fn tarball(path: &Path, files: &[(&str, &str)]) {
    write(path, "");
    let file = fs::File::create(path).expect("a file");
    let mut archive = tar::Builder::new(GzEncoder::new(file, Compression::fast()));
    for (name, text) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, text.as_bytes()).expect("it is written");
    }
    archive.into_inner().and_then(GzEncoder::finish).expect("it is written");
}

impl Repository {
    /// An empty repository, without a commit.
    pub(crate) fn empty() -> Self {
        // Its name needs quotes in scripts and in TOML.
        let folder = tempfile::Builder::new().prefix("it's a ").tempdir();
        let this = Self { folder: folder.expect("a temporary folder") };
        this.git(&["init", "--quiet", "--initial-branch=main"]);
        for (name, value) in [("user.name", "somebody"), ("user.email", "somebody@localhost")] {
            this.git(&["config", name, value]);
        }
        this
    }

    /// A workspace of three published crates and a private one, with a stand-in for the command.
    pub(crate) fn small() -> Self {
        let this = Self::empty();
        this.write(
            "Cargo.toml",
            r#"[workspace]
resolver = "3"
members = ["crates/*"]
exclude = ["crates/plugwright-http"]

[workspace.package]
version = "0.1.0" # of all crates
edition = "2024"

[workspace.dependencies]
apple = { path = "crates/apple", version = "0.1.0" }
pear = { path = "crates/pear", version = "0.1.0" }
serde = { version = "0.1.0" }
tests = { path = "crates/tests" }
zebra = { path = "crates/zebra", version = "0.1.0" }
"#,
        );
        // The order by name differs from the order of publication.
        this.member("apple", "", "pear.workspace = true\nzebra.workspace = true");
        this.member("pear", "", "zebra.workspace = true");
        this.member("zebra", "", "");
        this.member("tests", "publish = false", "apple.workspace = true");
        let features = "[features]\ncompose = []\nregistry = []\nreport = []";
        this.member("plugwright-cli", "publish = false", features);
        this.write("crates/plugwright-http/LICENSE-WASI", "WASI");
        this.write(
            "peers/Cargo.lock",
            "version = 4\n\n[[package]]\nname = \"apple\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"pear\"\n\
             version = \"0.1.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n",
        );
        this.write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Pears.\n\n## [0.0.9] - 2020-02-02\n\n- Old.\n");
        for name in ["README.md", "LICENSE-MIT", "LICENSE-APACHE", "rust-toolchain.toml"] {
            this.write(name, name);
        }
        this.write(".gitignore", "/target\n/dist\n/out\n");
        for name in ["wit/basket.wit", "wit/releases/0.1.0/basket.wit"] {
            this.write(name, "/// Fruit.\npackage fruit:basket@0.1.0;\n");
        }
        let cargo = std::env::var_os("CARGO").expect("cargo runs the tests");
        let lock = ["generate-lockfile", "--offline", "--quiet"];
        Output::well(Command::new(cargo).args(lock).current_dir(this.path("")));
        this.commit();
        // Built files, which are not committed.
        this.command_of("0.1.0");
        for name in ["transformer.wasm", "host.wasm"] {
            this.write(&format!("dist/http/{name}"), name);
        }
        this.packages("0.1.0");
        this
    }

    /// Stands in for `just package` in a tree of this version.
    pub(crate) fn packages(&self, version: &str) {
        let commit = self.git(&["rev-parse", "HEAD"]);
        for name in ["apple", "pear", "zebra"] {
            package(&self.path("target/packages"), name, version, commit.trim_end());
        }
    }

    /// A clone of this repository, in another folder.
    pub(crate) fn cloned(&self) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().to_str().expect("UTF-8");
        self.git(&["clone", "--quiet", ".", path]);
        Self { folder }
    }

    fn member(&self, name: &str, more: &str, dependencies: &str) {
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion.workspace = true\nedition.workspace = true\n{more}\n\n[dependencies]\n{dependencies}\n"
        );
        self.write(&format!("crates/{name}/Cargo.toml"), manifest);
        self.write(&format!("crates/{name}/src/lib.rs"), "");
    }

    /// A path in the repository, with links resolved.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        fs::canonicalize(self.folder.path()).expect("it exists").join(name)
    }

    /// Writes a file in the repository.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        write(&self.path(name), text);
    }

    /// Reads a file in the repository.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("`{name}`: {error}"))
    }

    /// Runs git in the repository.
    pub(crate) fn git(&self, words: &[&str]) -> String {
        let mut git = Command::new("git");
        // The user's own configuration may sign commits, or run hooks.
        git.env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_COMMITTER_DATE", "2026-02-03T23:30:00-04:00");
        Output::well(git.args(words).current_dir(self.path("")))
    }

    /// Commits all files.
    pub(crate) fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "all of it"]);
    }

    /// Runs the release program in the repository.
    pub(crate) fn release<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Output {
        self.release_with(&[], words)
    }

    /// Runs the release program in the repository, with these variables.
    pub(crate) fn release_with<S: AsRef<OsStr>>(
        &self,
        variables: &[(&str, &str)],
        words: impl IntoIterator<Item = S>,
    ) -> Output {
        let mut release = Command::new(env!("CARGO_BIN_EXE_release"));
        release.current_dir(self.path("")).args(words);
        for name in ["PLUGWRIGHT", "PLUGWRIGHT_DIST", "PLUGWRIGHT_BUILT_BY", "CARGO_TARGET_DIR"] {
            release.env_remove(name);
        }
        release.envs(variables.iter().copied());
        let mut output = Output::of(&mut release);
        let path = self.path("").display().to_string();
        for text in [&mut output.stdout, &mut output.stderr] {
            *text = text.replace(path.trim_end_matches('/'), "$ROOT");
        }
        output
    }

    /// Tags the last commit, makes the archive of the command for it in `target/parts`, and returns the archive's name.
    pub(crate) fn tagged(&self) -> String {
        self.write("CHANGELOG.md", "## [0.1.0]\n\n- Pears.\n");
        self.commit();
        self.git(&["tag", "v0.1.0"]);
        self.packages("0.1.0");
        let output = self.release(["archive", "target/parts", "--command", "target/plugwright"]);
        assert_eq!(output.code, Some(0), "{output}");
        output.stdout.trim_end().to_owned()
    }

    /// Joins the release in `target/parts`.
    pub(crate) fn join(&self, more: &[&str]) -> Output {
        let words = ["join", "target/parts", "--tag", "v0.1.0", "--crates", "target/packages"];
        self.release(words.iter().chain(more))
    }

    /// Makes a dry run of this version, with the stand-in.
    pub(crate) fn dry_run(&self, version: &str, more: &[&str]) -> Output {
        let words = [
            "--dry-run",
            version,
            "--plugwright",
            "target/plugwright",
            "--command",
            "target/plugwright",
        ];
        let crates = ["--crates", "target/packages"];
        self.release(words.iter().chain(&crates).chain(more))
    }

    /// Makes the stand-in print this version.
    pub(crate) fn command_of(&self, version: &str) {
        self.write("target/plugwright", COMMAND.replace("0.1.0", version));
        let path = self.path("target/plugwright");
        fs::set_permissions(path, Permissions::from_mode(0o755)).expect("it exists");
    }
}
