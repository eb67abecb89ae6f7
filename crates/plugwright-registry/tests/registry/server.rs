//! Registries on this machine: the real one, and one that answers as it is told.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Debian's registry, which ends when this does.
pub(crate) struct Real {
    child: Child,
    /// Where it listens.
    pub(crate) host: String,
    pub(crate) folder: TempDir,
}

impl Real {
    /// Starts it with more settings, as YAML, which goes on below `http:`.
    pub(crate) fn start(more: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr());
        let host = port.expect("a free port").to_string();
        let root = folder.path().display();
        let settings = format!(
            "version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\n\
             storage: {{filesystem: {{rootdirectory: {root}/data}}}}\n\
             http:\n  addr: {host}\n{more}",
        );
        let file = folder.path().join("settings.yml");
        fs::write(&file, settings).expect("a file");
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap_or_else(|error| {
            panic!("`docker-registry`: {error}: type `apt-get install docker-registry`")
        });
        let begin = Instant::now();
        while TcpStream::connect(&host).is_err() {
            assert!(begin.elapsed() < Duration::from_secs(30), "the registry does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, host, folder }
    }

    pub(crate) fn plain() -> Self {
        Self::start("")
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a registry answers to a path: a whole answer of HTTP.
type Answers = Box<dyn Fn(&str, usize) -> Vec<u8> + Send>;

/// A registry that answers as it is told. The test's end is its end.
pub(crate) struct Fake {
    pub(crate) host: String,
    /// The paths that were asked for.
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// Starts it. It is told the path, and how often that was asked for before.
    pub(crate) fn start(answers: impl Fn(&str, usize) -> Vec<u8> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let host = listener.local_addr().expect("an address").to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answers, paths): (Answers, _) = (Box::new(answers), Arc::clone(&asked));
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                serve(stream, &answers, &paths);
            }
        });
        Self { host, asked }
    }
}

fn serve(
    mut stream: TcpStream,
    answers: &Answers,
    asked: &Mutex<Vec<String>>,
) -> Option<SocketAddr> {
    let address = stream.peer_addr().ok()?;
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let first = lines.next()?.ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    while !lines.next()?.ok()?.is_empty() {}
    let before = {
        let mut asked = asked.lock().expect("no panic");
        asked.push(path.clone());
        asked.iter().filter(|it| **it == path).count() - 1
    };
    let answer = answers(&path, before);
    // Whoever does not listen any more has heard enough.
    let _ = stream.write_all(&answer);
    Some(address)
}

/// An answer with this status and body.
pub(crate) fn answer(status: &str, body: &[u8]) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}
