//! Outgoing HTTP: granted servers can be reached, and others never see a request.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use plugwright::{CallError, Exceeded, Grants, Limits};
use plugwright_contract::Document;
use plugwright_contract::prelude::*;
use tests::Output;

use crate::curious::{Folders, curious, run, tries};

/// A server on this machine, and the requests that it got.
pub(crate) struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts a server, which runs until the tests end.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port exists");
        let address = listener.local_addr().expect("the socket is bound");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let theirs = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let asked = Arc::clone(&theirs);
                // Some cases test a client that disconnects.
                thread::spawn(move || drop(answer(stream, &asked)));
            }
        });
        Self { address, asked }
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns grants that let the plugin send requests to this server.
    fn granted(&self) -> Grants {
        Grants::none().http(&self.origin()).expect("the origin is valid")
    }

    /// Returns what the plugin finds, without the ports, which differ between runs.
    fn tries(&self, lines: &[&str]) -> String {
        let lines: Vec<_> =
            lines.iter().map(|line| line.replace("SERVER", &self.place())).collect();
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        tries(&curious(self.granted()), &lines).replace(&self.place(), "SERVER")
    }

    fn place(&self) -> String {
        self.address.to_string()
    }

    /// Returns the requests since the last call of this function.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().expect("no thread panicked"))
    }

    fn exceeds(&self, limits: &Limits, lines: &str) -> Exceeded {
        let plugin =
            curious(self.granted()).with_limits(limits).expect("a call can have these limits");
        let lines = lines.replace("SERVER", &self.place());
        let answer = plugin.transform(&Document::new("lines.txt", "text/plain", lines), &[]);
        let Err(CallError::Exceeded { exceeded, .. }) = answer else { panic!("{answer:?}") };
        exceeded
    }
}

/// Reads one request and answers it according to its path.
fn answer(mut stream: TcpStream, asked: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut request, mut length) = (String::new(), 0);
    reader.read_line(&mut request)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((_, value)) = line.to_lowercase().split_once("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let request = request.trim_end_matches(" HTTP/1.1\r\n").to_owned();
    asked.lock().expect("no thread panicked").push(request.clone());

    let path: Vec<_> = request.split('/').skip(1).collect();
    match path[..] {
        ["echo"] => {
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
            stream.write_all(&[head.as_bytes(), &body].concat())
        }
        ["to", place, page] => write!(
            stream,
            "HTTP/1.1 302 Found\r\nlocation: http://{place}/{page}\r\ncontent-length: 0\r\n\r\n"
        ),
        // The answer does not say how long it is.
        ["bytes", count] => {
            let body = vec![b'x'; count.parse().unwrap_or(0)];
            stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")?;
            stream.write_all(&body)
        }
        // Waits until the client disconnects.
        ["never"] => reader.read_to_end(&mut body).map(drop),
        ["breaks-off"] => stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"),
        ["no-http"] => stream.write_all(b"what?\r\n\r\n"),
        _ => stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"),
    }
}

