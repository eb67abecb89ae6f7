//! The progress on a terminal during a push or a pull: the part, the bytes, the rate, and the remaining time.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::thread;
use std::time::Duration;

use regex_lite::Regex;
use tests::terminal::Terminal;
use tests::{dist_folder, program};

use crate::command::command;
use crate::server::Real;

/// Starts a proxy to a registry that passes this many bytes per second in each direction.
fn slow_way_to(host: &str, bytes: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let (here, host) = (listener.local_addr().expect("an address").to_string(), host.to_owned());
    thread::spawn(move || {
        while let Ok((near, _)) = listener.accept() {
            let far = TcpStream::connect(&host).expect("it listens");
            let other = || (near.try_clone().expect("another"), far.try_clone().expect("another"));
            let (near_again, far_again) = other();
            thread::spawn(move || carry(near_again, far_again, bytes));
            thread::spawn(move || carry(far, near, bytes));
        }
    });
    here
}

fn carry(mut from: TcpStream, mut to: TcpStream, bytes: usize) {
    let mut piece = vec![0; bytes / 50];
    while let Ok(count @ 1..) = from.read(&mut piece) {
        if to.write_all(&piece[..count]).is_err() {
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// Checks that one of the lines matched this pattern, and returns what is left on the terminal.
fn left(folder: &Path, columns: u16, arguments: &[&str], pattern: &str) -> Vec<String> {
    let mut command = program(&command(), folder, arguments);
    command.env("HOME", folder.join("home")).env("PLUGWRIGHT_DIST", dist_folder());
    let (status, screen) = Terminal::run(&mut command, columns).end();
    assert!(status.success(), "{:#?}", screen.lines());
    let pattern = Regex::new(&format!("^{pattern}$")).expect("a pattern");
    assert!(screen.seen.iter().any(|line| pattern.is_match(line)), "{pattern}: {:#?}", screen.seen);
    assert!(screen.is_clean(), "{:#?}", screen.lines());
    screen.lines()
}

#[test]
fn bytes_that_go_and_come_are_counted() {
    let (registry, folder) = (Real::plain(), tempfile::tempdir().expect("a folder"));
    let folder = folder.path();
    let host = slow_way_to(&registry.host, 400 << 10);
    let reference = format!("oci://{host}/plugins/thumbnail:1");
    let bytes = r"[0-9.]+ [KM]?i?B of [0-9.]+ [KM]iB";
    let rest = r"[0-9.]+ [KM]?i?B/s, \d+ s left";
    let sent = format!("pushing thumbnail: the component [█▏▎▍▌▋▊▉ ]+ {bytes}, .*");
    let pushed = left(folder, 120, &["push", "thumbnail", &reference], &sent);
    assert!(pushed.iter().all(|line| line.starts_with("oci://")), "{pushed:#?}");
    let got = format!("pulling thumbnail [█▏▎▍▌▋▊▉ ]+ {bytes}, {rest}");
    left(folder, 120, &["pull", &reference, "-o", "one.wasm"], &got);
    // On a narrow terminal, the rate is left out.
    let narrow = format!(r"([█▏▎▍▌▋▊▉ ]+ )?{bytes}, \d+ s left");
    left(folder, 40, &["pull", &reference, "-o", "other.wasm"], &narrow);
}
