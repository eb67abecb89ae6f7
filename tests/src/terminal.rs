//! Runs a program in a terminal, and records what a user sees.

use std::fs::File;
use std::io::{PipeReader, PipeWriter, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags, fcntl_getfl, fcntl_setfl, open};
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// The longest time that a program may take to end, or to show what a test waits for.
const LONGEST: Duration = Duration::from_secs(60);

/// A program in its own terminal. Dropping this value ends the program.
pub struct Terminal {
    child: Child,
    screen: Arc<Mutex<Screen>>,
    reader: Option<JoinHandle<()>>,
}

/// The contents of a terminal.
#[derive(Debug)]
pub struct Screen {
    columns: usize,
    rows: Vec<Vec<char>>,
    row: usize,
    column: usize,
    /// Every line that was visible at some time, as it was when it was overwritten or the cursor left it.
    pub seen: Vec<String>,
    /// All bytes that were written to the terminal.
    pub bytes: Vec<u8>,
    /// The number of bytes that have been decoded.
    read: usize,
}

impl Terminal {
    /// Runs the command in a terminal that is `columns` wide.
    ///
    /// # Panics
    ///
    /// If the system has no terminal, or the command cannot be run.
    pub fn run(command: &mut Command, columns: u16) -> Self {
        Self::with_output(command, columns, None)
    }

    /// Runs the command as [`Terminal::run`] does, but sends standard output to `output`.
    ///
    /// # Panics
    ///
    /// As [`Terminal::run`].
    pub fn run_into(command: &mut Command, columns: u16, output: impl Into<Stdio>) -> Self {
        Self::with_output(command, columns, Some(output.into()))
    }

