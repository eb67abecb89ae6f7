//! Engines that run what jco makes of a component, each driven by a process of Node.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use plugwright_test::Trace;
use serde::Deserialize;
use serde_json::json;
use tempfile::TempDir;

use crate::{Engine, Folders};

/// So long it may take to end once there is nothing more to do.
const TO_END: Duration = Duration::from_secs(30);

/// So often it is asked whether it has ended.
const TICK: Duration = Duration::from_millis(10);

/// A process of Node that has a plugin, or has one in a browser. It ends when this does.
pub struct Driven {
    child: Child,
    /// Absent once there are no more, or the process has ended.
    asks: Option<Sender<String>>,
    told: Receiver<io::Result<String>>,
    /// What it puts there goes with this, also if it is killed.
    _temporary: TempDir,
}

#[derive(Deserialize)]
struct Told {
    difference: Option<String>,
}

impl Driven {
    /// Starts Node with the component, by the drivers in `folder` and what `npm ci` put beside them.
    ///
    /// # Errors
    ///
    /// Says that there is no `node`.
    pub fn node(folder: &Path, component: &Path) -> io::Result<Self> {
        Self::start(&folder.join("node.mjs"), component)
    }

    /// Starts Chromium with the component, as [`Driven::node`] starts Node.
    ///
    /// # Errors
    ///
    /// Says that there is no `node`.
    pub fn browser(folder: &Path, component: &Path) -> io::Result<Self> {
        Self::start(&folder.join("browser.mjs"), component)
    }

    fn start(driver: &Path, component: &Path) -> io::Result<Self> {
        let temporary = tempfile::Builder::new().prefix("plugwright-engines-").tempdir()?;
        let mut command = Command::new("node");
        command.arg(driver).arg(component).env("TMPDIR", temporary.path());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (stdin, stdout) = pipes.ok_or_else(|| io::Error::other("it has no pipes"))?;
        let (asks, asked) = mpsc::channel();
        let (tell, told) = mpsc::channel();
        // Whoever asks can wait for this only as long as they like, which they cannot for a pipe.
        thread::spawn(move || answer(stdin, stdout, &asked, &tell));
        Ok(Self { child, asks: Some(asks), told, _temporary: temporary })
    }

    /// Says whether it has ended, or was ended since it took too long: another one has to be started.
    pub fn has_ended(&self) -> bool {
        self.asks.is_none()
    }

    /// Has it end by itself, if it does.
    fn end(&mut self, patience: Duration) {
        // With nothing more to do it ends itself, and the browser that it started.
        self.asks = None;
        let begin = Instant::now();
        while begin.elapsed() < patience && matches!(self.child.try_wait(), Ok(None)) {
            thread::sleep(TICK);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks what is to be asked, one after the other, and tells what is answered.
fn answer(
    mut stdin: ChildStdin,
    stdout: ChildStdout,
    asked: &Receiver<String>,
    tell: &Sender<io::Result<String>>,
) {
    let mut stdout = BufReader::new(stdout);
    for ask in asked {
        let mut line = String::new();
        let told = writeln!(stdin, "{ask}").and_then(|()| match stdout.read_line(&mut line)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(line),
        });
        if tell.send(told).is_err() {
            return;
        }
    }
}

impl Engine for Driven {
    fn replay(
        &mut self,
        trace: &Trace,
        folders: &Folders,
        patience: Duration,
    ) -> Result<(), String> {
        let asked = json!({ "trace": trace.to_json(), "folders": folders });
        let is_asked = self.asks.as_ref().is_some_and(|asks| asks.send(asked.to_string()).is_ok());
        if !is_asked {
            return Err("Node has ended before".to_owned());
        }
        let line = match self.told.recv_timeout(patience) {
            Ok(Ok(line)) => line,
            Ok(Err(error)) => {
                self.end(TO_END);
                return Err(format!("Node has ended: {error}"));
            }
            Err(RecvTimeoutError::Disconnected) => {
                self.end(TO_END);
                return Err("Node has ended".to_owned());
            }
            Err(RecvTimeoutError::Timeout) => {
                self.end(Duration::ZERO);
                return Err(format!("it has not ended after {} s", patience.as_secs()));
            }
        };
        let told: Told =
            serde_json::from_str(&line).map_err(|_| format!("Node says `{}`", line.trim_end()))?;
        told.difference.map_or(Ok(()), Err)
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        self.end(TO_END);
    }
}
