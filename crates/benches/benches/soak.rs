//! Checks whether memory leaks: in 10 000 calls, and in 10 000 calls that fail.
#![expect(clippy::print_stdout, reason = "a program that says what it found")]

use std::fs;
use std::time::{Duration, Instant};

use benches::{Growth, document, echo, host, markdown, text};
use plugwright::{CallError, Limit, Limits, Plugin};
use plugwright_contract::Transformer;
use plugwright_contract::prelude::*;

fn main() {
    // `just bench` passes its filters to every benchmark, and this one is named `soak`.
    let mut filters = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    if filters.any(|filter| !"soak".contains(&filter)) {
        return;
    }
    if resident().is_none() {
        println!("soak: skipped, since this system does not report a process's memory in /proc");
        return;
    }
    let host = host(Limits::default());
    let markdown: Plugin<Transformer> = host.load_bytes("markdown", &markdown()).expect("a plugin");
    let input = document(&text(64));
    soak("calls", |_| {
        markdown.transform(&input, &[]).expect("a document");
    });

    let echo: Plugin<Transformer> = host.load_bytes("echo", &echo()).expect("a plugin");
    let [trap, memory, computing] = ["t", "m", "c"].map(|request| document(request.as_bytes()));
    let small = Limits::none().memory(4 << 20);
    let small = echo.with_limits(&small).expect("no limit of the whole host");
    let short = Limits::none().deadline(Duration::from_millis(1));
    let short = echo.with_limits(&short).expect("no limit of the whole host");
    soak("failing calls", |call| match call % 20 {
        // Each of these calls takes one tick of the clock that checks deadlines, so there are few of them.
        0 => assert!(exceeds(&short, &computing, Limit::Deadline)),
        1..=9 => assert!(exceeds(&small, &memory, Limit::Memory)),
        _ => assert!(matches!(echo.transform(&trap, &[]), Err(CallError::Trapped { .. }))),
    });
}

fn exceeds(
    plugin: &Plugin<Transformer>,
    input: &plugwright_contract::Document,
    limit: Limit,
) -> bool {
    let answer = plugin.transform(input, &[]);
    matches!(answer, Err(CallError::Exceeded { exceeded, .. }) if exceeded.limit == limit)
}

/// Makes 10 000 calls, and keeps how much memory grew after the first hundred.
fn soak(name: &str, call: impl Fn(u32)) {
    let begin = Instant::now();
    (0..100).for_each(&call);
    let before = resident().expect("it was told before");
    (100..10_000).for_each(&call);
    let after = resident().expect("it was told before");
    Growth { before, after }.write(name);
    let (seconds, [before, after]) =
        (begin.elapsed().as_secs(), [before, after].map(|it| it >> 10));
    println!("soak: 10 000 {name} took {seconds} s; {before} KiB became {after} KiB");
}

/// Returns the resident memory of this process in bytes, or `None` if the system does not report it.
fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes << 10)
}
