//! Sessions: what becomes of them when something goes wrong, and how little memory they take.

use std::fs;
use std::sync::LazyLock;

use insta::assert_snapshot;
use plugwright::{Host, Plugin};
use plugwright_contract::prelude::*;
use plugwright_contract::{Document, Head, Session, Setting, Streamer, Transformer};
use tempfile::TempDir;
use tests::{Output, around, checksum, dist, markdown, plugwright, trapping};

/// A streamer that gives back what it gets, see there.
static ECHO: LazyLock<Vec<u8>> = LazyLock::new(|| around(include_str!("echo.wat"), "streamer"));

fn echo() -> Session {
    let host = Host::builder().build().expect("an engine");
    let plugin: Plugin<Streamer> = host.load_bytes("echo", &ECHO).expect("it fits");
    plugin.session(&head(), &[]).expect("it opens")
}

fn head() -> Head {
    Head::new("a.txt", "text/plain")
}

/// The line of SHA-256 that a session gives for `pieces`.
fn line(plugin: &Plugin<Streamer>, pieces: &[&str]) -> String {
    let mut session = plugin.session(&head(), &[]).expect("it opens");
    for piece in pieces {
        assert_eq!(session.push(piece.as_bytes()).expect("done"), b"");
    }
    let (rest, head) = session.finish().expect("done");
    assert_eq!((&*head.name, &*head.media_type), ("a.txt.sha256", "text/plain"));
    String::from_utf8(rest).expect("text")
}

/// The line of `sha256sum` for a file `a.txt` that holds `abc`.
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a.txt\n";

#[test]
fn a_session_takes_what_is_known_early_and_gives_what_is_known_late() {
    let attribute =
        |key: &str| plugwright_contract::Attribute { key: key.to_owned(), value: "old".to_owned() };
    let input = Head { attributes: vec![attribute("author"), attribute("crc32")], ..head() };
    let options = [Setting::new("algorithm", "crc32")];
    let mut session = checksum().session(&input, &options).expect("it opens");
    assert_eq!(session.head().name, "a.txt.crc32");
    session.push(b"123456789").expect("done");
    let (rest, head) = session.finish().expect("done");
    assert_eq!(rest, b"cbf43926  a.txt\n");
    let attributes = head.attributes.iter().map(|it| format!("{}={}", it.key, it.value));
    assert_eq!(attributes.collect::<Vec<_>>(), ["author=old", "crc32=cbf43926"]);
}

#[test]
fn a_bad_option_opens_no_session() {
    let error = checksum().session(&head(), &[Setting::new("algorithm", "md5")]);
    assert_snapshot!(error.expect_err("there is no md5"), @"plugin `checksum` refused: option `algorithm`: `md5` is none of `sha-256`, `blake3`, `crc32`");
}

#[test]
fn a_session_that_trapped_is_over() {
    let mut session = echo();
    assert_eq!(session.push(b"piece").expect("done"), b"piece");
    assert_snapshot!(session.push(b"trap").expect_err("it traps"), @"plugin `echo` trapped in `push`: wasm trap: wasm `unreachable` instruction executed");
    assert_snapshot!(session.push(b"piece").expect_err("it is over"), @"plugin `echo` cannot `push`: its instance has ended: open another one");
    assert_snapshot!(session.finish().expect_err("it is over"), @"plugin `echo` cannot `finish`: its instance has ended: open another one");
}

#[test]
fn a_session_that_refused_is_over() {
    let mut session = echo();
    assert_snapshot!(session.push(b"refuse").expect_err("it is refused"), @"plugin `echo` refused: internal error of the plugin: it begins with `r`");
    assert_snapshot!(session.push(b"piece").expect_err("it is over"), @"plugin `echo` cannot `push`: its instance has ended: open another one");
}

#[test]
fn a_trap_while_a_session_opens_is_told() {
    let host = Host::builder().build().expect("an engine");
    let plugin = host.load_bytes::<Streamer>("trapping", &trapping("streamer")).expect("it fits");
    assert_snapshot!(plugin.session(&head(), &[]).expect_err("it traps"), @"plugin `trapping` trapped in `open`: wasm trap: wasm `unreachable` instruction executed");
}

#[test]
fn sessions_side_by_side_or_dropped_midway_do_no_harm() {
    let checksum = checksum();
    let mut dropped = checksum.session(&head(), &[]).expect("it opens");
    dropped.push(b"a piece of another document").expect("done");
    let mut other = checksum.session(&head(), &[]).expect("it opens");
    other.push(b"ab").expect("done");
    drop(dropped);
    assert_eq!(line(&checksum, &["", "a", "bc"]), ABC);
    other.push(b"c").expect("done");
    assert_eq!(other.finish().expect("done").0, ABC.as_bytes());
}

