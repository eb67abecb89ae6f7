//! Registries on this machine: a real one, and one with scripted answers.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Debian's registry, which is killed when this value is dropped.
pub(crate) struct Real {
    child: Child,
    /// The address of the registry.
    pub(crate) host: String,
    pub(crate) folder: TempDir,
}

impl Real {
    /// Starts the registry with further settings, as YAML below `http:`.
    pub(crate) fn start(more: &str) -> Self {
        // Another program can take the port before the registry does.
        (0..5).find_map(|_| Self::try_start(more)).expect("the registry does not start")
    }

    fn try_start(more: &str) -> Option<Self> {
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
        let mut child = command.spawn().unwrap_or_else(|error| {
            panic!("`docker-registry`: {error}: run `apt-get install docker-registry`")
        });
        let begin = Instant::now();
        loop {
            if child.try_wait().expect("its state").is_some() {
                return None;
            }
            // If the process is still running, it is the one that listens on the port.
            if TcpStream::connect(&host).is_ok() {
                std::thread::sleep(Duration::from_millis(20));
                let goes_on = child.try_wait().expect("its state").is_none();
                return goes_on.then_some(Self { child, host, folder });
            }
            assert!(begin.elapsed() < Duration::from_secs(30), "the registry does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
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

/// A registry's answer to a path, as a whole HTTP response.
type Answers = Box<dyn Fn(&str, usize) -> Vec<u8> + Send>;

/// A registry with scripted answers, which runs until the process ends.
pub(crate) struct Fake {
    pub(crate) host: String,
    /// The requested paths, with the credentials of the requests.
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// Starts the registry. The function gets the path, and how often it was requested before.
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
    let mut who = String::new();
    loop {
        let line = lines.next()?.ok()?;
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(": ")
            && name.eq_ignore_ascii_case("authorization")
        {
            who = format!(" by {value}");
        }
    }
    let before = {
        let mut asked = asked.lock().expect("no panic");
        let is_it = |it: &&String| it.split(" by ").next() == Some(&path);
        let before = asked.iter().filter(is_it).count();
        asked.push(format!("{path}{who}"));
        before
    };
    let answer = answers(&path, before);
    // A client that no longer reads needs no more of the answer.
    let _ = stream.write_all(&answer);
    Some(address)
}

/// Returns an answer with this status and body.
pub(crate) fn answer(status: &str, body: &[u8]) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}
