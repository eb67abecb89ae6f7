//! `just languages`: compares the same plugin in each language with the reference in Rust. The times depend on the
//! machine, but their ratios do not.

use std::fs;
use std::time::{Duration, Instant};

use benches::{cells, first, number, shown, table, text};
use plugwright::{Cache, Dist, Host, Plugin};
use plugwright_contract::prelude::*;
use plugwright_contract::{AnyPlugin, Document, Transformer};
use tests::{Guest, Output, dist, guests, guests_dist, plugwright, root};

/// More fuel than any of the plugins needs.
const FUEL: &str = "--limit=fuel=1000000000000000";

fn main() {
    let short = Document::new("short.txt", "text/plain", text(64));
    let long = Document::new("long.txt", "text/plain", text(1 << 20));
    let fuel = "fuel, 1 MiB";
    table(&[
        "language",
        "size",
        "compile",
        "from the cache",
        "fresh call",
        "1 MiB",
        "relative to Rust",
        fuel,
        "same bytes",
    ]);
    let count = Guest::rust("count");
    let reference = Measured::new(&count, &dist(), &short, &long);
    row(&count, &reference, &reference);
    let Some(built) = guests_dist() else { return };
    for guest in
        guests().iter().filter(|guest| guest.reference == count.name && guest.name != count.name)
    {
        if built.plugins().iter().any(|entry| entry.name == guest.name) {
            let measured = Measured::new(guest, &built, &short, &long);
            assert_eq!(measured.answer, reference.answer, "`{}` counts differently", guest.name);
            row(guest, &measured, &reference);
        }
    }
}

/// The measurements of a plugin.
struct Measured {
    bytes: usize,
    compile: Duration,
    load: Duration,
    fresh: Duration,
    long: Duration,
    fuel: u64,
    answer: Document,
}

impl Measured {
    fn new(guest: &Guest, dist: &Dist, short: &Document, long: &Document) -> Self {
        let name = &guest.name;
        let bytes = dist.read(name).unwrap_or_else(|error| panic!("{error}"));
        let load = |host: &Host| match host.load_any_bytes(name, &bytes) {
            Ok(AnyPlugin::Transformer(plugin)) => plugin,
            Ok(other) => panic!("`{name}` is of the world `{}`", other.world()),
            Err(error) => panic!("{error}"),
        };
        let uncached = Host::builder().no_cache().build().expect("an engine");
        let compile = best(|| drop(load(&uncached)));

        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::open(folder.path()).unwrap_or_else(|error| panic!("{error}"));
        let host = Host::builder().cache(cache.clone()).build().expect("an engine");
        let plugin = load(&host);
        let call = |plugin: &Plugin<Transformer>, input: &Document| {
            plugin.transform(input, &[]).unwrap_or_else(|error| panic!("{error}"))
        };
        Self {
            bytes: bytes.len(),
            compile,
            load: best_of(|| first(&cache, load)),
            fresh: best(|| drop(call(&plugin, short))),
            long: best(|| drop(call(&plugin, long))),
            fuel: fuel(dist, name, long),
            answer: call(&plugin, long),
        }
    }
}

/// Returns the shortest time that `work` takes, in as many runs as fit in a second.
fn best(work: impl Fn()) -> Duration {
    best_of(|| {
        let begin = Instant::now();
        work();
        begin.elapsed()
    })
}

/// Returns the shortest of the times that `work` returns, in as many runs as fit in a second.
fn best_of(work: impl Fn() -> Duration) -> Duration {
    let (begin, mut best) = (Instant::now(), Duration::MAX);
    while best == Duration::MAX || begin.elapsed() < Duration::from_secs(1) {
        best = best.min(work());
    }
    best
}

/// Returns the fuel of a call, as the command reports it.
fn fuel(dist: &Dist, name: &str, input: &Document) -> u64 {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(&input.name);
    fs::write(&file, &input.body).expect("a file");
    let (plugin, file) = (dist.path(name), file.to_string_lossy().into_owned());
    let plugin = plugin.to_string_lossy().into_owned();
    let arguments = ["run", &plugin, &file, FUEL, "--stats", "--json"];
    let output = Output::of(&mut plugwright(&root(), arguments));
    assert_eq!(output.code, Some(0), "{output}");
    let entries = output.stderr.lines().filter_map(|line| serde_json::from_str(line).ok());
    let fuel = entries.filter_map(|entry: serde_json::Value| entry["fuel"].as_u64()).max();
    fuel.unwrap_or_else(|| panic!("the command reports no fuel:\n{output}"))
}

fn row(guest: &Guest, measured: &Measured, reference: &Measured) {
    let Measured { bytes, compile, load, fresh, long, fuel, .. } = measured;
    let slower = long.as_secs_f64() / reference.long.as_secs_f64();
    cells(&[
        &guest.language,
        &format!("{} KiB", number(*bytes as f64 / 1024.0)),
        &shown(*compile),
        &shown(*load),
        &shown(*fresh),
        &shown(*long),
        &number(slower),
        &format!("{} M", number(*fuel as f64 / 1e6)),
        if guest.reproducible { "yes" } else { "no" },
    ]);
}
