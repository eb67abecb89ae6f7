//! Sessions: what happens after an error, and how little memory they use.

use std::fs;
use std::sync::LazyLock;

use insta::assert_snapshot;
use plugwright::{Host, Plugin};
use plugwright_contract::prelude::*;
use plugwright_contract::{Document, Head, Session, Setting, Streamer, Transformer};
use tempfile::TempDir;
use tests::{Output, around, checksum, dist, markdown, plugwright, trapping};

/// A streamer that returns its input.
static ECHO: LazyLock<Vec<u8>> = LazyLock::new(|| around(include_str!("echo.wat"), "streamer"));

fn echo() -> Session {
    let host = Host::builder().build().expect("the engine starts");
    let plugin: Plugin<Streamer> =
        host.load_bytes("echo", &ECHO).expect("the plugin fits the host");
    plugin.session(&head(), &[]).expect("the session opens")
}

fn head() -> Head {
    Head::new("a.txt", "text/plain")
}

/// Returns the line with the SHA-256 digest that a session gives for `pieces`.
fn line(plugin: &Plugin<Streamer>, pieces: &[&str]) -> String {
    let mut session = plugin.session(&head(), &[]).expect("the session opens");
    for piece in pieces {
        assert_eq!(session.push(piece.as_bytes()).expect("the call succeeds"), b"");
    }
    let (rest, head) = session.finish().expect("the call succeeds");
    assert_eq!((&*head.name, &*head.media_type), ("a.txt.sha256", "text/plain"));
    String::from_utf8(rest).expect("the output is UTF-8")
}

/// The output of `sha256sum` for a file `a.txt` that contains `abc`.
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a.txt\n";

#[test]
fn a_session_takes_what_is_known_early_and_gives_what_is_known_late() {
    let attribute =
        |key: &str| plugwright_contract::Attribute { key: key.to_owned(), value: "old".to_owned() };
    let input = Head { attributes: vec![attribute("author"), attribute("crc32")], ..head() };
    let options = [Setting::new("algorithm", "crc32")];
    let mut session = checksum().session(&input, &options).expect("the session opens");
    assert_eq!(session.head().name, "a.txt.crc32");
    session.push(b"123456789").expect("the call succeeds");
    let (rest, head) = session.finish().expect("the call succeeds");
    assert_eq!(rest, b"cbf43926  a.txt\n");
    let attributes = head.attributes.iter().map(|it| format!("{}={}", it.key, it.value));
    assert_eq!(attributes.collect::<Vec<_>>(), ["author=old", "crc32=cbf43926"]);
}

#[test]
fn a_bad_option_opens_no_session() {
    let error = checksum().session(&head(), &[Setting::new("algorithm", "md5")]);
    assert_snapshot!(error.expect_err("the algorithm is unknown"), @"plugin `checksum` refused: option `algorithm`: `md5` is none of `sha-256`, `blake3`, `crc32`");
}

#[test]
fn a_session_that_trapped_is_over() {
    let mut session = echo();
    assert_eq!(session.push(b"piece").expect("the call succeeds"), b"piece");
    assert_snapshot!(session.push(b"trap").expect_err("the plugin traps"), @"plugin `echo` trapped in `push`: wasm trap: wasm `unreachable` instruction executed");
    assert_snapshot!(session.push(b"piece").expect_err("the session has ended"), @"cannot call `push` of plugin `echo`: the instance has ended; open another instance");
    assert_snapshot!(session.finish().expect_err("the session has ended"), @"cannot call `finish` of plugin `echo`: the instance has ended; open another instance");
}

#[test]
fn a_session_that_refused_is_over() {
    let mut session = echo();
    assert_snapshot!(session.push(b"refuse").expect_err("the piece is refused"), @"plugin `echo` refused: internal error of the plugin: it begins with `r`");
    assert_snapshot!(session.push(b"piece").expect_err("the session has ended"), @"cannot call `push` of plugin `echo`: the instance has ended; open another instance");
}

#[test]
fn a_trap_while_a_session_opens_is_told() {
    let host = Host::builder().build().expect("the engine starts");
    let plugin = host
        .load_bytes::<Streamer>("trapping", &trapping("streamer"))
        .expect("the plugin fits the host");
    assert_snapshot!(plugin.session(&head(), &[]).expect_err("the plugin traps"), @"plugin `trapping` trapped in `open`: wasm trap: wasm `unreachable` instruction executed");
}

#[test]
fn sessions_side_by_side_or_dropped_midway_do_no_harm() {
    let checksum = checksum();
    let mut dropped = checksum.session(&head(), &[]).expect("the session opens");
    dropped.push(b"a piece of another document").expect("the call succeeds");
    let mut other = checksum.session(&head(), &[]).expect("the session opens");
    other.push(b"ab").expect("the call succeeds");
    drop(dropped);
    assert_eq!(line(&checksum, &["", "a", "bc"]), ABC);
    other.push(b"c").expect("the call succeeds");
    assert_eq!(other.finish().expect("the call succeeds").0, ABC.as_bytes());
}

