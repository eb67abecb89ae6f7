//! What a person sees while work takes a while: which plugin is compiled, and how many files are done.

use std::io::{self, IsTerminal as _, Write};
use std::sync::{LazyLock, mpsc};
use std::thread;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use plugwright::ForeignText;

/// So long the work counts as quick, and nothing is shown.
const QUICK: Duration = Duration::from_millis(200);

/// What is shown now, at the end of standard error: nothing if that is no terminal.
static SHOWN: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// Does `work`, and shows `what` it is on standard error if it takes a while and that is a terminal.
pub(crate) fn during<R>(what: String, work: impl FnOnce() -> R) -> R {
    while_shown(&ProgressBar::new_spinner().with_message(what), work)
}

/// Does `work` as [`during`], which says what it does next.
#[cfg(feature = "registry")]
pub(crate) fn in_steps<R>(what: &str, work: impl FnOnce(&dyn Fn(&str)) -> R) -> R {
    let bar = ProgressBar::new_spinner().with_message(what.to_owned());
    while_shown(&bar, || work(&|step| bar.set_message(format!("{what}: {step}"))))
}

/// Does `work` as [`during`], which says how many bytes are done, and of how many.
#[cfg(feature = "registry")]
pub(crate) fn of_bytes<R>(what: String, work: impl FnOnce(&(dyn Fn(u64, u64) + Sync)) -> R) -> R {
    let bar = ProgressBar::new_spinner().with_message(what);
    let told = |done, all| {
        if bar.length().is_none() {
            let template = "{msg} {bar:40} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
            bar.set_length(all);
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
        }
        bar.set_position(done);
    };
    while_shown(&bar, || work(&told))
}

fn while_shown<R>(bar: &ProgressBar, work: impl FnOnce() -> R) -> R {
    if !io::stderr().is_terminal() {
        return work();
    }
    bar.set_draw_target(ProgressDrawTarget::hidden());
    let (done, is_done) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            if is_done.recv_timeout(QUICK) == Err(mpsc::RecvTimeoutError::Timeout) {
                let bar = SHOWN.add(bar.clone());
                bar.enable_steady_tick(QUICK / 2);
                // Nothing is ever sent: the end of the channel is the end of the work.
                let _ = is_done.recv();
                bar.finish_and_clear();
            }
        });
        let result = work();
        drop(done);
        result
    })
}

/// Does `work`, which writes lines of its own to the terminal, above what is shown.
pub(crate) fn above<R>(work: impl FnOnce() -> R) -> R {
    SHOWN.suspend(work)
}

/// How many of some files are done, as a bar that goes when this is dropped.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn new(files: usize) -> Self {
        Self::with(files, "{bar:40} {pos} of {len} files, {per_sec}, {eta} left")
    }

    /// The same of plugins that are built.
    pub(crate) fn of_plugins(plugins: usize) -> Self {
        Self::with(plugins, "{bar:40} {pos} of {len} plugins, {elapsed} so far")
    }

    fn with(count: usize, template: &str) -> Self {
        let bar = SHOWN.add(ProgressBar::new(count as u64));
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// One more is done.
    pub(crate) fn advance(&self) {
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// What is under way of a thing, as a line that goes when this is dropped.
pub(crate) struct Stage(ProgressBar);

impl Stage {
    /// Begins to show what is under way of the thing of this name.
    pub(crate) fn new(name: &str) -> Self {
        let bar = SHOWN.add(ProgressBar::new_spinner());
        bar.set_prefix(ForeignText::from(name).to_string());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}: {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(QUICK / 2);
        Self(bar)
    }

    /// The next one begins.
    pub(crate) fn begin(&self, stage: &'static str) {
        self.0.set_message(stage);
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
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
