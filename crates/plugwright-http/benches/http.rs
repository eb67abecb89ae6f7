//! Measures requests per second of a plugin behind HTTP in `wasmtime serve`, and of a server that does nothing, and
//! calls per second of the same plugin in this library.
#![expect(clippy::print_stdout, reason = "a program that shows a table")]

use std::convert::Infallible;
use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1 as client;
use hyper::server::conn::http1 as server;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use plugwright::{Host, Limits, Plugin};
use plugwright_contract::prelude::*;
use plugwright_contract::{Head, Transformer};
use plugwright_http::serve;
use served::{Server, adapters};
use tests::dist;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime;

#[path = "../tests/http/served.rs"]
mod served;

const PLUGINS: [&str; 3] = ["count", "csv-json", "markdown"];

/// How long each measurement takes.
const WHILE: Duration = Duration::from_secs(5);

/// The argument that makes this program the server that does nothing.
const NOTHING: &str = "--nothing";

fn main() {
    if env::args().any(|argument| argument == NOTHING) {
        return nothing();
    }
    let document = "a,b\n1,2\n".repeat(128);
    println!(
        "| of a document of {} bytes | connections | requests/s | p50 | p99 | memory |",
        document.len()
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let (_child, address) = start_nothing();
    show("a server that does nothing", &address, &document, String::new);
    for name in PLUGINS {
        let plugin = dist().read(name).expect("it is built");
        let component = serve(&plugin, &adapters()).expect("a transformer").component;
        let server = Server::with(&component, &[]);
        let most =
            || server.most_memory().map_or_else(String::new, |it| format!("{} MB", it / 1_000_000));
        show(&format!("`{name}` in `wasmtime serve`"), &server.address, &document, most);
    }
    println!("\n| in this library | threads | calls/s |\n| --- | ---: | ---: |");
    for name in PLUGINS {
        for threads in [1, 2] {
            println!("| `{name}` | {threads} | {} |", calls(name, threads, &document));
        }
    }
}

fn show(what: &str, address: &str, document: &str, memory: impl Fn() -> String) {
    for connections in [1, 64] {
        let mut times = asked(address, connections, document);
        times.sort_unstable();
        let at = |part: usize| times[(times.len() - 1) * part / 100].as_secs_f64() * 1e3;
        let rate = times.len() as u64 / WHILE.as_secs();
        let (half, most, memory) = (at(50), at(99), memory());
        println!("| {what} | {connections} | {rate} | {half:.2} ms | {most:.2} ms | {memory} |");
    }
}

/// Returns the time of each request. Each connection sends its requests one after the other.
fn asked(address: &str, connections: usize, document: &str) -> Vec<Duration> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let asking = (0..connections).map(|_| {
            let (address, body) = (address.to_owned(), Bytes::from(document.to_owned()));
            tokio::spawn(async move {
                let stream = TcpStream::connect(&address).await.expect("it listens");
                stream.set_nodelay(true).expect("an option");
                let (mut sender, connection) =
                    client::handshake(TokioIo::new(stream)).await.expect("a connection");
                tokio::spawn(connection);
                let (begin, mut times) = (Instant::now(), Vec::new());
                while begin.elapsed() < WHILE {
                    let mut request = Request::new(Full::new(body.clone()));
                    *request.method_mut() = Method::POST;
                    request.headers_mut().insert("host", address.parse().expect("a header"));
                    let asked = Instant::now();
                    sender.ready().await.expect("it goes on");
                    let response = sender.send_request(request).await.expect("an answer");
                    assert_eq!(response.status(), 200);
                    response.collect().await.expect("a whole answer");
                    times.push(asked.elapsed());
                }
                times
            })
        });
        let mut times = Vec::new();
        for asking in asking.collect::<Vec<_>>() {
            times.extend(asking.await.expect("no panic"));
        }
        times
    })
}

/// Starts this program as the server that does nothing, in its own process like the other servers.
fn start_nothing() -> (Ended, String) {
    let mut command = Command::new(env::current_exe().expect("this program"));
    let mut child = command.arg(NOTHING).stdout(Stdio::piped()).spawn().expect("a process");
    let mut address = String::new();
    let output = child.stdout.take().expect("a pipe");
    BufReader::new(output).read_line(&mut address).expect("a line");
    (Ended(child), address.trim().to_owned())
}

/// A process that is killed when this value is dropped.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Reads requests, and answers with empty bodies.
fn nothing() {
    let runtime = runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        println!("{}", listener.local_addr().expect("an address"));
        std::io::stdout().flush().expect("somebody reads it");
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("an option");
            tokio::spawn(server::Builder::new().serve_connection(
                TokioIo::new(stream),
                service_fn(|request: Request<Incoming>| async {
                    request.collect().await.expect("a body");
                    Ok::<_, Infallible>(Response::new(Full::new(Bytes::new())))
                }),
            ));
        }
    });
}

/// Returns how many calls of the plugin this many threads make per second.
fn calls(name: &str, threads: usize, document: &str) -> u64 {
    let host = Host::builder().limits(Limits::none()).build().expect("a host");
    let bytes = dist().read(name).expect("it is built");
    let plugin: Plugin<Transformer> = host.load_bytes(name, &bytes).expect("a plugin");
    let input = Head::of_path("table.csv").with_body(document);
    let (plugin, input) = (&plugin, &input);
    let count = |_| {
        move || {
            let (begin, mut calls) = (Instant::now(), 0);
            while begin.elapsed() < WHILE {
                plugin.transform(input, &[]).expect("a document");
                calls += 1;
            }
            calls
        }
    };
    let calls: u64 = thread::scope(|scope| {
        let counting: Vec<_> = (0..threads).map(|it| scope.spawn(count(it))).collect();
        counting.into_iter().map(|it| it.join().expect("no panic")).sum()
    });
    calls / WHILE.as_secs()
}
