//! What a person sees while work takes a while: which plugin is compiled, and how many files are done.

mod line;

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use plugwright::ForeignText;
use rustix::termios::tcgetwinsize;

use self::line::Line;
pub(crate) use self::line::Unit;
use crate::begun;

/// So long the work counts as quick, and nothing is shown.
const QUICK: Duration = Duration::from_millis(200);

/// So often what is shown is drawn again, and who can only be asked is asked.
const TICK: Duration = Duration::from_millis(100);

/// What is shown now, at the end of standard error: nothing if that is no terminal.
static SHOWN: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// Does `work`, and shows `what` it is on standard error if it takes a while and that is a terminal.
pub(crate) fn during<R>(what: &str, work: impl FnOnce() -> R) -> R {
    Bar::new(what, None).while_shown(|_| work())
}

/// Does `work` as [`during`], which says how many bytes are done, and of how many.
#[cfg(feature = "registry")]
pub(crate) fn of_bytes<R>(what: &str, work: impl FnOnce(&Bytes) -> R) -> R {
    let what = what.to_owned();
    Bar::new(&what, Some(Unit::Bytes)).while_shown(|bar| work(&Bytes { bar: bar.clone(), what }))
}

/// How many bytes of some are done.
#[cfg(feature = "registry")]
#[derive(Clone)]
pub(crate) struct Bytes {
    bar: Bar,
    what: String,
}

#[cfg(feature = "registry")]
impl Bytes {
    pub(crate) fn tell(&self, done: u64, all: u64) {
        self.bar.bar.set_length(all);
        self.bar.bar.set_position(done);
    }

    /// What of it is under way.
    pub(crate) fn begin(&self, part: &str) {
        self.bar.say(format!("{}: {}", self.what, ForeignText::from(part)), "");
    }
}

/// Does `work`, which writes lines of its own to the terminal, above what is shown.
pub(crate) fn above<R>(work: impl FnOnce() -> R) -> R {
    SHOWN.suspend(work)
}

/// Takes away what is shown, and has nothing shown any more: the process ends. Who writes above it can wait for a reader
/// as long as that one likes, so whatever needs [`SHOWN`], even to ask whether something is shown, is for another thread.
fn end() {
    let (sender, cleared) = mpsc::channel();
    let clear = move || {
        SHOWN.suspend(|| {
            let _ = sender.send(());
            // As long as this is not over, nobody else draws.
            loop {
                thread::park();
            }
        })
    };
    // It is not waited for a terminal that takes nothing, nor for anybody's reader.
    if thread::Builder::new().spawn(clear).is_ok() {
        let _ = cleared.recv_timeout(QUICK);
    }
}

/// A line of what is shown.
#[derive(Clone)]
struct Bar {
    bar: ProgressBar,
    head: Arc<Mutex<Head>>,
}

/// What is under way, and in which stage it is, if it has any.
struct Head {
    what: String,
    stage: &'static str,
}

impl Bar {
    /// That something is under way, or how much of it is done once it is known how much there is.
    fn new(head: &str, unit: Option<Unit>) -> Self {
        // Without a length it is a spinner, and it is not drawn before it is shown.
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let head = Arc::new(Mutex::new(Head { what: head.to_owned(), stage: "" }));
        let shown = Arc::clone(&head);
        let line = move |state: &ProgressState, text: &mut dyn fmt::Write| {
            let head = shown.lock().unwrap_or_else(PoisonError::into_inner);
            let line = match (unit, state.len()) {
                (Some(unit), Some(_)) => Line::of_many(&head.what, unit, state),
                _ => Line::of_one(&head.what, head.stage, state),
            };
            // Nobody can be told if it cannot be drawn.
            let _ = text.write_str(&line.fitted(columns()));
        };
        if let Ok(style) = ProgressStyle::with_template("{line}") {
            bar.set_style(style.with_key("line", line));
        }
        Self { bar, head }
    }

    fn say(&self, what: String, stage: &'static str) {
        *self.head.lock().unwrap_or_else(PoisonError::into_inner) = Head { what, stage };
    }

    /// Shows it, if there is a terminal.
    fn show(&self) {
        if is_shown() {
            begun::before_the_end(end);
            SHOWN.add(self.bar.clone()).enable_steady_tick(TICK);
        }
    }

    /// Does the work, and shows the line if that takes a while.
    fn while_shown<R>(&self, work: impl FnOnce(&Self) -> R) -> R {
        if !is_shown() {
            return work(self);
        }
        let (done, is_done) = mpsc::channel::<()>();
        thread::scope(|scope| {
            scope.spawn(move || {
                if is_done.recv_timeout(QUICK) == Err(mpsc::RecvTimeoutError::Timeout) {
                    self.show();
                    // Nothing is ever sent: the end of the channel is the end of the work.
                    let _ = is_done.recv();
                    self.bar.finish_and_clear();
                }
            });
            let result = work(self);
            drop(done);
            result
        })
    }
}

/// How many of some things are done, as a bar that goes when this is dropped.
pub(crate) struct Progress(Bar);

impl Progress {
    pub(crate) fn of(count: usize, unit: Unit) -> Self {
        let bar = Bar::new("", Some(unit));
        bar.bar.set_length(count as u64);
        bar.show();
        Self(bar)
    }

    /// One more is done.
    pub(crate) fn advance(&self) {
        self.0.bar.inc(1);
    }

    /// How many are done.
    pub(crate) fn done(&self) -> usize {
        usize::try_from(self.0.bar.position()).unwrap_or(usize::MAX)
    }

    /// So many are done.
    pub(crate) fn advance_to(&self, count: usize) {
        self.0.bar.set_position(count as u64);
    }

    /// What is under way.
    pub(crate) fn begin(&self, what: &str) {
        self.0.say(what.to_owned(), "");
    }

    /// Does `work`, of which `count` says how much is done.
    pub(crate) fn counting<R>(
        &self,
        count: impl Fn() -> usize + Send,
        work: impl FnOnce() -> R,
    ) -> R {
        if !is_shown() {
            return work();
        }
        let (done, is_done) = mpsc::channel::<()>();
        thread::scope(|scope| {
            scope.spawn(move || {
                while is_done.recv_timeout(TICK) == Err(mpsc::RecvTimeoutError::Timeout) {
                    self.advance_to(count());
                }
            });
            let result = work();
            drop(done);
            result
        })
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.bar.finish_and_clear();
    }
}

/// What is under way of a thing, as a line that goes when this is dropped.
pub(crate) struct Stage {
    bar: Bar,
    name: String,
}

impl Stage {
    /// Begins to show what is under way of the thing of this name.
    pub(crate) fn new(name: &str) -> Self {
        let name = ForeignText::from(name).to_string();
        let bar = Bar::new(&name, None);
        bar.show();
        Self { bar, name }
    }

    /// The next one begins.
    pub(crate) fn begin(&self, stage: &'static str) {
        self.bar.say(format!("{}:", self.name), stage);
        self.bar.bar.reset_elapsed();
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.bar.bar.finish_and_clear();
    }
}

/// Says whether somebody sees what is shown.
pub(crate) fn is_shown() -> bool {
    !SHOWN.is_hidden()
}

/// How wide the terminal is now.
fn columns() -> usize {
    let size = tcgetwinsize(io::stderr()).ok();
    size.map(|size| size.ws_col).filter(|columns| *columns > 0).unwrap_or(80).into()
}

/// Standard error above what is shown, for lines that are written whole.
pub(crate) struct Above;

impl Write for Above {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        SHOWN.suspend(|| anstream::stderr().write_all(lines))?;
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        anstream::stderr().flush()
    }
}
