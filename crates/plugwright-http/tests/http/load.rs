//! A plugin behind HTTP under load: requests at once, traps, long bodies, and clients that go away.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use hyper::Method;
use insta::assert_snapshot;
use tests::around;

use crate::client::{ask, post};
use crate::served::Server;

/// A transformer that traps for an empty document, and refuses every other document.
const TRAPS: &str = r#"
    (module
      (memory (export "memory") 1)
      (data (i32.const 64) "\01\00\00\00" "\00\00\00\00" "\60\00\00\00" "\07\00\00\00" "\00\00\00\00")
      (data (i32.const 96) "refused")
      (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
      (func (export "plugwright:plugin/transform@0.2.0#describe") (result i32) unreachable)
      (func (export "plugwright:plugin/transform@0.2.0#transform")
        (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
        (if (i32.eqz (local.get 5)) (then unreachable))
        (i32.const 64)))
"#;

#[test]
fn requests_at_once_do_not_know_of_each_other() {
    let server = Server::of("count");
    let ask = |thread: usize| {
        for round in 0..8 {
            let words = thread * 8 + round;
            let answer = post(&server.address, "/?counts=words", "word ".repeat(words));
            let answer = answer.expect("an answer");
            assert_eq!(answer.body, format!("{{\"words\":{words}}}\n").into_bytes());
        }
    };
    thread::scope(|scope| (0..32).for_each(|thread| drop(scope.spawn(move || ask(thread)))));
}

#[test]
fn a_trap_ends_its_request_alone() {
    let server = Server::of_bytes(&around(TRAPS, "transformer"));
    let outcome = |body: &str| post(&server.address, "/", body).map(|answer| answer.status);
    let outcomes: Vec<_> = thread::scope(|scope| {
        let asked = (0..16).map(|it| scope.spawn(move || outcome(["", "full"][it % 2])));
        let asked: Vec<_> = asked.collect();
        asked.into_iter().map(|it| it.join().expect("no panic")).collect()
    });
    for (place, outcome) in outcomes.into_iter().enumerate() {
        assert_eq!(outcome, Ok([500, 422][place % 2]), "{}", server.log());
    }
    let log = server.log();
    assert!(log.contains("unreachable"), "{log}");
}

#[test]
fn a_body_of_100_megabytes_goes_through_in_little_memory() {
    let server = Server::of("csv-json");
    let row = "a name,12.50,a city of some length,true\n";
    let rows = 100_000_000 / row.len();
    let body = ["name,price,city,active\n", &row.repeat(rows)].concat();
    let answer = post(&server.address, "/table.csv?output=lines", body).expect("an answer");
    let text = String::from_utf8(answer.body.clone()).expect("text");
    assert_eq!(text.lines().count(), rows);
    let last = text.lines().last().expect("a line");
    assert_snapshot!(last, @r#"{"name":"a name","price":"12.50","city":"a city of some length","active":"true"}"#);
    let trailer = answer.trailers.get("plugwright-attribute").expect("a trailer");
    assert_eq!(trailer, &format!("rows={rows}"));
    if let Some(most) = server.most_memory() {
        assert!(most < 256 << 20, "{most} bytes");
    }

    // A transformer keeps the whole document in memory.
    let server = Server::of("checksum");
    let answer = post(&server.address, "/zeros", vec![0; 100_000_000]).expect("an answer");
    assert_snapshot!(String::from_utf8_lossy(&answer.body), @"a993f8c574e0fea8c1cdcbcd9408d9e2e107ee6e4d120edcfa11decd53fa0cae  zeros");
}

#[test]
fn a_failure_behind_the_beginning_breaks_the_answer_off() {
    let server = Server::of("csv-json");
    let body = ["a,b\n", &"1,2\n".repeat(200_000), "1,2,3\n"].concat();
    let answer = post(&server.address, "/table.csv", body).map(|it| it.status);
    assert_snapshot!(answer.expect_err("it breaks off"), @"error reading a body from connection");
    assert_snapshot!(after(&server, "breaks off"), @r#"stderr [0] :: level=warn msg="the answer breaks off" failure=invalid-input detail="the row has 3 fields, and the first one has 2""#);
    // For a short body, the status reports the failure.
    let answer = post(&server.address, "/table.csv", "a,b\n1,2,3\n").expect("an answer");
    assert_snapshot!(answer.shown(), @r#"
    422
    content-type: application/problem+json
    plugwright-failure: invalid-input
    content-length: 150

    {"column":5,"detail":"the row has 3 fields, and the first one has 2","failure":"invalid-input","line":2,"status":422,"title":"Unprocessable Content"}
    "#);
}

#[test]
fn a_client_that_goes_away_harms_nobody() {
    let server = Server::of("csv-json");
    let head = "POST /table.csv HTTP/1.1\r\nHost: here\r\nContent-Length: 100000000\r\n\r\na,b\n";
    for _ in 0..8 {
        // This client does not send its whole body.
        let mut stream = TcpStream::connect(&server.address).expect("a connection");
        stream.write_all(head.as_bytes()).expect("it listens");
        stream.write_all("1,2\n".repeat(1000).as_bytes()).expect("it listens");
        drop(stream);
        // This client sends its whole body, but reads only the beginning of the answer.
        let mut stream = TcpStream::connect(&server.address).expect("a connection");
        stream.write_all(head.as_bytes()).expect("it listens");
        stream.write_all("1,2\n".repeat(200_000).as_bytes()).expect("it listens");
        stream.read_exact(&mut [0; 1024]).expect("an answer");
    }
    let answer = post(&server.address, "/table.csv", "a,b\n1,2\n").expect("an answer");
    assert_eq!(answer.body, b"[\n{\"a\":\"1\",\"b\":\"2\"}\n]\n");
    let log = server.log();
    assert!(!log.contains("worker failed") && !log.contains("panicked"), "{log}");
}

#[test]
fn what_is_asked_otherwise_is_told() {
    let server = Server::of("count");
    let ask = |method, target: &str, headers: &[(&'static str, &str)]| {
        let headers = headers.iter().map(|(name, value)| {
            (hyper::header::HeaderName::from_static(name), (*value).to_owned())
        });
        let headers: Vec<_> = headers.collect();
        ask(&server.address, method, target, &headers, b"one two".to_vec())
            .expect("an answer")
            .shown()
    };
    let attributes = [("plugwright-attribute", "author=Ann%20Lee, year=1999")];
    let told = [
        ask(Method::POST, "/a/b%20c?output=document", &attributes),
        ask(Method::POST, "/%ff", &[]),
        ask(Method::POST, "/a%2Fb", &[]),
        ask(Method::POST, "/", &[("plugwright-attribute", "author")]),
        ask(Method::PUT, "/", &[]),
        ask(Method::GET, "/favicon.ico", &[]),
        ask(Method::GET, "/below/", &[]),
    ];
    assert_snapshot!(told.join("\n───\n"), @r#"
    200
    content-type: application/octet-stream
    content-disposition: attachment; filename*=UTF-8''b%20c
    content-security-policy: sandbox; default-src 'none'
    x-content-type-options: nosniff
    plugwright-attribute: author=Ann%20Lee
    plugwright-attribute: year=1999
    plugwright-attribute: lines=1
    plugwright-attribute: words=2
    plugwright-attribute: characters=7
    plugwright-attribute: bytes=7
    content-length: 7

    one two
    ───
    400
    content-type: application/problem+json
    content-length: 73

    {"detail":"`%ff` is not a file name","status":400,"title":"Bad Request"}

    ───
    400
    content-type: application/problem+json
    content-length: 75

    {"detail":"`a%2Fb` is not a file name","status":400,"title":"Bad Request"}

    ───
    400
    content-type: application/problem+json
    content-length: 146

    {"detail":"the header `plugwright-attribute` is `author`: write `KEY=VALUE`, with both parts percent-encoded","status":400,"title":"Bad Request"}

    ───
    405
    content-type: application/problem+json
    allow: GET, HEAD, POST
    content-length: 123

    {"detail":"use `POST` with a document, or `GET /` for the plugin's description","status":405,"title":"Method Not Allowed"}

    ───
    404
    content-type: application/problem+json
    content-length: 91

    {"detail":"use `GET /`, or `POST /NAME` with a document","status":404,"title":"Not Found"}

    ───
    200
    content-type: application/json
    content-length: 425

    {"gives":["application/json","*/*"],"name":"count","options":[{"default":"lines,words,characters,bytes","help":"what to count, separated by commas","key":"counts"},{"default":"counts","help":"`counts` for a JSON document of the counts, `document` for the document as it is, with the counts as attributes","key":"output"}],"summary":"counts the lines, words, characters and bytes of a text","takes":["*/*"],"version":"0.1.0"}
    "#);
}

/// Waits until the log contains this text, and returns the log.
fn after(server: &Server, text: &str) -> String {
    for _ in 0..500 {
        if let Some(line) = server.log().lines().find(|line| line.contains(text)) {
            return line.to_owned();
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("no `{text}`: {}", server.log())
}

#[test]
fn what_does_not_fit_into_an_answer_is_refused_and_ends_nothing() {
    let server = Server::of("count");
    let attribute = hyper::header::HeaderName::from_static("plugwright-attribute");
    let ask = |target: &str, attributes: String| {
        let headers = [(attribute.clone(), attributes)];
        let answer = ask(&server.address, Method::POST, target, &headers, b"one".to_vec());
        answer.expect("an answer").status
    };
    assert_eq!(ask("/", format!("a={}", "!".repeat(40_000))), 431);
    assert_eq!(ask("/", "a=b,".repeat(1_000) + "a=b"), 431);
    assert_eq!(ask(&format!("/{}", "!".repeat(20_000)), "a=b".to_owned()), 431);
    assert_eq!(ask("/?output=document", format!("a={}", "!".repeat(25_000))), 200);
    let log = server.log();
    assert!(!log.contains("worker failed"), "{log}");
}