    fn with_output(command: &mut Command, columns: u16, output: Option<Stdio>) -> Self {
        let (own, theirs) = both_ends();
        let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&own, size).expect("the size can be set");
        let stream = || Stdio::from(theirs.try_clone().expect("the descriptor can be duplicated"));
        let output = output.unwrap_or_else(stream);
        command.env("TERM", "xterm").stdin(Stdio::null()).stdout(output).stderr(stream());
        let child = command.spawn().expect("the process starts");
        // Only the process holds the terminal, so the terminal closes when the process ends.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        drop(theirs);
        let screen = Arc::new(Mutex::new(Screen::new(columns.into())));
        let reader = thread::spawn({
            let screen = Arc::clone(&screen);
            move || read(own, &screen)
        });
        Self { child, screen, reader: Some(reader) }
    }

    /// Returns the process number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until a line for which `is_it` is true has been visible.
    ///
    /// # Panics
    ///
    /// If no such line appears within a minute.
    pub fn wait_for(&self, is_it: impl Fn(&str) -> bool) {
        self.wait_until(|screen| screen.seen.iter().any(|line| is_it(line)));
    }

    /// Waits until `is_so` is true for the screen.
    ///
    /// # Panics
    ///
    /// If that does not happen within a minute.
    pub fn wait_until(&self, is_so: impl Fn(&Screen) -> bool) {
        let begin = Instant::now();
        loop {
            let screen = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
            if is_so(&screen) {
                return;
            }
            assert!(begin.elapsed() < LONGEST, "the screen never matched: {:#?}", screen.seen);
            drop(screen);
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until the program ends, and returns its exit status and the final screen.
    ///
    /// # Panics
    ///
    /// If the program and all other users of its terminal do not end within a minute.
    pub fn end(mut self) -> (ExitStatus, Screen) {
        let begin = Instant::now();
        let status = loop {
            match self.child.try_wait().expect("the state of the process is known") {
                Some(status) => break status,
                None => assert!(begin.elapsed() < LONGEST, "the program does not end"),
            }
            thread::sleep(Duration::from_millis(10));
        };
        if let Some(reader) = self.reader.take() {
            // Processes that the program started may still hold the terminal.
            while !reader.is_finished() {
                assert!(begin.elapsed() < LONGEST, "the program's terminal is not closed");
                thread::sleep(Duration::from_millis(10));
            }
            reader.join().expect("the thread did not panic");
        }
        let mut screen = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        (status, std::mem::replace(&mut *screen, Screen::new(0)))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Opens a new terminal: our end and the program's end. No program that another test starts meanwhile
/// inherits either of them, because that would keep the terminal open.
fn both_ends() -> (OwnedFd, OwnedFd) {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
    #[cfg(any(target_os = "linux", target_os = "freebsd", target_os = "netbsd"))]
    let flags = flags | OpenptFlags::CLOEXEC;
    let own = openpt(flags).expect("the terminal can be opened");
    // On other systems, the flag can only be set afterwards.
    fcntl_setfd(&own, FdFlags::CLOEXEC).expect("the flag can be set");
    grantpt(&own).and_then(|()| unlockpt(&own)).expect("the time can be set");
    let name = ptsname(&own, Vec::new()).expect("the terminal has a name");
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let theirs = open(name, flags, Mode::empty()).expect("the file exists");
    (own, theirs)
}

/// Returns a full pipe that nobody reads. A writer blocks for as long as the reader exists.
///
/// # Panics
///
/// If the system cannot create a pipe.
pub fn full_pipe() -> (PipeReader, PipeWriter) {
    let (reader, mut writer) = std::io::pipe().expect("the pipe can be created");
    let flags = fcntl_getfl(&writer).expect("the flags can be read");
    fcntl_setfl(&writer, flags | OFlags::NONBLOCK).expect("the flags can be set");
    while writer.write(b".").is_ok() {}
    fcntl_setfl(&writer, flags).expect("the flags can be set");
    (reader, writer)
}

/// Reads until the program's end of the terminal is closed. The system reports that as an error.
fn read(own: OwnedFd, screen: &Mutex<Screen>) {
    let (mut terminal, mut piece) = (File::from(own), [0; 4096]);
    while let Ok(count @ 1..) = terminal.read(&mut piece) {
        screen.lock().unwrap_or_else(PoisonError::into_inner).write(&piece[..count]);
    }
}

impl Screen {
    fn new(columns: usize) -> Self {
        let (rows, seen) = (vec![Vec::new()], Vec::new());
        Self { columns, rows, row: 0, column: 0, seen, bytes: Vec::new(), read: 0 }
    }

    /// Returns the lines up to the last one that is not empty.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<_> = self.rows.iter().map(|row| text(row)).collect();
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    }

    /// Returns whether the cursor is where a prompt would be: at the start of a line, with nothing after it.
    pub fn is_clean(&self) -> bool {
        self.column == 0 && text(&self.rows[self.row]).is_empty()
    }

    fn write(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        let whole = match str::from_utf8(&self.bytes[self.read..]) {
            Ok(text) => text.len(),
            Err(error) => error.valid_up_to(),
        };
        let text = String::from_utf8_lossy(&self.bytes[self.read..self.read + whole]).into_owned();
        // An incomplete sequence is read once the rest arrives.
        let begun = text
            .rfind('\x1b')
            .filter(|at| !text[at + 1..].chars().skip(1).any(|c| c.is_ascii_alphabetic()));
        let text = &text[..begun.unwrap_or(text.len())];
        self.read += text.len();
        let mut left = text.chars();
        while let Some(c) = left.next() {
            match c {
                '\x1b' => {
                    let sequence: String =
                        left.as_str().chars().take_while(|c| !c.is_ascii_alphabetic()).collect();
                    let kind = left.nth(sequence.chars().count()).unwrap_or_default();
                    self.steer(kind, sequence.trim_start_matches('[').parse().ok());
                }
                '\r' => self.go(self.row, 0),
                '\n' => self.go(self.row + 1, self.column),
                c => self.put(c),
            }
        }
    }

    /// Executes an escape sequence that ends in the letter `kind`.
    fn steer(&mut self, kind: char, number: Option<usize>) {
        match kind {
            'A' => self.go(self.row.saturating_sub(number.unwrap_or(1)), self.column),
            'B' => self.go(self.row + number.unwrap_or(1), self.column),
            'K' => {
                self.keep();
                self.rows[self.row].clear();
            }
            // Colours.
            'm' => {}
            _ => panic!("unknown escape sequence `{kind}`"),
        }
    }

    fn go(&mut self, row: usize, column: usize) {
        self.keep();
        (self.row, self.column) = (row, column);
        while self.rows.len() <= row {
            self.rows.push(Vec::new());
        }
    }

    fn put(&mut self, c: char) {
        if self.column == self.columns {
            self.go(self.row + 1, 0);
        }
        let row = &mut self.rows[self.row];
        while row.len() <= self.column {
            row.push(' ');
        }
        row[self.column] = c;
        self.column += 1;
    }

    /// Records the line that the cursor is in.
    fn keep(&mut self) {
        let line = text(&self.rows[self.row]);
        if !line.is_empty() && self.seen.last() != Some(&line) {
            self.seen.push(line);
        }
    }
}

fn text(row: &[char]) -> String {
    row.iter().collect::<String>().trim_end().to_owned()
}