#[test]
fn a_session_moves_between_threads_and_runs_inside_of_tokio() {
    let mut session = checksum().session(&head(), &[]).expect("the session opens");
    let session = std::thread::spawn(move || session.push(b"abc").map(|_| session));
    let session = session.join().expect("the thread did not panic").expect("the call succeeds");
    let runtime =
        tokio::runtime::Builder::new_current_thread().build().expect("the runtime starts");
    let (rest, _) = runtime.block_on(async { session.finish() }).expect("the call succeeds");
    assert_eq!(rest, ABC.as_bytes());
}

#[test]
fn a_streamer_is_a_transformer_and_not_the_other_way_round() {
    let host = Host::builder().build().expect("the engine starts");
    let bytes = |name: &str| dist().read(name).unwrap_or_else(|error| panic!("{error}"));
    let document = Document::new("a.txt", "text/plain", "abc");
    let loaded: Plugin<Transformer> =
        host.load_bytes("checksum", &bytes("checksum")).expect("the plugin fits the host");
    let narrowed = checksum().to_transformer();
    for plugin in [loaded, narrowed] {
        assert_eq!(
            plugin.transform(&document, &[]).expect("the call succeeds").body,
            ABC.as_bytes()
        );
    }
    let error = host.load_bytes::<Streamer>(markdown().name(), &bytes("markdown"));
    assert_snapshot!(error.expect_err("the plugin has no sessions"), @"
    `markdown` does not fit the world `plugwright:plugin/streamer@0.2.0`:
      - it does not export `plugwright:plugin/sessions@0.2.0`
    it implements the world `plugwright:plugin/transformer@0.2.0`: load it for that world
    ");
}

#[test]
fn a_name_that_would_break_the_line_is_escaped() {
    let document = Document::new("a\\b\n.txt", "text/plain", "abc");
    let result = checksum().transform(&document, &[]).expect("the call succeeds");
    let (checksum, _) = ABC.split_once(' ').expect("a space follows the checksum");
    let line = String::from_utf8(result.body).expect("the output is UTF-8");
    assert_eq!(line, format!("\\{checksum}  a\\\\b\\n.txt\n"));
}

/// Returns a folder with the plugin `echo.wasm` and an old file `out`.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    fs::write(folder.path().join("echo.wasm"), &*ECHO).expect("the file can be written");
    fs::write(folder.path().join("out"), "old").expect("the file can be written");
    folder
}

#[test]
fn run_streams_to_a_file_that_is_never_half_written() {
    let folder = folder();
    let mut body = vec![b'.'; 1024 * 1024];
    let run = |body: &[u8]| {
        let arguments = ["run", "echo.wasm", "echo.wasm", "-", "-o", "out"];
        let output = Output::of_with_input(&mut plugwright(folder.path(), arguments), body);
        let out = fs::read(folder.path().join("out")).expect("the file exists");
        let files = fs::read_dir(folder.path()).expect("the folder can be read").count();
        assert_eq!(files, 2, "{output}");
        (output, out)
    };
    // Wherever a piece begins, its first byte is this letter.
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

/// Neither the command nor the plugin uses more memory for a long document than for a short one.
#[cfg(target_os = "linux")]
#[test]
fn run_streams_in_constant_memory() {
    use std::io::{Read as _, Write as _};
    use std::process::Stdio;

    const MIB: usize = 1024 * 1024;

    let folder = folder();
    let dist = tests::dist_folder().join("checksum.wasm");
    let checksum = dist.to_str().expect("the path is UTF-8");
    let arguments = ["run", "echo.wasm", checksum, "-", "-O", "checksum.algorithm=crc32"];
    let mut command = plugwright(folder.path(), arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the command is built");
    let status = format!("/proc/{}/status", child.id());
    // The peak memory of the process so far, in KiB.
    let peak = || {
        let status = fs::read_to_string(&status).expect("the file exists");
        let line =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the line exists");
        line.trim().trim_end_matches(" kB").parse::<usize>().expect("the text is a number")
    };
    let mut stdin = child.stdin.take().expect("the stream is piped");
    let mebibyte = vec![b'.'; MIB];
    let mut write = |mebibytes: usize| {
        (0..mebibytes)
            .for_each(|_| stdin.write_all(&mebibyte).expect("the process reads its input"));
    };
    write(4);
    let short = peak();
    write(12);
    let long = peak();
    drop(stdin);
    assert!(long < short + 2048, "{short} KiB after 4 MiB, {long} KiB after 16");
    let mut line = String::new();
    child
        .stdout
        .take()
        .expect("the stream is piped")
        .read_to_string(&mut line)
        .expect("the file is UTF-8");
    assert!(child.wait().expect("the process was started").success());
    assert_eq!(line, "77175e7f  \n");
}
