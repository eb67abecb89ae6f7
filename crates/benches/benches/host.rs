//! Measures loading and calling plugins, in comparison with the same work done natively and by plain wasmtime.
//!
//! `plain` is plain wasmtime, which has no limits and compiles no checks of limits into the code. `keeping` is plain
//! wasmtime that keeps memory for the next call, as the host does. The host always compiles the checks in. `unlimited`
//! is the host without limits, and `limited` is the host with the default limits. `by-name` and `by-text` are calls by
//! name with the default limits, with values and with text. `upper` is compiled with SIMD, and `opened` is an instance
//! for many calls.

use std::hint::black_box;
use std::time::{Duration, Instant};

use benches::plain::{self, Plain};
use benches::{beside, document, echo, first, host, hosts, markdown, native, text, upper};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use plugwright::wasmtime::component::Val;
use plugwright::{Cache, Host, Imports, Limits, Plugin, write_value};
use plugwright_contract::prelude::*;
use plugwright_contract::{Document, Transformer};

/// The lengths of documents: 64 B, 64 KiB, 1 MiB and 16 MiB.
const LENGTHS: [usize; 4] = [64, 64 << 10, 1 << 20, 16 << 20];

criterion_group! {
    name = benches;
    config = Criterion::default()
        .output_directory(&benches::folder())
        .sample_size(50)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .without_plots();
    targets = load, instantiate, live, calls, threads
}
criterion_main!(benches);

/// Measures loading, from bytes to a plugin that can be called.
fn load(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load");
    let bytes = markdown();
    let engine = plain::engine();
    group.sample_size(10);
    group.bench_function("plain", |b| b.iter(|| plain::compile(&engine, &bytes)));
    let host = Host::builder().no_cache().build().expect("an engine");
    let load = |host: &Host| host.load_bytes::<Transformer>("markdown", &bytes).expect("a plugin");
    group.bench_function("compiled", |b| b.iter(|| load(&host)));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cache = Cache::open(folder.path().join("cache")).expect("a cache");
    let host = Host::builder().cache(cache.clone()).build().expect("an engine");
    load(&host);
    let cached = |times| (0..times).map(|_| first(&cache, load)).sum();
    group.bench_function("cached", |b| b.iter_custom(cached));
    group.bench_function("again", |b| b.iter(|| load(&host)));
}

/// Measures making and dropping a fresh instance, without a call.
fn instantiate(criterion: &mut Criterion) {
    for (name, bytes) in [("echo", echo()), ("markdown", markdown())] {
        let mut group = criterion.benchmark_group(format!("instantiate-{name}"));
        let plain = Plain::new(&bytes);
        group.bench_function("plain", |b| b.iter(|| plain.instance()));
        for (way, host) in hosts() {
            let plugin = host.load_bytes::<Transformer>(name, &bytes).expect("a plugin");
            let nothing = || plugin.call::<(), String>("nothing", async |_, _| Ok(Ok(())));
            group.bench_function(way, |b| b.iter(|| nothing().expect("an instance")));
        }
    }
}

/// Measures a call in an existing instance.
fn live(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("live-echo");
    let (bytes, body) = (echo(), text(64));
    let mut instance = Plain::new(&bytes).instance();
    let input = plain::document(&body);
    group.bench_function("plain", |b| b.iter(|| instance.transform(&input)));
    let input = document(&body);
    for (way, host) in hosts() {
        let plugin = host.load_bytes::<Transformer>("echo", &bytes).expect("a plugin");
        let calls = |count| {
            plugin.call::<_, String>("transform", async |transformer, store| {
                let begin = Instant::now();
                for _ in 0..count {
                    black_box(transformer.transform(&mut *store, &input, &[]).await?)
                        .expect("a document");
                }
                Ok(Ok(begin.elapsed()))
            })
        };
        group.bench_function(way, |b| b.iter_custom(|count| calls(count).expect("no trap")));
        // Each of these calls has all limits anew.
        let mut opened = plugin.open_instance().expect("it starts");
        group.bench_function(format!("opened-{way}"), |b| {
            b.iter(|| opened.transform(&input, &[]).expect("a document"));
        });
    }
}

