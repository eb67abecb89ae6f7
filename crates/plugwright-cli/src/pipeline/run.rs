//! Programs of the pipeline as they are run: shown, heard, and ended when this process is.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io::{self, BufRead as _, BufReader, ErrorKind, IsTerminal as _, PipeReader, Read as _};
#[cfg(unix)]
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::{env, mem};

use anyhow::{Context as _, Result};
use plugwright::ForeignText;

use crate::{begun, progress};

/// So much of what a program says is kept until it ends; beyond that it is shown as it comes.
const KEPT: usize = 1 << 20;

/// What the pipeline needs, and how it is had.
const TOOLS: [(&str, &str); 2] = [
    ("cargo", "install Rust (https://rustup.rs), or type the command after `./dev`"),
    ("wasm-tools", "type `cargo install --locked wasm-tools`, or the command after `./dev`"),
];

/// How programs are run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    show_commands: bool,
}

/// When it is shown what a program says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// As it comes, line by line.
    AtOnce,
    /// When the program has ended, so that what several say is not mixed.
    AtTheEnd,
}

impl Run {
    /// Has programs run, with their command lines shown if `show_commands`.
    pub(crate) fn new(show_commands: bool) -> Self {
        Self { show_commands }
    }

    /// Runs the program to its end, and says whether it succeeded. It reads nothing, and all that it says goes to standard
    /// error.
    ///
    /// # Errors
    ///
    /// Says that it cannot be run.
    pub(crate) fn run(self, mut command: Command, said: Said) -> Result<bool> {
        self.show(|| line(&command));
        let program = ForeignText::from(command.get_program().to_string_lossy().into_owned());
        let cannot = || format!("cannot run `{program}`");
        if io::stderr().is_terminal() && env::var_os("CARGO_TERM_COLOR").is_none() {
            command.env("CARGO_TERM_COLOR", "always");
        }
        let (reader, writer) = io::pipe().with_context(cannot)?;
        let other = writer.try_clone().with_context(cannot)?;
        command.stdin(Stdio::null()).stdout(other).stderr(writer);
        // A group of its own, with all that it starts, which a signal to this process ends.
        #[cfg(unix)]
        command.process_group(0);
        let mut child =
            command.spawn().map_err(|error| not_there(error, &command)).with_context(cannot)?;
        let _running = begun::running(child.id());
        // It holds the other end of the pipe.
        drop(command);
        hear(reader, said).with_context(cannot)?;
        Ok(child.wait().with_context(cannot)?.success())
    }

    /// Shows the line of a command that is not run as a process.
    pub(crate) fn show(self, line: impl FnOnce() -> String) {
        if self.show_commands {
            let line = line();
            tell(format!("{line}\n").as_bytes());
        }
    }
}

/// The error, with what to type if the program is not there.
fn not_there(error: io::Error, command: &Command) -> anyhow::Error {
    let get = TOOLS.iter().find(|(name, _)| command.get_program() == *name);
    match get {
        Some((_, get)) if error.kind() == ErrorKind::NotFound => {
            anyhow::anyhow!("it is not on the PATH: {get}")
        }
        _ => error.into(),
    }
}

/// A line of the shell that runs the program `words`.
pub(crate) fn shell_line<S: AsRef<OsStr>>(words: impl IntoIterator<Item = S>) -> String {
    words.into_iter().map(|word| quoted(word.as_ref())).collect::<Vec<_>>().join(" ")
}

/// Shows what the program says, until nobody can say any more.
fn hear(reader: PipeReader, said: Said) -> io::Result<()> {
    let (mut reader, mut kept) = (BufReader::new(reader), Vec::new());
    loop {
        // A line has an end, but a program need not write one.
        let read = (&mut reader).take(KEPT as u64).read_until(b'\n', &mut kept)?;
        if read == 0 || said == Said::AtOnce || kept.len() >= KEPT {
            tell(&mem::take(&mut kept));
        }
        if read == 0 {
            return Ok(());
        }
    }
}

/// Shows what a program said, as it is: whoever builds a plugin runs what builds it.
fn tell(bytes: &[u8]) {
    if !bytes.is_empty() {
        // Without anybody who reads it, there is nobody to tell.
        let _ = progress::above(|| io::Write::write_all(&mut io::stderr(), bytes));
    }
}

/// The command as a line of the shell.
fn line(command: &Command) -> String {
    let mut words: Vec<String> = Vec::new();
    let (unset, set): (Vec<_>, Vec<_>) = command.get_envs().partition(|(_, value)| value.is_none());
    let unset: Vec<_> = unset.into_iter().filter(|(name, _)| env::var_os(name).is_some()).collect();
    if !unset.is_empty() {
        words.push("env".to_owned());
        words.extend(unset.into_iter().flat_map(|(name, _)| ["-u".to_owned(), quoted(name)]));
    }
    let variables = set
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{}={}", name.to_string_lossy(), quoted(value?))));
    words.extend(variables);
    words.push(quoted(command.get_program()));
    words.extend(command.get_args().map(quoted));
    let line = words.join(" ");
    match command.get_current_dir() {
        Some(folder) => format!("(cd {} && {line})", quoted(folder.as_os_str())),
        None => line,
    }
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    shlex::try_quote(&word).map_or_else(|_| format!("{word:?}"), Cow::into_owned)
}
