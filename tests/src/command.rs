//! Runs programs as a user runs them, and captures everything that they print.

use std::ffi::OsStr;
use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::paths::{cache_folder, dist_folder, root};

/// The output of a program: standard output, standard error and exit code.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "snapshot it, or look at its exit code"]
pub struct Output {
    /// Standard output, unchanged.
    pub bytes: Vec<u8>,
    /// Standard output, with the machine's paths masked.
    pub stdout: String,
    /// Standard error, with the machine's paths masked.
    pub stderr: String,
    /// The exit code, or `None` if a signal ended the program.
    pub code: Option<i32>,
}

/// Returns the [`plugwright`](plugwright_path) command with `arguments`, in `folder`.
pub fn plugwright<S: AsRef<OsStr>>(
    folder: &Path,
    arguments: impl IntoIterator<Item = S>,
) -> Command {
    let mut command = program(&plugwright_path(), folder, arguments);
    command.env("PLUGWRIGHT_DIST", dist_folder()).env("PLUGWRIGHT_CACHE", cache_folder());
    command
}

/// Returns `just` with `arguments`, in `folder`. It uses the same `plugwright` command, and `target` for both
/// cargo's output and the built plugins.
pub fn just<S: AsRef<OsStr>>(
    folder: &Path,
    target: &Path,
    arguments: impl IntoIterator<Item = S>,
) -> Command {
    let mut command = program(Path::new("just"), folder, arguments);
    command
        .env("PLUGWRIGHT", plugwright_path())
        .env("PLUGWRIGHT_DIST", target.join("dist"))
        .env("PLUGWRIGHT_CACHE", cache_folder())
        .env("CARGO_TARGET_DIR", target);
    command
}

/// The environment variables that programs inherit: the places of programs and crates, and what these need to
/// run.
const KEPT: [&str; 7] =
    ["PATH", "HOME", "CARGO_HOME", "SYSROOT", "TMPDIR", "CARGO_NET_OFFLINE", "PLUGWRIGHT_CRATES"];

/// Returns the program `path` with `arguments`, in `folder`. Of the environment, it gets only the variables
/// that programs need to be found and to run.
pub fn program<S: AsRef<OsStr>>(
    path: &Path,
    folder: &Path,
    arguments: impl IntoIterator<Item = S>,
) -> Command {
    let mut command = Command::new(path);
    command.args(arguments).current_dir(folder).env_clear();
    for name in KEPT {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// Returns the path of the `plugwright` command: the one that was built beside the tests, or the one that
/// `PLUGWRIGHT` names.
pub fn plugwright_path() -> PathBuf {
    std::env::var_os("PLUGWRIGHT").map_or_else(beside_the_tests, PathBuf::from)
}

/// Runs the shell's `kill`, with a signal and a process number. Not every system has a separate program for
/// this.
pub fn kill<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Output {
    let mut shell = program(Path::new("sh"), Path::new("/"), ["-c", "kill \"$@\"", "sh"]);
    Output::of(shell.args(arguments))
}

/// Creates a named pipe at `path`.
///
/// # Panics
///
/// If it cannot be created.
pub fn mkfifo(path: &Path) {
    let made = Output::of(&mut program(Path::new("mkfifo"), Path::new("/"), [path]));
    assert_eq!(made.code, Some(0), "{made}");
}

/// Finds the program called `name` on the PATH. Some systems have no programs in `/bin` and `/usr/bin`.
pub fn which(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn beside_the_tests() -> PathBuf {
    let test = std::env::current_exe().expect("the path of this program is known");
    let folder = test.parent().and_then(Path::parent).expect("the tests are in target/debug/deps");
    folder.join("plugwright")
}

impl Output {
    /// Runs `command` with `input` as its standard input.
    ///
    /// # Panics
    ///
    /// If the command cannot be run. Under `./dev`, it can.
    pub fn of_with_input(command: &mut Command, input: &[u8]) -> Self {
        let program = command.get_program().to_string_lossy().into_owned();
        let folder = command.get_current_dir().map(Path::to_owned);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("cannot run `{program}`: {error}; run the tests with `./dev just test`")
            });
        let mut stdin = child.stdin.take().expect("the stream is piped");
        // A program may close its input without reading it.
        let _ = stdin.write_all(input);
        drop(stdin);
        let output = child.wait_with_output().expect("the process was started");
        let masked = |bytes: &[u8]| mask(&String::from_utf8_lossy(bytes), folder.as_deref());
        Self {
            stdout: masked(&output.stdout),
            stderr: masked(&output.stderr),
            bytes: output.stdout,
            code: output.status.code(),
        }
    }

    /// Runs `command` with an empty standard input.
    ///
    /// # Panics
    ///
    /// As [`Output::of_with_input`].
    pub fn of(command: &mut Command) -> Self {
        Self::of_with_input(command, &[])
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.stdout)?;
        if !self.stderr.is_empty() {
            write!(f, "── stderr\n{}", self.stderr)?;
        }
        match self.code {
            Some(code) => writeln!(f, "[exit code {code}]"),
            None => writeln!(f, "[ended by a signal]"),
        }
    }
}

/// Replaces this machine's paths with names.
fn mask(text: &str, folder: Option<&Path>) -> String {
    let mut text = text.replace(&*dist_folder().to_string_lossy(), "$DIST");
    text = text.replace(&*cache_folder().to_string_lossy(), "$CACHE");
    if let Some(folder) = folder {
        text = text.replace(&*folder.to_string_lossy(), "$FOLDER");
    }
    let text = text.replace(&*root().to_string_lossy(), "$ROOT");
    text.split_inclusive('\n').map(without_line_of_recipe).collect()
}

/// Removes the justfile's line number from just's message about a failed recipe, because an edit above the
/// recipe would change it.
fn without_line_of_recipe(line: &str) -> String {
    let recipe = line.strip_prefix("error: recipe `").and_then(|rest| {
        let (name, rest) = rest.split_once("` failed on line ")?;
        Some(format!("error: recipe `{name}` failed {}", rest.split_once(' ')?.1))
    });
    recipe.unwrap_or_else(|| line.to_owned())
}
