//! Progress of long work, shown on a terminal: which plugin is being compiled, and how many files are done.

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

/// The time after which progress is shown. Shorter work shows nothing.
const QUICK: Duration = Duration::from_millis(200);

/// The time between two redraws, and between two polls of a count.
const TICK: Duration = Duration::from_millis(100);

/// The progress lines at the end of standard error. Nothing is shown if that is not a terminal.
static SHOWN: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// Runs `work`, and shows `what` it is on a terminal if the work takes longer than [`QUICK`].
pub(crate) fn during<R>(what: &str, work: impl FnOnce() -> R) -> R {
    Bar::new(what, None).while_shown(|_| work())
}

/// Runs `work` as [`during`] does. The work reports how many bytes are done, and how many there are.
#[cfg(feature = "registry")]
pub(crate) fn of_bytes<R>(what: &str, work: impl FnOnce(&Bytes) -> R) -> R {
    let what = what.to_owned();
    Bar::new(&what, Some(Unit::Bytes)).while_shown(|bar| work(&Bytes { bar: bar.clone(), what }))
}

/// The progress of work that is counted in bytes.
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

    /// Shows which part of the work begins.
    pub(crate) fn begin(&self, part: &str) {
        self.bar.say(format!("{}: {}", self.what, ForeignText::from(part)), "");
    }
}

/// Runs `work`, which writes lines to the terminal, above the progress lines.
pub(crate) fn above<R>(work: impl FnOnce() -> R) -> R {
    SHOWN.suspend(work)
}

/// Clears the progress lines for good, because the process ends. Another thread may hold [`SHOWN`] while it waits for a
/// slow reader, so only a separate thread may use [`SHOWN`] here, even to ask whether something is shown.
fn end() {
    let (sender, cleared) = mpsc::channel();
    let clear = move || {
        SHOWN.suspend(|| {
            let _ = sender.send(());
            // Never return: while this closure runs, nothing else can draw.
            loop {
                thread::park();
            }
        })
    };
    // Wait only briefly: the terminal or a reader may be blocked.
    if thread::Builder::new().spawn(clear).is_ok() {
        let _ = cleared.recv_timeout(QUICK);
    }
}

/// A progress line.
#[derive(Clone)]
struct Bar {
    bar: ProgressBar,
    head: Arc<Mutex<Head>>,
}

/// The current work, and its stage, if it has stages.
struct Head {
    what: String,
    stage: &'static str,
}

impl Bar {
    /// Creates a line that shows the current work, and how much of it is done once the total is known.
    fn new(head: &str, unit: Option<Unit>) -> Self {
        // Without a length this is a spinner. It stays hidden until `show`.
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let head = Arc::new(Mutex::new(Head { what: head.to_owned(), stage: "" }));
        let shown = Arc::clone(&head);
        let line = move |state: &ProgressState, text: &mut dyn fmt::Write| {
            let head = shown.lock().unwrap_or_else(PoisonError::into_inner);
            let line = match (unit, state.len()) {
                (Some(unit), Some(_)) => Line::of_many(&head.what, unit, state),
                _ => Line::of_one(&head.what, head.stage, state),
            };
            // A failure to draw cannot be reported anywhere.
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

    /// Shows the line, if there is a terminal.
    fn show(&self) {
        if is_shown() {
            begun::before_the_end(end);
            let bar = SHOWN.add(self.bar.clone());
            // The thread that redraws the line may draw it too late: what the work writes first could block.
            bar.tick();
            bar.enable_steady_tick(TICK);
        }
    }

    /// Runs the work, and shows the line if the work takes longer than [`QUICK`].
    fn while_shown<R>(&self, work: impl FnOnce(&Self) -> R) -> R {
        if !is_shown() {
            return work(self);
        }
        let (done, is_done) = mpsc::channel::<()>();
        thread::scope(|scope| {
            scope.spawn(move || {
                if is_done.recv_timeout(QUICK) == Err(mpsc::RecvTimeoutError::Timeout) {
                    self.show();
                    // Nothing is ever sent: the channel closes when the work ends.
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

/// The progress of counted work, shown as a bar until this is dropped.
pub(crate) struct Progress(Bar);

impl Progress {
    pub(crate) fn of(count: usize, unit: Unit) -> Self {
        let bar = Bar::new("", Some(unit));
        bar.bar.set_length(count as u64);
        bar.show();
        Self(bar)
    }

    /// Counts one more as done.
    pub(crate) fn advance(&self) {
        self.0.bar.inc(1);
    }

    /// Returns how many are done.
    pub(crate) fn done(&self) -> usize {
        usize::try_from(self.0.bar.position()).unwrap_or(usize::MAX)
    }

    /// Sets how many are done.
    pub(crate) fn advance_to(&self, count: usize) {
        self.0.bar.set_position(count as u64);
    }

    /// Shows which work begins.
    pub(crate) fn begin(&self, what: &str) {
        self.0.say(what.to_owned(), "");
    }

    /// Runs `work`, and polls `count` for how much of it is done.
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

/// The current stage of a plugin, shown as a line until this is dropped.
pub(crate) struct Stage {
    bar: Bar,
    name: String,
}

impl Stage {
    /// Shows a line for the plugin of this name.
    pub(crate) fn new(name: &str) -> Self {
        let name = ForeignText::from(name).to_string();
        let bar = Bar::new(&name, None);
        bar.show();
        Self { bar, name }
    }

    /// Shows that a stage begins.
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

/// Returns whether progress is shown.
pub(crate) fn is_shown() -> bool {
    !SHOWN.is_hidden()
}

/// Returns the current width of the terminal, in columns.
fn columns() -> usize {
    let size = tcgetwinsize(io::stderr()).ok();
    size.map(|size| size.ws_col).filter(|columns| *columns > 0).unwrap_or(80).into()
}

/// Standard error above the progress lines, for complete lines.
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
