//! A plugin that explores what it has access to. Each line of its input is something to try, and its answer has a
//! line for each result.
#![expect(missing_docs, unsafe_code, reason = "what wit-bindgen generates")]

use std::fmt::Debug;
use std::hash::{BuildHasher as _, RandomState};
use std::io::Read as _;
use std::time::{Duration, SystemTime};
use std::{env, fs, thread};

wit_bindgen::generate!({
    path: ["../../wit", "curious.wit"],
    world: "tests:curious/curious",
    generate_all,
});

use exports::plugwright::plugin::transform::{Description, Document, Failure, Guest, Setting};
use wasi::http::outgoing_handler;
use wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, Method, OutgoingBody, OutgoingRequest, Scheme,
    http_error_code,
};
use wasi::io::poll::poll;
use wasi::io::streams::{OutputStream, StreamError};
use wasi::random::{insecure, random};

struct Curious;

export!(Curious);

impl Guest for Curious {
    fn describe() -> Description {
        Description {
            name: "curious".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: "looks for what it gets".into(),
            takes: vec!["text/plain".into()],
            gives: vec!["text/plain".into()],
            options: vec![],
        }
    }

    fn transform(input: Document, _: Vec<Setting>) -> Result<Document, Failure> {
        let text = String::from_utf8_lossy(&input.body).into_owned();
        let answers = text.lines().map(|line| format!("{line}: {}\n", try_out(line)));
        Ok(Document { body: answers.collect::<String>().into_bytes(), ..input })
    }
}

fn try_out(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    match words[..] {
        ["list", folder] => told(fs::read_dir(folder).and_then(|entries| {
            let names = entries.map(|it| Ok(it?.file_name().to_string_lossy().into_owned()));
            let mut names = names.collect::<std::io::Result<Vec<_>>>()?;
            names.sort();
            Ok(names)
        })),
        ["read", file] => told(fs::read_to_string(file)),
        ["write", file, text] => told(fs::write(file, text)),
        ["append", file, text] => told(
            fs::File::options()
                .append(true)
                .open(file)
                .and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes())),
        ),
        ["remove", file] => told(fs::remove_file(file)),
        ["make-folder", folder] => told(fs::create_dir(folder)),
        ["rename", from, to] => told(fs::rename(from, to)),
        ["hard-link", from, to] => told(fs::hard_link(from, to)),
        #[expect(deprecated, reason = "what replaces it is not stable for WASI")]
        ["link", from, to] => told(fs::soft_link(from, to)),
        ["read-link", link] => told(fs::read_link(link)),
        ["touch", file] => {
            told(fs::File::open(file).and_then(|file| {
                file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1))
            }))
        }
        ["size", file] => told(fs::metadata(file).map(|it| it.len())),
        ["variable", name] => format!("{:?}", env::var(name)),
        ["variables"] => format!("{:?}", env::vars().collect::<Vec<_>>()),
        ["arguments"] => format!("{:?}", env::args().collect::<Vec<_>>()),
        ["stdin"] => {
            let mut text = String::new();
            told(std::io::stdin().read_to_string(&mut text).map(|_| text))
        }
        ["time"] => format!("{:?}", SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)),
        ["hash"] => RandomState::new().hash_one(0).to_string(),
        ["random"] => random::get_random_u64().to_string(),
        ["insecure"] => insecure::get_insecure_random_u64().to_string(),
        ["sleep", milliseconds] => {
            thread::sleep(Duration::from_millis(milliseconds.parse().unwrap_or_default()));
            "slept".to_owned()
        }
        ["exit", status] => std::process::exit(status.parse().unwrap_or_default()),
        ["panic"] => panic!("as asked for"),
        ["abort"] => std::process::abort(),
        ["say", text] => {
            print!("{text}");
            told(std::io::Write::flush(&mut std::io::stdout()))
        }
        ["print"] => loop {
            print!("and on it goes, ");
        },
        ["unpack", length] => {
            let mut text = b"abc".to_vec();
            while text.len() < length.parse().unwrap_or_default() {
                text.extend_from_within(..);
            }
            text.len().to_string()
        }
        ["random-bytes", length] => {
            random::get_random_bytes(length.parse().unwrap_or_default()).len().to_string()
        }
        ["open", file, count] => kept(count, || fs::File::open(file)),
        ["open-and-close", file, count] => done(count, || fs::File::open(file).map(drop)),
        ["list-and-keep", folder, count] => kept(count, || {
            let mut names = fs::read_dir(folder)?;
            names.next().transpose()?;
            Ok(names)
        }),
        ["list-and-drop", folder, count] => done(count, || {
            fs::read_dir(folder)?.next().transpose()?;
            Ok(())
        }),
        ["bodies", count] => kept(count, || Ok(full_body())),
        ["fields", count] => kept(count, || Ok(large_fields().clone())),
        ["cloned-fields", count] => kept(count, || {
            let fields = large_fields().clone();
            fields.append("x-more", b"more").map_err(std::io::Error::other)?;
            Ok(fields)
        }),
        ["fields-and-drop", count] => done(count, || Ok(drop(large_fields()))),
        ["emptied-fields", count] => kept(count, || {
            let fields = large_fields();
            fields.delete("x-name").map_err(std::io::Error::other)?;
            Ok(fields)
        }),
        ["empty-fields", count] => kept(count, || Ok(Fields::from_list(&[]))),
        ["authorities", count] => kept(count, || {
            let request = OutgoingRequest::new(Fields::from_list(&[]).expect("there are none"));
            let authority = "a".repeat(60_000);
            request.set_authority(Some(&authority)).map_err(|()| std::io::ErrorKind::InvalidInput)?;
            Ok(request)
        }),
        ["pollables", count] => {
            let (stream, _body, _request) = full_body();
            kept(count, || Ok(stream.subscribe()))
        }
        ["poll", count] => {
            let (stream, _body, _request) = full_body();
            let pollable = stream.subscribe();
            let list = vec![&pollable; count.parse().unwrap_or_default()];
            poll(&list).len().to_string()
        }
        ["get-and-keep", url, count] => kept(count, || {
            let request = get(url, 0).map_err(std::io::Error::other)?;
            outgoing_handler::handle(request, None).map_err(std::io::Error::other)
        }),
        ["get", url] => answer(url, None),
        ["post", url, text] => answer(url, Some(text)),
        _ => "the plugin does not know how".to_owned(),
    }
}

