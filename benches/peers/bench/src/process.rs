//! Processes: one for each call, and one that stays.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use work::Work;

use crate::way::Way;

/// A process that stays until this value is dropped.
pub struct Worker {
    child: Child,
    input: Option<ChildStdin>,
    output: ChildStdout,
}

impl Worker {
    /// Starts the process.
    pub fn start(program: &Path, work: Work) -> Self {
        let mut child = spawn(program, &[work.name(), "stay"]);
        let (input, output) =
            (child.stdin.take(), child.stdout.take().expect("the stream is piped"));
        Self { child, input, output }
    }

    /// Sends a document to the process, and returns its answer.
    pub fn call(&mut self, body: &[u8]) -> Vec<u8> {
        let input = self.input.as_mut().expect("the stream is piped");
        input.write_all(&(body.len() as u64).to_le_bytes()).expect("the process reads its input");
        input.write_all(body).expect("the process reads its input");
        let mut length = [0; 8];
        self.output.read_exact(&mut length).expect("the process answers");
        let mut answer = Vec::new();
        self.output
            .by_ref()
            .take(u64::from_le_bytes(length))
            .read_to_end(&mut answer)
            .expect("the server answers");
        answer
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // The process ends when its input is closed.
        self.input = None;
        let _ = self.child.wait();
    }
}

/// Returns the ways to call a process.
pub fn ways(program: &Path, work: Work) -> Vec<Way<'_>> {
    let each = Way::new("a process a call", move |body| {
        Box::new(move || {
            let mut child = spawn(program, &[work.name()]);
            child
                .stdin
                .take()
                .expect("the stream is piped")
                .write_all(body)
                .expect("the process reads its input");
            child.wait_with_output().expect("the program answers").stdout
        })
    });
    let stays = Way::new("a process that stays", move |body| {
        let mut worker = Worker::start(program, work);
        Box::new(move || worker.call(body))
    });
    vec![each, stays]
}

fn spawn(program: &Path, arguments: &[&str]) -> Child {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    command.spawn().unwrap_or_else(|error| panic!("cannot run `{}`: {error}", program.display()))
}
