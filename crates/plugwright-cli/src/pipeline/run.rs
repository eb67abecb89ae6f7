//! Programs of the pipeline as they are run: shown, heard, and ended when this process is.

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

/// So much of what a program says is kept until it ends; beyond that it is shown as it comes.
const KEPT: usize = 1 << 20;

/// A program that is told to end has so long; after that it is ended.
const PATIENCE: Duration = Duration::from_secs(2);

/// So long it is heard what else is said once a program has ended, by those that it leaves behind.
const AFTER: Duration = Duration::from_millis(500);

/// So often it is looked whether a program has ended that says nothing.
const TICK: Duration = Duration::from_millis(50);

/// How programs are run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    show_commands: bool,
    patience: Duration,
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
        Self { show_commands, patience: PATIENCE }
    }

    /// The same for a program that has others to end itself, when it is told to.
    pub(crate) fn of_pipelines(self) -> Self {
        Self { patience: PATIENCE.saturating_mul(3), ..self }
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
        // It holds the other end of the pipe.
        drop(command);
        Ok(hear(reader, said, &mut running).with_context(cannot)?.success())
    }

    /// Shows the line of a command that is not run as a process.
    pub(crate) fn show(self, line: impl FnOnce() -> String) {
        if self.show_commands {
            let line = line();
            tell(format!("{line}\n").as_bytes());
        }
    }
}

/// A line of the shell that runs the program `words`.
pub(crate) fn shell_line<S: AsRef<OsStr>>(words: impl IntoIterator<Item = S>) -> String {
    words.into_iter().map(|word| quoted(word.as_ref())).collect::<Vec<_>>().join(" ")
}

/// Shows what the program says until it has ended, and says how it did. It is not waited for what it leaves behind, such as
/// a server that goes on and could say more.
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

/// Sends what is said line by line, until nobody can say any more, or nobody hears it.
fn read(reader: PipeReader, pieces: &SyncSender<Vec<u8>>) {
    let mut reader = BufReader::new(reader);
    loop {
        // A line has an end, but a program need not write one.
        let mut piece = Vec::new();
        let read = (&mut reader).take(KEPT as u64).read_until(b'\n', &mut piece);
        if !read.is_ok_and(|count| count > 0) || pieces.send(piece).is_err() {
            return;
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
