//! Measures this host beside other ways to run third-party code, and prints tables of ratios in Markdown: the
//! time of a call for each work and for documents of four lengths, the time to start, and the gain from a
//! second thread.
//!
//! `peers PLUGIN` takes the Extism plugin. The worker and the library are beside this program. Each answer is
//! compared with that of native code before it is timed. Each ratio is the median of pairs that are measured in
//! turn.
#![expect(clippy::print_stdout, reason = "this program prints tables")]

mod extism;
mod host;
mod library;
mod plain;
mod process;
mod script;
mod start;
mod way;

use std::thread;
use std::time::Duration;
use std::{env, fs};

use anyhow::{Context as _, Result, ensure};
use benches::{cells, echo, markdown, number, ratio, shipped, shown, table, text};
use work::Work;

use crate::library::Loaded;
use crate::plain::Plains;
use crate::start::Files;
use crate::way::Way;

/// The lengths of documents.
const LENGTHS: [(&str, usize); 4] =
    [("64 B", 64), ("64 KiB", 64 << 10), ("1 MiB", 1 << 20), ("16 MiB", 16 << 20)];

/// The shortest time for the calls of one side of a pair.
const TIME: Duration = Duration::from_millis(2);

fn main() -> Result<()> {
    let module = env::args_os().nth(1).context("usage: peers PLUGIN, which is that of Extism")?;
    let module =
        fs::read(&module).with_context(|| format!("cannot read `{}`", module.display()))?;
    let files = Files::beside_this_program()?;
    let bodies = LENGTHS.map(|(_, length)| text(length));
    let library = Loaded::load(&files.library);
    let extism = extism::compile(&module);
    let host = host::host();
    let mut threads = Vec::new();
    for work in Work::ALL {
        let component = component(work);
        let plugin = host::load(&host, work.name(), &component);
        let plains = Plains::new(&component);
        let scripts = script::sources(work).map(|(lua, rhai)| (lua, script::rhai(rhai)));
        let mut ways = host::ways(&plugin);
        ways.extend(plains.ways());
        ways.extend(extism::ways(&extism, work));
        ways.extend(process::ways(&files.worker, work));
        ways.extend(library.ways(work));
        if let Some((lua, rhai)) = &scripts {
            ways.extend(script::ways(lua, rhai, work));
        }
        ways.push(Way::new("native code", move |body| Box::new(move || work.of(body))));
        check(work, &ways, &bodies)?;
        calls(work, &ways, &bodies);
        let body = if work == Work::Echo { &bodies[0] } else { &bodies[1] };
        let more = ways.iter().map(|way| (way.name, more_by_two(way, body)));
        threads.push((work, more.collect::<Vec<_>>()));
    }
    start::show(&files, &markdown(), &module);
    show_threads(&threads);
    Ok(())
}

/// Returns the transformer that does this work.
fn component(work: Work) -> Vec<u8> {
    match work {
        Work::Echo => echo(),
        Work::Markdown => markdown(),
        Work::Count => shipped("count"),
    }
}

/// Compares all answers with that of native code.
fn check<'a>(work: Work, ways: &[Way<'a>], bodies: &'a [Vec<u8>]) -> Result<()> {
    for body in bodies {
        let right = work.of(body);
        for way in ways {
            let (name, length) = (way.name, body.len());
            ensure!(
                way.answer(body) == right,
                "{name}: `{}` of {length} bytes comes out wrong",
                work.name()
            );
        }
    }
    Ok(())
}

/// Prints the times of calls, relative to the first way.
fn calls<'a>(work: Work, ways: &[Way<'a>], bodies: &'a [Vec<u8>]) {
    println!();
    let heading = format!("`{}`", work.name());
    let lengths = LENGTHS.map(|(name, _)| name);
    table(&[&[&*heading], &lengths[..]].concat());
    let Some((first, others)) = ways.split_first() else { return };
    let absolute = bodies.iter().map(|body| {
        let count = first.count(body, TIME);
        // Other work on the machine can only make calls slower, so the shortest time counts.
        let times = (0..20).map(|_| first.time(body, count));
        times.min().map(shown).unwrap_or_default()
    });
    row(first.name, absolute);
    for way in others {
        let ratios = bodies.iter().map(|body| {
            let (one, other) = (way.count(body, TIME), first.count(body, TIME));
            number(ratio(|| way.time(body, one), || first.time(body, other)))
        });
        row(way.name, ratios);
    }
}

/// Returns the number of calls that two threads make, relative to one thread.
fn more_by_two<'a>(way: &Way<'a>, body: &'a [u8]) -> f64 {
    let count = way.count(body, Duration::from_millis(50));
    let two = || {
        let (one, other) = thread::scope(|scope| {
            let other = scope.spawn(|| way.time(body, count));
            (way.time(body, count), other.join().expect("the thread did not panic"))
        });
        // The time between two calls of either thread.
        Duration::from_secs_f64(1.0 / (one.as_secs_f64().recip() + other.as_secs_f64().recip()))
    };
    ratio(|| way.time(body, count), two)
}

/// Prints the gain from a second thread: the calls of two threads, relative to one.
fn show_threads(works: &[(Work, Vec<(&'static str, f64)>)]) {
    println!();
    let headings: Vec<_> = works
        .iter()
        .map(|(work, _)| {
            format!("`{}`, {}", work.name(), if *work == Work::Echo { "64 B" } else { "64 KiB" })
        })
        .collect();
    let headings = headings.iter().map(String::as_str);
    table(&[&["two threads"], &headings.collect::<Vec<_>>()[..]].concat());
    let names = works.iter().max_by_key(|(_, ways)| ways.len()).map(|(_, ways)| ways);
    for (name, _) in names.into_iter().flatten() {
        let more = works.iter().map(|(_, ways)| {
            let found = ways.iter().find(|(other, _)| other == name);
            found.map(|(_, more)| number(*more)).unwrap_or_default()
        });
        row(name, more);
    }
}

/// Prints a row.
pub(crate) fn row(name: &str, rest: impl Iterator<Item = String>) {
    let rest: Vec<_> = rest.collect();
    let rest = rest.iter().map(String::as_str);
    cells(&std::iter::once(name).chain(rest).collect::<Vec<_>>());
}
