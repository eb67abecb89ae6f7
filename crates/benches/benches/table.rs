//! The last part of `just bench`: shows what criterion measured, and the figures that the host has to reach. The times
//! depend on the machine. The ratios do not: they are measured here, and the two sides of each ratio take turns.
#![expect(clippy::print_stdout, reason = "a program that shows a table")]

use std::hint::black_box;
use std::time::Duration;

use benches::plain::{self, Plain};
use benches::{
    Growth, beside, cells, document, echo, first, host, markdown, measured, native, number, of,
    ratio, shown, table, text,
};
use plugwright::{Cache, Host, Limits, Plugin};
use plugwright_contract::prelude::*;
use plugwright_contract::{Document, Transformer};

const LENGTHS: [(&str, &str); 4] =
    [("64", "64 B"), ("65536", "64 KiB"), ("1048576", "1 MiB"), ("16777216", "16 MiB")];

fn main() {
    println!();
    table(&[
        "a fresh instance and a call",
        "native",
        "plain",
        "keeping",
        "unlimited",
        "limited",
        "× native",
        "× plain",
        "× keeping",
    ]);
    for plugin in ["echo", "markdown"] {
        for (length, name) in LENGTHS {
            let of = |way: &str| measured(&format!("{plugin}/{way}/{length}"));
            row(&format!("`{plugin}`, {name}"), of("native"), of);
        }
    }
    for name in ["instantiate-echo", "instantiate-markdown", "live-echo"] {
        let what = match name.split_once('-') {
            Some(("live", plugin)) => format!("`{plugin}`, 64 B, in a live instance"),
            Some((_, plugin)) => format!("`{plugin}`, an instance alone"),
            None => name.to_owned(),
        };
        row(&what, None, |way| measured(&format!("{name}/{way}")));
    }

    println!();
    table(&["figure", "measured", "target", ""]);
    figures();
}