/// Measures making a fresh instance and calling it.
fn calls(criterion: &mut Criterion) {
    calls_of("echo", &echo(), criterion, |body| {
        black_box(native::echo(body));
    });
    calls_of("upper", &upper(), criterion, |body| {
        black_box(body.to_ascii_uppercase());
    });
    calls_of("markdown", &markdown(), criterion, |body| {
        black_box(native::markdown(body));
    });
}

fn calls_of(name: &str, bytes: &[u8], criterion: &mut Criterion, native: impl Fn(&[u8])) {
    let mut group = criterion.benchmark_group(name);
    let (plain, keeping) = (Plain::new(bytes), Plain::keeping(bytes));
    let hosts = hosts();
    let plugin = |host: &Host| host.load_bytes::<Transformer>(name, bytes).expect("a plugin");
    let plugins = hosts.each_ref().map(|(way, host)| (*way, plugin(host)));
    let by_name = host(Limits::default()).load_dynamic_bytes(name, bytes, &[]);
    let by_name = by_name.expect("a plugin").with_data(Imports::default().otherwise(|_| Ok(None)));
    for length in LENGTHS {
        if length == LENGTHS[3] {
            group.sample_size(10);
        }
        let body = text(length);
        group.bench_function(BenchmarkId::new("native", length), |b| b.iter(|| native(&body)));
        let input = plain::document(&body);
        group.bench_function(BenchmarkId::new("plain", length), |b| {
            b.iter(|| plain.transform(&input));
        });
        group.bench_function(BenchmarkId::new("keeping", length), |b| {
            b.iter(|| keeping.transform(&input));
        });
        // As values, each byte takes a whole value, so calls by name are not meant for long documents.
        if length == LENGTHS[0] {
            let arguments = values(&body);
            group.bench_function(BenchmarkId::new("by-name", length), |b| {
                b.iter(|| by_name.call_values(TRANSFORM, &arguments).expect("a document"));
            });
            let text = format!("{TRANSFORM}({})", call_text(&body));
            group.bench_function(BenchmarkId::new("by-text", length), |b| {
                b.iter(|| by_name.call_text(&text).expect("a document"));
            });
        }
        let input = document(&body);
        for (way, plugin) in &plugins {
            group.bench_function(BenchmarkId::new(*way, length), |b| {
                b.iter(|| plugin.transform(&input, &[]).expect("a document"));
            });
        }
    }
}

/// The function that transforms a document.
const TRANSFORM: &str = "transform.transform";

/// Returns the arguments as values: a document with that body, and no options.
fn values(body: &[u8]) -> [Val; 2] {
    let Document { name, media_type, .. } = document(body);
    let field = |name: &str, value| (name.to_owned(), value);
    let body = body.iter().copied().map(Val::U8).collect();
    let document = vec![
        field("name", Val::String(name)),
        field("media-type", Val::String(media_type)),
        field("body", Val::List(body)),
        field("attributes", Val::List(Vec::new())),
    ];
    [Val::Record(document), Val::List(Vec::new())]
}

/// Returns the same arguments as text.
fn call_text(body: &[u8]) -> String {
    let values =
        values(body).map(|value| write_value(&value, 1000, 1 << 20, &mut |_| String::new()));
    values.join(", ")
}

/// Measures calls from one thread and from two. The time is the total time divided by the number of all calls.
fn threads(criterion: &mut Criterion) {
    let host = host(Limits::default());
    let plugin = |name: &str, bytes: &[u8]| -> Plugin<Transformer> {
        host.load_bytes(name, bytes).expect("a plugin")
    };
    let (echo, markdown) = (plugin("echo", &echo()), plugin("markdown", &markdown()));
    let call = |plugin: &Plugin<Transformer>, body: &[u8]| {
        plugin.transform(&document(body), &[]).expect("a document");
    };
    let (short, long) = (text(64), text(64 << 10));
    let works: [(&str, &(dyn Fn() + Sync)); 3] = [
        ("native", &|| drop(native::markdown(black_box(&long)))),
        ("markdown", &|| call(&markdown, &long)),
        ("echo", &|| call(&echo, &short)),
    ];
    for (name, work) in works {
        let mut group = criterion.benchmark_group(format!("threads-{name}"));
        for threads in [1, 2] {
            group.bench_function(threads.to_string(), |b| {
                b.iter_custom(|count| beside(threads, count, work));
            });
        }
    }
}