#[test]
fn what_is_granted_is_reached() {
    let server = Server::start();
    let lines = [
        "post http://SERVER/echo hello",
        "get http://SERVER/echo",
        "get http://SERVER/bytes/100000",
        "get http://SERVER/missing",
        "get http://SERVER/to/SERVER/missing",
        "get http://SERVER/breaks-off",
        "get http://SERVER/no-http",
    ];
    assert_snapshot!(server.tries(&lines), @r#"
    post http://SERVER/echo hello: 200, "hello"
    get http://SERVER/echo: 200, ""
    get http://SERVER/bytes/100000: 200, 100000 bytes
    get http://SERVER/missing: 404, ""
    get http://SERVER/to/SERVER/missing: 404, ""
    get http://SERVER/breaks-off: ErrorCode::InternalError(None)
    get http://SERVER/no-http: ErrorCode::HttpProtocolError
    "#);
    assert_snapshot!(server.asked().join("\n").replace(&server.place(), "SERVER"), @"
    POST /echo
    GET /echo
    GET /bytes/100000
    GET /missing
    GET /to/SERVER/missing
    GET /missing
    GET /breaks-off
    GET /no-http
    ");
}

#[test]
fn what_is_not_granted_is_never_asked() {
    let (server, other) = (Server::start(), Server::start());
    let port = server.address.port();
    let there = other.place();
    let lines = [
        format!("get http://{there}/echo"),
        // Each hop of a redirect is a separate request.
        format!("get http://SERVER/to/{there}/echo"),
        "get https://SERVER/echo".to_owned(),
        // The same address under other names.
        format!("get http://localhost:{port}/echo"),
        format!("get http://127.1:{port}/echo"),
        format!("get http://2130706433:{port}/echo"),
        "get http://user@SERVER/echo".to_owned(),
        format!("get http://SERVER@{there}/echo"),
        "get http://127.0.0.1/echo".to_owned(),
        "get http:///echo".to_owned(),
        "get ftp://SERVER/echo".to_owned(),
    ];
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    let found = server.tries(&lines).replace(&there, "OTHER").replace(&port.to_string(), "PORT");
    assert_snapshot!(found, @"
    get http://OTHER/echo: ErrorCode::HttpRequestDenied
    get http://SERVER/to/OTHER/echo: ErrorCode::HttpRequestDenied
    get https://SERVER/echo: ErrorCode::HttpRequestDenied
    get http://localhost:PORT/echo: ErrorCode::HttpRequestDenied
    get http://127.1:PORT/echo: ErrorCode::HttpRequestDenied
    get http://2130706433:PORT/echo: ErrorCode::HttpRequestDenied
    get http://user@SERVER/echo: ErrorCode::HttpRequestDenied
    get http://SERVER@OTHER/echo: ErrorCode::HttpRequestDenied
    get http://127.0.0.1/echo: ErrorCode::HttpRequestDenied
    get http:///echo: ErrorCode::HttpRequestUriInvalid
    get ftp://SERVER/echo: ErrorCode::HttpProtocolError
    ");
    assert_eq!(server.asked(), [format!("GET /to/{there}/echo")]);
    assert_eq!(other.asked(), [""; 0]);
}

#[test]
fn a_server_that_is_not_there_is_told_without_its_address() {
    // A port that was free a moment ago.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port exists");
    let origin = format!("http://{}", listener.local_addr().expect("the socket is bound"));
    drop(listener);
    let plugin = curious(Grants::none().http(&origin).expect("the origin is valid"));
    let found = tries(&plugin, &[&format!("get {origin}/echo")]);
    assert_snapshot!(found.replace(&origin, "ORIGIN"), @"get ORIGIN/echo: ErrorCode::ConnectionRefused");
    let plugin =
        curious(Grants::none().http("http://no-such-host.invalid").expect("the origin is valid"));
    // The wording for an unknown name depends on the system.
    let found = tries(&plugin, &["get http://no-such-host.invalid/"]);
    assert!(found.starts_with("get http://no-such-host.invalid/: ErrorCode::D"), "{found}");
}

#[test]
fn a_plain_server_is_no_secure_one() {
    let server = Server::start();
    let origin = format!("https://{}", server.address);
    let plugin = curious(Grants::none().http(&origin).expect("the origin is valid"));
    let found = tries(&plugin, &[&format!("get {origin}/echo")]);
    assert_snapshot!(found.replace(&origin, "ORIGIN"), @"get ORIGIN/echo: ErrorCode::TlsProtocolError");
    assert!(!server.asked().iter().any(|request| request.starts_with("GET")));
}

#[test]
fn an_answer_that_is_too_large_ends_the_call() {
    let server = Server::start();
    let limits = Limits::none().download(150_000);
    // The answers of one call are counted together, and those of two calls are not.
    let twice = "get http://SERVER/bytes/100000\nget http://SERVER/bytes/100000";
    assert_snapshot!(server.exceeds(&limits, twice), @"the data that a plugin downloads is limited to 150000 bytes; to allow more, raise the limit `download`");
    let plugin =
        curious(server.granted()).with_limits(&limits).expect("a call can have these limits");
    for _ in 0..2 {
        let line = format!("get {}/bytes/150000", server.origin());
        assert!(tries(&plugin, &[&line]).ends_with(": 200, 150000 bytes\n"));
    }
}

#[test]
fn requests_are_counted() {
    let server = Server::start();
    let lines = ["get http://SERVER/echo"; 4].join("\n");
    assert_snapshot!(server.exceeds(&Limits::none().requests(3), &lines), @"a call is limited to 3 HTTP requests; to allow more, raise the limit `requests`");
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn connections_count_as_what_is_open_and_held() {
    let server = Server::start();
    let lines = "get-and-keep http://SERVER/never 20";
    assert_snapshot!(server.exceeds(&Limits::none().descriptors(5), lines), @"the number of open files, folders and connections is limited to 5; to allow more, raise the limit `descriptors`");
    assert_snapshot!(server.exceeds(&Limits::none().host_memory(4 << 20), lines), @"the memory that the host holds for a plugin is limited to 4MiB; to allow more, raise the limit `host-memory`");
    // More connections are possible one after another. A connection counts until the system has closed it, which
    // may be a little after the plugin has dropped it.
    let limits = Limits::none().descriptors(8).host_memory(4 << 20);
    let plugin =
        curious(server.granted()).with_limits(&limits).expect("a call can have these limits");
    let line = format!("get {}/bytes/9", server.origin());
    tries(&plugin, &[&*line; 20]);
}

#[test]
fn a_server_that_never_answers_is_not_waited_for_beyond_the_deadline() {
    let server = Server::start();
    let begin = Instant::now();
    let limits = Limits::none().deadline(Duration::from_millis(200));
    assert_snapshot!(server.exceeds(&limits, "get http://SERVER/never"), @"the time of a call is limited to 200ms; to allow more, raise the limit `deadline`");
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
}

#[test]
fn what_is_no_origin_cannot_be_granted() {
    let origins = [
        "example.org",
        "ftp://example.org",
        "http://",
        "https://example.org/page",
        "https://example.org?query",
        "https://example.org#part",
        "https://user@example.org",
        "https://example.org:port",
        "two words",
    ];
    let messages = origins.map(|origin| {
        Grants::none().http(origin).expect_err("the origin is not valid").to_string()
    });
    assert_snapshot!(messages.join("\n"), @"
    cannot grant requests to `example.org`: it is not `http://` or `https://` followed by a host
    cannot grant requests to `ftp://example.org`: it is not `http://` or `https://` followed by a host
    cannot grant requests to `http://`: it is not a URL
    cannot grant requests to `https://example.org/page`: it has more than a scheme, a host and a port
    cannot grant requests to `https://example.org?query`: it has more than a scheme, a host and a port
    cannot grant requests to `https://example.org#part`: it has more than a scheme, a host and a port
    cannot grant requests to `https://user@example.org`: it is not `http://` or `https://` followed by a host
    cannot grant requests to `https://example.org:port`: it is not `http://` or `https://` followed by a host
    cannot grant requests to `two words`: it is not a URL
    ");
    for origin in ["https://Example.org", "https://example.org:443/"] {
        let same = Grants::none().http("https://example.org").and_then(|it| it.http(origin));
        assert_eq!(
            same.expect("the address is valid"),
            Grants::none().http(origin).expect("the origin is valid")
        );
    }
}

#[test]
fn the_command_grants_requests() {
    let server = Server::start();
    let folders = Folders::new();
    let place = server.place();
    let lines = format!("get http://{place}/bytes/3\nget http://127.0.0.1:2/\nget http://[::1]:2/");
    let ports = |output: &Output| output.to_string().replace(&place, "SERVER");
    let grant = format!("http={}", server.origin());
    assert_snapshot!(ports(&run(&folders.path, &lines, &["--grant", &grant])), @r#"
    get http://SERVER/bytes/3: 200, "xxx"
    get http://127.0.0.1:2/: ErrorCode::HttpRequestDenied
    get http://[::1]:2/: ErrorCode::HttpRequestDenied
    ── stderr
    warn: curious: a request to `http://127.0.0.1:2` was denied: the origin is not granted
    [exit code 0]
    "#);
    assert_snapshot!(ports(&run(&folders.path, &lines, &["--grant", "http=localhost"])), @"
    ── stderr
    error: cannot grant requests to `localhost`: it is not `http://` or `https://` followed by a host
    [exit code 6]
    ");
    let limited = run(&folders.path, &lines, &["--grant", &grant, "--limit", "download=2"]);
    assert_snapshot!(ports(&limited), @"
    ── stderr
    warn: curious: a request to `http://127.0.0.1:2` was denied: the origin is not granted
    error: plugin `curious` was ended in `transform`: the data that a plugin downloads is limited to 2 bytes; to allow more, raise the limit `download`
    [exit code 5]
    ");
}