/// Measures the figures that the host has to reach.
fn figures() {
    let [echo_bytes, markdown_bytes] = [echo(), markdown()];
    let load = |host: &Host, name: &str, bytes: &[u8]| -> Plugin<Transformer> {
        host.load_bytes(name, bytes).unwrap_or_else(|error| panic!("{error}"))
    };
    let cached = host(Limits::default());
    let (echo, markdown) =
        (load(&cached, "echo", &echo_bytes), load(&cached, "markdown", &markdown_bytes));
    let uncached = Host::builder().no_cache().build().expect("an engine");
    let cache = Cache::open(tests::cache_folder()).unwrap_or_else(|error| panic!("{error}"));
    let faster = ratio(of(|| drop(load(&uncached, "markdown", &markdown_bytes))), || {
        first(&cache, |host| load(host, "markdown", &markdown_bytes))
    });
    figure("loading `markdown`: compiling, relative to the cache", faster, At::Least(100.0));

    let (plain_echo, plain_markdown) = (Plain::new(&echo_bytes), Plain::new(&markdown_bytes));
    let (keeping_echo, keeping_markdown) =
        (Plain::keeping(&echo_bytes), Plain::keeping(&markdown_bytes));
    let call = |plugin: &Plugin<Transformer>, input: &Document| {
        plugin.transform(input, &[]).unwrap_or_else(|error| panic!("{error}"))
    };
    let calls = [("echo", &echo, &plain_echo), ("markdown", &markdown, &plain_markdown)];
    let slower = |plugin: &Plugin<Transformer>, plain: &Plain, body: &[u8]| {
        let (input, plain_input) = (document(body), plain::document(body));
        ratio(of(|| drop(call(plugin, &input))), of(|| drop(plain.transform(&plain_input))))
    };
    let short = text(64);
    for (name, plugin, plain) in calls {
        let what = format!("a fresh instance and 64 B, all limits, `{name}`: relative to plain");
        figure(&what, slower(plugin, plain, &short), At::Most(1.0));
    }
    for (name, plugin, plain) in
        [("echo", &echo, &keeping_echo), ("markdown", &markdown, &keeping_markdown)]
    {
        let what = format!("the same, `{name}`: relative to plain that keeps memory");
        figure(&what, slower(plugin, plain, &short), At::Any);
    }

    let body = text(16 << 20);
    let input = document(&body);
    let copies = ratio(of(|| drop(call(&echo, &input))), of(|| copy_twice(&body)));
    figure("16 MiB through `echo`: relative to copying them twice", copies, At::Most(3.0));

    let body = text(1 << 20);
    let what = "`markdown` over 1 MiB, all limits: relative to plain";
    figure(what, slower(&markdown, &plain_markdown, &body), At::Most(1.15));
    let what = "the same: relative to plain that keeps memory";
    figure(what, slower(&markdown, &keeping_markdown, &body), At::Any);
    let counting = host(Limits::default().fuel(u64::MAX - 1));
    let counting = load(&counting, "markdown", &markdown_bytes);
    let what = "the same with fuel, which is off by default";
    figure(what, slower(&counting, &plain_markdown, &body), At::Any);

    let long = text(64 << 10);
    let (short_input, long_input) = (document(&short), document(&long));
    let plain_input = plain::document(&short);
    let works: [(&str, u64, At, &(dyn Fn() + Sync)); 4] = [
        ("`markdown`, 64 KiB", 5, At::Least(1.8), &|| drop(call(&markdown, &long_input))),
        ("`echo`, 64 B", 500, At::Least(1.8), &|| drop(call(&echo, &short_input))),
        ("the same with plain that keeps memory", 500, At::Any, &|| {
            drop(keeping_echo.transform(&plain_input));
        }),
        ("native code, as the limit of the machine", 10, At::Any, &|| {
            black_box(native::markdown(&long));
        }),
    ];
    for (name, count, to_be, work) in works {
        let more = ratio(|| beside(1, count, work), || beside(2, count, work));
        figure(&format!("calls per second on two threads, relative to one: {name}"), more, to_be);
    }

    for name in ["calls", "failing calls"] {
        if let Some(Growth { before, after }) = Growth::read(name) {
            let what = format!("memory after 10 000 {name}, relative to after 100");
            figure(&what, after as f64 / before as f64, At::Most(1.1));
        }
    }
}

/// Copies into memory that the process did not have before. Each copy reserves far more memory than it uses, so the C
/// library does not keep the memory for the next copy, but gets it from the system page by page.
fn copy_twice(body: &[u8]) {
    let copy = |body: &[u8]| {
        let mut copy = Vec::with_capacity(64 << 20);
        copy.extend_from_slice(body);
        black_box(copy)
    };
    copy(&copy(body));
}

/// The target of a figure.
#[derive(Clone, Copy)]
enum At {
    Least(f64),
    Most(f64),
    Any,
}

fn figure(what: &str, ratio: f64, to_be: At) {
    let (to_be, met) = match to_be {
        At::Least(limit) => (format!("≥ {limit}"), if ratio >= limit { "ok" } else { "missed" }),
        At::Most(limit) => (format!("≤ {limit}"), if ratio <= limit { "ok" } else { "missed" }),
        At::Any => (String::new(), ""),
    };
    cells(&[what, &number(ratio), &to_be, met]);
}

fn row(what: &str, native: Option<Duration>, of: impl Fn(&str) -> Option<Duration>) {
    let times = [native, of("plain"), of("keeping"), of("unlimited"), of("limited")];
    let [native, plain, keeping, _, limited] = times;
    let beside = |other: Option<Duration>| match limited.zip(other) {
        Some((time, other)) => number(time.as_secs_f64() / other.as_secs_f64()),
        None => String::new(),
    };
    let [a, b, c, d, e] = times.map(|time| time.map(shown).unwrap_or_default());
    cells(&[what, &a, &b, &c, &d, &e, &beside(native), &beside(plain), &beside(keeping)]);
}
