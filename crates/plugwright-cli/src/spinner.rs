//! What a person sees while a plugin is compiled, which can take seconds.

use std::io::{self, IsTerminal as _};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget};

/// So long the work counts as quick, and nothing is shown.
const QUICK: Duration = Duration::from_millis(200);

/// Does `work`, and shows `what` it is on standard error if it takes a while and that is a terminal.
pub(crate) fn during<R>(what: String, work: impl FnOnce() -> R) -> R {
    if !io::stderr().is_terminal() {
        return work();
    }
    let (done, is_done) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            if is_done.recv_timeout(QUICK) == Err(mpsc::RecvTimeoutError::Timeout) {
                let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
                bar.set_message(what);
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
