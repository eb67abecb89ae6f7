//! Node, whose engine is V8, by jco.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use plugwright_test::Trace;
use serde::Deserialize;
use serde_json::json;

use crate::{Engine, Folders};

/// A process of Node that has a plugin. It ends when this does.
pub struct Node {
    child: Child,
    traces: ChildStdin,
    told: BufReader<ChildStdout>,
}

#[derive(Deserialize)]
struct Told {
    difference: Option<String>,
}

impl Node {
    /// Starts Node with the component, by the driver in `folder` and what `npm ci` put beside it.
    ///
    /// # Errors
    ///
    /// Says that there is no `node`.
    pub fn start(folder: &Path, component: &Path) -> io::Result<Self> {
        let mut command = Command::new("node");
        command
            .arg(folder.join("driver.mjs"))
            .arg(component)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let (traces, told) = (child.stdin.take(), child.stdout.take().map(BufReader::new));
        let none = || io::Error::other("it has no pipes");
        let (traces, told) = traces.zip(told).ok_or_else(none)?;
        Ok(Self { child, traces, told })
    }
}

impl Engine for Node {
    fn replay(&mut self, trace: &Trace, folders: &Folders) -> Result<(), String> {
        let ended = |error: io::Error| format!("Node has ended: {error}");
        let asked = json!({ "trace": trace.to_json(), "folders": folders });
        writeln!(self.traces, "{asked}").map_err(ended)?;
        let mut line = String::new();
        self.told.read_line(&mut line).map_err(ended)?;
        let told: Told =
            serde_json::from_str(&line).map_err(|_| format!("Node says `{}`", line.trim_end()))?;
        told.difference.map_or(Ok(()), Err)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
