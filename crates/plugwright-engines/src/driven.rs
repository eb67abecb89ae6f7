//! Engines that run the JavaScript that jco makes of a component. A Node process drives each of them.

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

/// How long the process may take to end when it has nothing more to do.
const TO_END: Duration = Duration::from_secs(30);

/// How often to check whether the process has ended.
const TICK: Duration = Duration::from_millis(10);

/// A Node process that runs a plugin itself or in a browser. It is ended when this value is dropped.
pub struct Driven {
    child: Child,
    /// Sends requests. Absent after the last one, or if the process has ended.
    asks: Option<Sender<String>>,
    told: Receiver<io::Result<String>>,
    /// The temporary folder of the process. It is removed with this value, even if the process was killed.
    _temporary: TempDir,
}

#[derive(Deserialize)]
struct Told {
    difference: Option<String>,
}

impl Driven {
    /// Starts Node with the component. The drivers are in `folder`, with the packages that `npm ci` installed there.
    ///
    /// # Errors
    ///
    /// Fails if `node` cannot be started.
    pub fn node(folder: &Path, component: &Path) -> io::Result<Self> {
        Self::start(&folder.join("node.mjs"), component)
    }

    /// Starts Chromium with the component, as [`Driven::node`] starts Node.
    ///
    /// # Errors
    ///
    /// Fails if `node` cannot be started.
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
        // Reading from a pipe has no timeout, but receiving from a channel has.
        thread::spawn(move || answer(stdin, stdout, &asked, &tell));
        Ok(Self { child, asks: Some(asks), told, _temporary: temporary })
    }

    /// Returns whether the process has ended, or was ended because it took too long. Then another one must be started.
    pub fn has_ended(&self) -> bool {
        self.asks.is_none()
    }

    /// Waits for the process to end by itself, and kills it after `patience`.
    fn end(&mut self, patience: Duration) {
        // Without further requests, the process ends itself and the browser that it started.
        self.asks = None;
        let begin = Instant::now();
        while begin.elapsed() < patience && matches!(self.child.try_wait(), Ok(None)) {
            thread::sleep(TICK);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends requests to the process, one after the other, and passes its answers on.
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