fn told<T: Debug>(result: std::io::Result<T>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        // Debian 12's C library reports a missing folder in this way.
        Err(error) if error.raw_os_error() == Some(76) => {
            "No such file or directory (os error 44)".to_owned()
        }
        Err(error) => format!("{error}"),
    }
}

/// Makes `count` values, and holds all of them at the same time.
fn kept<T>(count: &str, make: impl FnMut() -> std::io::Result<T>) -> String {
    let count = count.parse().unwrap_or_default();
    let made = std::iter::repeat_with(make).take(count).collect::<Result<Vec<_>, _>>();
    told(made.map(|made| made.len()))
}

/// Does the work `count` times.
fn done(count: &str, mut work: impl FnMut() -> std::io::Result<()>) -> String {
    let count: u64 = count.parse().unwrap_or_default();
    told((0..count).try_for_each(|_| work()).map(|()| count))
}

/// Creates a request that is not sent, and fills its body. The stream must be dropped before the body.
fn full_body() -> (OutputStream, OutgoingBody, OutgoingRequest) {
    let request = OutgoingRequest::new(Fields::from_list(&[]).expect("there are none"));
    let body = request.body().expect("it is asked for once");
    let stream = body.write().expect("it is asked for once");
    while let Ok(room @ 1..) = stream.check_write() {
        // A write that exceeds the memory is split.
        let part = vec![b'x'; usize::try_from(room).unwrap_or(usize::MAX).min(1 << 20)];
        stream.write(&part).expect("there is room");
    }
    (stream, body, request)
}

/// Creates fields of some 100 KiB.
fn large_fields() -> Fields {
    let fields = Fields::from_list(&[]).expect("there are none");
    for _ in 0..25 {
        fields.append("x-name", &[b'x'; 4000]).expect("there is room");
    }
    fields
}

/// Returns the server's answer to a request, and follows redirects.
fn answer(url: &str, body: Option<&str>) -> String {
    let mut url = url.to_owned();
    loop {
        match request(&url, body) {
            Ok((_, Some(to), _)) => url = to,
            Ok((status, None, body)) if body.len() > 100 => {
                return format!("{status}, {} bytes", body.len());
            }
            Ok((status, None, body)) => {
                return format!("{status}, {:?}", String::from_utf8_lossy(&body));
            }
            Err(error) => return format!("{error:?}"),
        }
    }
}

/// Sends one request. Returns its status, the target of a redirect, and the body of the answer.
fn request(url: &str, body: Option<&str>) -> Result<(u16, Option<String>, Vec<u8>), ErrorCode> {
    let request = get(url, body.unwrap_or_default().len())?;
    if body.is_some() {
        request.set_method(&Method::Post).map_err(|()| ErrorCode::HttpRequestMethodInvalid)?;
    }
    let outgoing = request.body().expect("it is asked for once");
    let response = outgoing_handler::handle(request, None)?;
    if let Some(text) = body {
        let stream = outgoing.write().expect("it is asked for once");
        stream.blocking_write_and_flush(text.as_bytes()).map_err(|_| ErrorCode::HttpProtocolError)?;
    }
    OutgoingBody::finish(outgoing, None)?;
    received(&response)
}

/// Creates a request for `url`, with a body of this length.
fn get(url: &str, length: usize) -> Result<OutgoingRequest, ErrorCode> {
    let invalid = |()| ErrorCode::HttpRequestUriInvalid;
    let (scheme, rest) = url.split_once("://").ok_or(ErrorCode::HttpRequestUriInvalid)?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.to_owned()),
    };
    let headers =
        Fields::from_list(&[("content-length".to_owned(), length.to_string().into_bytes())]);
    let request = OutgoingRequest::new(headers.map_err(|_| ErrorCode::HttpProtocolError)?);
    request.set_scheme(Some(&scheme)).map_err(invalid)?;
    request.set_authority(Some(authority)).map_err(invalid)?;
    request.set_path_with_query(Some(path)).map_err(invalid)?;
    Ok(request)
}

fn received(
    response: &FutureIncomingResponse,
) -> Result<(u16, Option<String>, Vec<u8>), ErrorCode> {
    response.subscribe().block();
    let response = response.get().expect("it is there").expect("it is asked for once")?;
    let to = response.headers().get("location").pop();
    let to = to.map(|to| String::from_utf8_lossy(&to).into_owned());
    let body = response.consume().expect("it is asked for once");
    let stream = body.stream().expect("it is asked for once");
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(1 << 16) {
            Ok(more) => bytes.extend(more),
            Err(StreamError::Closed) => return Ok((response.status(), to, bytes)),
            Err(StreamError::LastOperationFailed(error)) => {
                return Err(http_error_code(&error).unwrap_or(ErrorCode::InternalError(None)));
            }
        }
    }
}
