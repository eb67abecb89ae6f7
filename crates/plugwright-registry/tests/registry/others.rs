//! Other programs: `wkg` with the registry, and `wasmtime` with the pulled component.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use insta::assert_snapshot;
use tests::{Output, dist, program};

use crate::command::run_with;
use crate::server::Real;

fn wkg(folder: &Path, host: &str, arguments: &[&str]) -> Output {
    let mut command = program(Path::new("wkg"), folder, ["oci"]);
    command.args(arguments).args(["--insecure", host]);
    Output::of(&mut command)
}

#[test]
fn wkg_pulls_what_was_pushed_and_the_other_way_round() {
    let registry = Real::plain();
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| run_with(folder.path(), &registry.host, arguments, &[]);
    let read = |file: &str| fs::read(folder.path().join(file)).expect("it is there");
    let built = dist().read("count").expect("it is built");

    let ours = format!("{}/plugins/count:ours", registry.host);
    run(&["push", "count", &format!("oci://{ours}")]);
    let pulled = wkg(folder.path(), &registry.host, &["pull", &ours, "-o", "wkg.wasm"]);
    assert_eq!(pulled.code, Some(0), "{pulled}");
    assert_eq!(read("wkg.wasm"), built);

    let theirs = format!("{}/plugins/count:theirs", registry.host);
    let pushed = wkg(folder.path(), &registry.host, &["push", &theirs, "wkg.wasm"]);
    assert_eq!(pushed.code, Some(0), "{pushed}");
    let pulled = run(&["pull", &format!("oci://{theirs}"), "-o", "theirs.wasm"]);
    assert!(pulled.starts_with("oci://HOST/plugins/count@sha256:"), "{pulled}");
    assert_eq!(read("theirs.wasm"), built);
    fs::write(folder.path().join("words.txt"), "one two\n").expect("a file");
    assert_snapshot!(run(&["run", &format!("oci://{theirs}"), "words.txt", "--log", "off"]), @r#"
    {"lines":1,"words":2,"characters":8,"bytes":8}
    [exit code 0]
    "#);
}

#[test]
fn wasmtime_runs_what_wkg_pulled() {
    let registry = Real::plain();
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| run_with(folder.path(), &registry.host, arguments, &[]);
    let reference = format!("{}/served/count:0.1.0", registry.host);
    assert_snapshot!(run(&["compose", "--http", "count", "-o", "served.wasm"]), @"[exit code 0]");
    run(&["push", "served.wasm", &format!("oci://{reference}")]);
    let pulled = wkg(folder.path(), &registry.host, &["pull", &reference, "-o", "pulled.wasm"]);
    assert_eq!(pulled.code, Some(0), "{pulled}");

    let mut command = Command::new("wasmtime");
    command.args(["serve", "--addr", "127.0.0.1:0"]).arg(folder.path().join("pulled.wasm"));
    let server = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut server = Ended(server.unwrap_or_else(|error| panic!("`wasmtime`: {error}")));
    let mut line = String::new();
    let log = server.0.stderr.take().expect("a pipe");
    BufReader::new(log).read_line(&mut line).expect("a line");
    let address = line.trim().rsplit("http://").next().expect("an address").trim_end_matches('/');
    let mut stream = TcpStream::connect(address).expect("it listens");
    let request =
        "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 7\r\n\r\none two";
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    assert_snapshot!(body, @r#"{"lines":1,"words":2,"characters":7,"bytes":7}"#);
}

/// A process that is killed when this value is dropped.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