#[test]
fn a_session_moves_between_threads_and_runs_inside_of_tokio() {
    let mut session = checksum().session(&head(), &[]).expect("it opens");
    let session = std::thread::spawn(move || session.push(b"abc").map(|_| session));
    let session = session.join().expect("no panic").expect("done");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (rest, _) = runtime.block_on(async { session.finish() }).expect("done");
    assert_eq!(rest, ABC.as_bytes());
}

#[test]
fn a_streamer_is_a_transformer_and_not_the_other_way_round() {
    let host = Host::builder().build().expect("an engine");
    let bytes = |name: &str| dist().read(name).unwrap_or_else(|error| panic!("{error}"));
    let document = Document::new("a.txt", "text/plain", "abc");
    let loaded: Plugin<Transformer> =
        host.load_bytes("checksum", &bytes("checksum")).expect("it fits");
    let narrowed = checksum().to_transformer();
    for plugin in [loaded, narrowed] {
        assert_eq!(plugin.transform(&document, &[]).expect("done").body, ABC.as_bytes());
    }
    let error = host.load_bytes::<Streamer>(markdown().name(), &bytes("markdown"));
    assert_snapshot!(error.expect_err("it has no sessions"), @"
    `markdown` does not fit the world `plugwright:plugin/streamer@0.2.0`:
      - it does not export `plugwright:plugin/sessions@0.2.0`
    it implements the world `plugwright:plugin/transformer@0.2.0`: load it for that world
    ");
}

#[test]
fn a_name_that_would_break_the_line_is_escaped() {
    let document = Document::new("a\\b\n.txt", "text/plain", "abc");
    let result = checksum().transform(&document, &[]).expect("done");
    let (checksum, _) = ABC.split_once(' ').expect("a line");
    let line = String::from_utf8(result.body).expect("text");
    assert_eq!(line, format!("\\{checksum}  a\\\\b\\n.txt\n"));
}

/// A folder with the plugin `echo.wasm` and an old file `out`.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("echo.wasm"), &*ECHO).expect("a file in it");
    fs::write(folder.path().join("out"), "old").expect("a file in it");
    folder
}

#[test]
fn run_streams_to_a_file_that_is_never_half_written() {
    let folder = folder();
    let mut body = vec![b'.'; 1024 * 1024];
    let run = |body: &[u8]| {
        let arguments = ["run", "echo.wasm", "echo.wasm", "-", "-o", "out"];
        let output = Output::of_with_input(&mut plugwright(folder.path(), arguments), body);
        let out = fs::read(folder.path().join("out")).expect("it is there");
        let files = fs::read_dir(folder.path()).expect("the folder").count();
        assert_eq!(files, 2, "{output}");
        (output, out)
    };
    // Wherever the pieces begin, there is a letter.
    body[512 * 1024..].fill(b't');
    let (output, out) = run(&body);
    assert_eq!((output.code, &*out), (Some(4), &b"old"[..]), "{output}");
    body[512 * 1024..].fill(b'r');
    let (output, out) = run(&body);
    assert_eq!((output.code, &*out), (Some(1), &b"old"[..]), "{output}");
    body[512 * 1024..].fill(b'/');
    let (output, out) = run(&body);
    assert_eq!(output.code, Some(0), "{output}");
    assert!(out == body);
}

/// The command holds no more of a long document than of a short one, and neither does a plugin.
#[cfg(target_os = "linux")]
#[test]
fn run_streams_in_constant_memory() {
    use std::io::{Read as _, Write as _};
    use std::process::Stdio;

    const MIB: usize = 1024 * 1024;

    let folder = folder();
    let dist = tests::dist_folder().join("checksum.wasm");
    let checksum = dist.to_str().expect("UTF-8");
    let arguments = ["run", "echo.wasm", checksum, "-", "-O", "checksum.algorithm=crc32"];
    let mut command = plugwright(folder.path(), arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it is built");
    let status = format!("/proc/{}/status", child.id());
    // What the process had in memory at its height until now, in KiB.
    let peak = || {
        let status = fs::read_to_string(&status).expect("it waits for more");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a line");
        line.trim().trim_end_matches(" kB").parse::<usize>().expect("a number")
    };
    let mut stdin = child.stdin.take().expect("it is piped");
    let mebibyte = vec![b'.'; MIB];
    let mut write = |mebibytes: usize| {
        (0..mebibytes).for_each(|_| stdin.write_all(&mebibyte).expect("it reads all"));
    };
    write(4);
    let short = peak();
    write(12);
    let long = peak();
    drop(stdin);
    assert!(long < short + 2048, "{short} KiB after 4 MiB, {long} KiB after 16");
    let mut line = String::new();
    child.stdout.take().expect("it is piped").read_to_string(&mut line).expect("text");
    assert!(child.wait().expect("it was started").success());
    assert_eq!(line, "77175e7f  \n");
}
