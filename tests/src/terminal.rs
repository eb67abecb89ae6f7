//! A terminal as a person sees it, in which a program runs.

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

/// So long a program may take that is to end, and so long it is waited for what it is to show.
const LONGEST: Duration = Duration::from_secs(60);

/// A program in a terminal of its own, which ends with it.
pub struct Terminal {
    child: Child,
    screen: Arc<Mutex<Screen>>,
    reader: Option<JoinHandle<()>>,
}

/// What a terminal shows.
#[derive(Debug)]
pub struct Screen {
    columns: usize,
    rows: Vec<Vec<char>>,
    row: usize,
    column: usize,
    /// Every line that was there at some time, as it was when something else was written over it, or the cursor left it.
    pub seen: Vec<String>,
    /// All bytes that came.
    pub bytes: Vec<u8>,
    /// How many of them were read as characters.
    read: usize,
}

impl Terminal {
    /// Runs the command in a terminal that is so wide.
    ///
    /// # Panics
    ///
    /// If the system has no terminal, or the command cannot be run.
    pub fn run(command: &mut Command, columns: u16) -> Self {
        Self::with_output(command, columns, None)
    }

    /// The same, but for standard output, which goes elsewhere.
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
        tcsetwinsize(&own, size).expect("its size");
        let stream = || Stdio::from(theirs.try_clone().expect("another one"));
        let output = output.unwrap_or_else(stream);
        command.env("TERM", "xterm").stdin(Stdio::null()).stdout(output).stderr(stream());
        let child = command.spawn().expect("a process");
        // What holds the terminal is the process alone, at whose end it is at its own.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        drop(theirs);
        let screen = Arc::new(Mutex::new(Screen::new(columns.into())));
        let reader = thread::spawn({
            let screen = Arc::clone(&screen);
            move || read(own, &screen)
        });
        Self { child, screen, reader: Some(reader) }
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until there was a line of which this can be said.
    ///
    /// # Panics
    ///
    /// If there is none for a minute.
    pub fn wait_for(&self, is_it: impl Fn(&str) -> bool) {
        self.wait_until(|screen| screen.seen.iter().any(|line| is_it(line)));
    }

    /// Waits until this can be said of the terminal.
    ///
    /// # Panics
    ///
    /// If it cannot for a minute.
    pub fn wait_until(&self, is_so: impl Fn(&Screen) -> bool) {
        let begin = Instant::now();
        loop {
            let screen = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
            if is_so(&screen) {
                return;
            }
            assert!(begin.elapsed() < LONGEST, "it is not so: {:#?}", screen.seen);
            drop(screen);
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for the end of the program, and gives how it ended and what is left on the terminal.
    ///
    /// # Panics
    ///
    /// If it does not end within a minute, with all that has its terminal.
    pub fn end(mut self) -> (ExitStatus, Screen) {
        let begin = Instant::now();
        let status = loop {
            match self.child.try_wait().expect("its state") {
                Some(status) => break status,
                None => assert!(begin.elapsed() < LONGEST, "it does not end"),
            }
            thread::sleep(Duration::from_millis(10));
        };
        if let Some(reader) = self.reader.take() {
            // What the program started can have the terminal still.
            while !reader.is_finished() {
                assert!(begin.elapsed() < LONGEST, "its terminal is not closed");
                thread::sleep(Duration::from_millis(10));
            }
            reader.join().expect("all was read");
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

/// A new terminal: our end, and that of a program. A program that is started meanwhile by another test gets neither:
/// the terminal would be open as long as that one runs.
fn both_ends() -> (OwnedFd, OwnedFd) {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
    #[cfg(any(target_os = "linux", target_os = "freebsd", target_os = "netbsd"))]
    let flags = flags | OpenptFlags::CLOEXEC;
    let own = openpt(flags).expect("a terminal");
    // Elsewhere it can only be said afterwards.
    fcntl_setfd(&own, FdFlags::CLOEXEC).expect("it is ours alone");
    grantpt(&own).and_then(|()| unlockpt(&own)).expect("it is ours");
    let name = ptsname(&own, Vec::new()).expect("its name");
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let theirs = open(name, flags, Mode::empty()).expect("it is there");
    (own, theirs)
}

/// A pipe that is full, of which nobody reads: who writes into it waits as long as the first of the two is there.
///
/// # Panics
///
/// If the system has none.
pub fn full_pipe() -> (PipeReader, PipeWriter) {
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    let flags = fcntl_getfl(&writer).expect("its flags");
    fcntl_setfl(&writer, flags | OFlags::NONBLOCK).expect("it can be tried");
    while writer.write(b".").is_ok() {}
    fcntl_setfl(&writer, flags).expect("as it was");
    (reader, writer)
}

/// Reads until the program's end of the terminal is closed, which the system has as an error.
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

    /// The lines that are there, up to the last in which there is something.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<_> = self.rows.iter().map(|row| text(row)).collect();
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    }

    /// Says whether the cursor is where a prompt would be: at the beginning of a line with nothing behind it.
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
        // A sequence that has not come whole is read when it has.
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

    /// Does what a sequence says of which this is the last letter.
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
            _ => panic!("what `{kind}` does with a terminal is not known here"),
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

    /// Remembers the line that the cursor is in.
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
