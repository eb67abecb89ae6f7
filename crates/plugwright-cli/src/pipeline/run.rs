//! Runs the programs of the pipeline, shows their output, and stops them when this process ends.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io::{self, BufRead as _, BufReader, PipeReader, Read as _};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};
use std::{env, mem, thread};

use anstream::{AutoStream, ColorChoice};
use anyhow::{Context as _, Result};
use plugwright::ForeignText;

use super::program::not_there;
use crate::processes::Running;
use crate::{begun, progress};

/// The maximum number of bytes of output to keep until a program ends. More output is shown as it arrives.
const KEPT: usize = 1 << 20;

/// How long a program may take to stop after it is asked to. After that it is killed.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long to show output of a program's child processes after the program has ended.
const AFTER: Duration = Duration::from_millis(500);

/// How often to check whether a silent program has ended.
const TICK: Duration = Duration::from_millis(50);

/// Options for running programs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    show_commands: bool,
    patience: Duration,
}

/// When to show the output of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// As it arrives, line by line.
    AtOnce,
    /// When the program has ended, so that the output of several programs is not mixed.
    AtTheEnd,
}

impl Run {
    /// Returns options that show each command line if `show_commands` is set.
    pub(crate) fn new(show_commands: bool) -> Self {
        Self { show_commands, patience: PATIENCE }
    }

    /// Returns the options for a program that has to stop child processes before it stops itself.
    pub(crate) fn of_pipelines(self) -> Self {
        Self { patience: PATIENCE.saturating_mul(3), ..self }
    }

    /// Runs the program to its end, and returns whether it succeeded. Its standard input is empty, and all of its
    /// output goes to standard error.
    ///
    /// # Errors
    ///
    /// Fails if the program cannot be run.
    pub(crate) fn run(self, mut command: Command, said: Said) -> Result<bool> {
        self.show(|| line(&command));
        let program = ForeignText::from(command.get_program().to_string_lossy().into_owned());
        let cannot = || format!("cannot run `{program}`");
        let has_colours = AutoStream::choice(&io::stderr()) != ColorChoice::Never;
        if has_colours && env::var_os("CARGO_TERM_COLOR").is_none() {
            command.env("CARGO_TERM_COLOR", "always");
        }
        let (reader, writer) = io::pipe().with_context(cannot)?;
        let other = writer.try_clone().with_context(cannot)?;
        command.stdin(Stdio::null()).stdout(other).stderr(writer);
        let mut running = begun::spawn(&mut command, self.patience)
            .map_err(|error| not_there(error, command.get_program()))
            .with_context(cannot)?;
        // The command holds the other end of the pipe.
        drop(command);
        Ok(hear(reader, said, &mut running).with_context(cannot)?.success())
    }

    /// Shows the command line of a step, which need not run as a process.
    pub(crate) fn show(self, line: impl FnOnce() -> String) {
        if self.show_commands {
            let line = line();
            tell(format!("{line}\n").as_bytes());
        }
    }
}

/// Returns a shell command line from these words.
pub(crate) fn shell_line<S: AsRef<OsStr>>(words: impl IntoIterator<Item = S>) -> String {
    words.into_iter().map(|word| quoted(word.as_ref())).collect::<Vec<_>>().join(" ")
}

/// Shows the program's output until it has ended, and returns its exit status. Does not wait for processes that it
/// leaves running, such as a server that could print more.
fn hear(reader: PipeReader, said: Said, running: &mut Running) -> io::Result<ExitStatus> {
    let (sender, pieces) = mpsc::sync_channel(1);
    thread::Builder::new().name("listen".to_owned()).spawn(move || read(reader, &sender))?;
    let (mut kept, mut ended) = (Vec::new(), None);
    loop {
        match pieces.recv_timeout(TICK) {
            Ok(mut piece) => kept.append(&mut piece),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if said == Said::AtOnce || kept.len() >= KEPT {
            tell(&mem::take(&mut kept));
        }
        match ended {
            None => ended = running.child().try_wait()?.map(|status| (status, Instant::now())),
            Some((_, since)) if since.elapsed() > AFTER => break,
            Some(_) => {}
        }
    }
    tell(&kept);
    match ended {
        Some((status, _)) => Ok(status),
        None => running.child().wait(),
    }
}

/// Sends the output line by line until all writers or the receiver are gone.
fn read(reader: PipeReader, pieces: &SyncSender<Vec<u8>>) {
    let mut reader = BufReader::new(reader);
    loop {
        // The limit is for a program that never ends its line.
        let mut piece = Vec::new();
        let read = (&mut reader).take(KEPT as u64).read_until(b'\n', &mut piece);
        if !read.is_ok_and(|count| count > 0) || pieces.send(piece).is_err() {
            return;
        }
    }
}

/// Shows the output of a program without escaping it. The user chose to run the program, so its output is trusted.
fn tell(bytes: &[u8]) {
    if !bytes.is_empty() {
        // If standard error is closed, there is nowhere to report that.
        let _ = progress::above(|| io::Write::write_all(&mut io::stderr(), bytes));
    }
}

/// Returns the command as a shell command line.
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
