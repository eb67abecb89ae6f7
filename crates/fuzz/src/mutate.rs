//! Plugins with changed sections, functions or modules. Most are still valid, so the host compiles and calls
//! them. No call may run for long or harm the host.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use plugwright::Plugin;
use plugwright_contract::prelude::*;
use plugwright_contract::{AnyPlugin, Document, Head, Person, Streamer};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use tests::STRUCTURES;

use crate::load::{self, HOST};
use crate::part::{Content, Part};
use crate::seeds;

/// libFuzzer's own mutation. It changes the bytes in place, from the given length to at most another, and
/// returns the new length.
pub type Bytes = fn(&mut [u8], usize, usize) -> usize;

/// The longest time of a call, even on a busy machine. The deadline is 2 seconds.
const LONGEST: Duration = Duration::from_secs(8);

/// The plugin that shows that the host still works.
static ECHO: LazyLock<Plugin<Streamer>> = LazyLock::new(|| {
    let echo =
        tests::around(&seeds::text("crates/plugwright-tests/tests/suite/echo.wat"), "streamer");
    HOST.load_bytes("echo", &echo).expect("the plugin fits the host")
});

/// Parts of the seeds. Their sections are inserted into others.
static SEEDS: LazyLock<Vec<Part>> =
    LazyLock::new(|| seeds::components().iter().filter_map(|seed| Part::parse(seed)).collect());

/// Loads `bytes`, calls everything that the plugin exports, and then calls another plugin.
///
/// # Panics
///
/// If a call takes too long, or if the other plugin no longer gives the same answer.
pub fn run(bytes: &[u8]) {
    if let Ok(plugin) = load::load(bytes) {
        let begin = Instant::now();
        call(&plugin);
        let took = begin.elapsed();
        assert!(took < LONGEST, "the calls took {took:?}");
        let session = ECHO.session(&Head::new("a.txt", "text/plain"), &[]);
        let answer = session.and_then(|mut session| session.push(b"hello"));
        assert_eq!(answer.expect("the host still works"), b"hello");
    }
}

/// Returns components that are plugins.
pub fn seeds() -> Vec<Vec<u8>> {
    seeds::components()
}

/// Mutates the component in the first `size` bytes of `data`, to at most `most` bytes, and returns its new
/// size.
pub fn change(data: &mut [u8], size: usize, most: usize, seed: u32, bytes: Bytes) -> usize {
    let mut random = StdRng::seed_from_u64(u64::from(seed));
    let parsed = Part::parse(&data[..size]).filter(|_| !random.random_ratio(1, 16));
    let Some(mut whole) = parsed else { return bytes(data, size, most) };
    for _ in 0..random.random_range(1..=3) {
        let number = random.random_range(0..whole.count());
        whole.change(number, |part| change_part(part, &mut random, bytes));
    }
    let encoded = whole.encode();
    if encoded.len() > most {
        return bytes(data, size, most);
    }
    data[..encoded.len()].copy_from_slice(&encoded);
    encoded.len()
}

/// Calls everything that the plugin exports, and ignores the results.
fn call(plugin: &AnyPlugin) {
    if let AnyPlugin::Prettify(plugin) = plugin {
        let _ = plugin.prettify(&["hello".to_owned(), String::new()]);
        let person = Person { first_name: "Ada".to_owned(), last_name: "Lovelace".to_owned() };
        let _ = plugin.greet(&person);
        let _ = plugin.replica(&person);
    }
    if let Some(plugin) = plugin.transformer() {
        let _ = plugin.describe();
        let _ = plugin.transform(&Document::new("a.txt", "text/plain", "hello"), &[]);
    }
    if let AnyPlugin::Streamer(plugin) = plugin
        && let Ok(mut session) = plugin.session(&Head::new("a.txt", "text/plain"), &[])
    {
        let _ = session.push(b"hello");
        let _ = session.finish();
    }
}

fn change_part(part: &mut Part, random: &mut StdRng, bytes: Bytes) {
    if part.sections.is_empty() {
        return;
    }
    let index = random.random_range(0..part.sections.len());
    let other = random.random_range(0..part.sections.len());
    match random.random_range(0..16) {
        0..=8 => change_content(&mut part.sections[index].content, random, bytes),
        9 => drop(part.sections.remove(index)),
        10 => {
            let section = part.sections[index].clone();
            part.sections.insert(other, section);
        }
        11 => part.sections.swap(index, other),
        12 | 13 => {
            let seed = SEEDS.choose(random).and_then(|seed| {
                let mut donor = None;
                let number = random.random_range(0..seed.count());
                seed.clone().change(number, |part| {
                    donor = part.sections.choose(random).cloned();
                });
                donor
            });
            if let Some(section) = seed {
                part.sections[index] = section;
            }
        }
        14 if !part.is_module() => {
            let structure = STRUCTURES.choose(random);
            let most = 1 << random.random_range(1..12);
            let count = random.random_range(1..=most);
            let made = structure.and_then(|structure| Part::parse(&(structure.make)(count)));
            part.sections.extend(made.map(|made| made.sections).unwrap_or_default());
        }
        15 if !part.is_module() => *part = part.clone().within(random.random_range(1..200)),
        #[cfg(feature = "libfuzzer")]
        _ if part.is_module() => {
            if let Some(module) = crate::made_up::module_like(part, random) {
                *part = module;
            }
        }
        _ => {}
    }
}

fn change_content(content: &mut Content, random: &mut StdRng, bytes: Bytes) {
    let changed = match content {
        Content::Bytes(content) => content,
        Content::Functions(functions) => {
            let Some(index) = (0..functions.len()).collect::<Vec<_>>().choose(random).copied()
            else {
                return;
            };
            &mut functions[index]
        }
        // A nested part is changed when its own index is chosen.
        Content::Part(_) => return,
    };
    let (size, most) = (changed.len(), changed.len() + 64);
    changed.resize(most, 0);
    let size = bytes(changed, size, most);
    changed.truncate(size);
}
