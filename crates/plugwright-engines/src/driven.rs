//! Engines that run what jco makes of a component, each driven by a process of Node.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use plugwright_test::Trace;
use serde::Deserialize;
use serde_json::json;

use crate::{Engine, Folders};

/// A process of Node that has a plugin, or has one in a browser. It ends when this does.
pub struct Driven {
    child: Child,
    /// Absent once there are no more.
    traces: Option<ChildStdin>,
    told: BufReader<ChildStdout>,
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
        let mut command = Command::new("node");
        command.arg(driver).arg(component).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let (traces, told) = (child.stdin.take(), child.stdout.take().map(BufReader::new));
        let none = || io::Error::other("it has no pipes");
        let (traces, told) = traces.zip(told).ok_or_else(none)?;
        Ok(Self { child, traces: Some(traces), told })
    }
}

impl Engine for Driven {
    fn replay(&mut self, trace: &Trace, folders: &Folders) -> Result<(), String> {
        let ended = |error: io::Error| format!("Node has ended: {error}");
        let asked = json!({ "trace": trace.to_json(), "folders": folders });
        let none = || io::Error::from(io::ErrorKind::BrokenPipe);
        let traces = self.traces.as_mut().ok_or_else(none).map_err(ended)?;
        writeln!(traces, "{asked}").map_err(ended)?;
        let mut line = String::new();
        self.told.read_line(&mut line).map_err(ended)?;
        let told: Told =
            serde_json::from_str(&line).map_err(|_| format!("Node says `{}`", line.trim_end()))?;
        told.difference.map_or(Ok(()), Err)
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        // With nothing more to do it ends itself, and the browser that it started.
        drop(self.traces.take());
        let _ = self.child.wait();
    }
}
