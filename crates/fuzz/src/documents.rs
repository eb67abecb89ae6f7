//! Documents and options for the plugins in `dist/`. A plugin may refuse an input, but must never trap. A
//! plugin that runs a program from its options may exceed a limit, and no other plugin may.
//!
//! An input has the plugin, the document's name and media type, options as `key=value`, an empty field, and the
//! body. A NUL follows each field.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use plugwright::{CallError, ForeignText, Frame, Host, Limit, Limits, Plugin, symbols_beside};
use plugwright_contract::cases::DocumentCase;
use plugwright_contract::prelude::*;
use plugwright_contract::{
    AnyPlugin, Document, Failure, Head, Person, Prettify, Setting, Streamer, Transformer,
};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};

use crate::feedback;
use crate::mutate::Bytes;

/// A known result of a plugin that is neither an answer nor a refusal.
///
/// Each entry is as narrow as possible. Standard error reports how often it was met.
struct Known {
    plugin: &'static str,
    is: fn(&Trouble) -> bool,
    why: &'static str,
}

const KNOWN: &[Known] = &[
    Known {
        plugin: "jq",
        is: Trouble::is_limit,
        why: "a filter may be a loop without end, or make something without end",
    },
    Known {
        plugin: "jq",
        is: |trouble| trouble.is_trap_in("alloc/src/slice.rs", "repeat"),
        why: "a string that is repeated may be longer than the memory of any plugin",
    },
    Known {
        plugin: "template",
        is: Trouble::is_limit,
        why: "a template may be a loop within loops, or nested deeply",
    },
    Known {
        plugin: "template",
        is: |trouble| trouble.is_trap_in("minijinja-3.1.0/src/vm/loop_object.rs", "call_method"),
        why: "MiniJinja 3.1.0 divides by zero where `loop.cycle` gets an empty list",
    },
];

/// A result that is not an answer of the plugin.
#[derive(Debug)]
enum Trouble {
    Limit(Limit),
    Trap(String, Vec<Frame>),
}

/// A plugin, and the keys of its options. The values are the default, and words from the option's help.
struct Subject {
    plugin: AnyPlugin,
    options: Vec<(String, Vec<String>)>,
}

/// A parsed input.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Input {
    plugin: String,
    name: String,
    media_type: String,
    options: Vec<String>,
    body: Vec<u8>,
}

/// The fuel for a call, about one unit per instruction: about a second. A plugin that runs a program from its
/// input gets a tenth of that.
const FUEL: u64 = 1_000_000_000;

static SUBJECTS: LazyLock<BTreeMap<String, Subject>> = LazyLock::new(|| {
    feedback::listen();
    let dist = tests::dist();
    let cache =
        plugwright::Cache::open(tests::cache_folder()).expect("the cache belongs to the tests");
    let limits = Limits::default().deadline(Duration::from_secs(60)).fuel(FUEL);
    let host = Host::builder().cache(cache).limits(limits).concurrency(64);
    let host = host.build().expect("the engine starts");
    let subject = |name: &String| {
        let path = dist.path(name);
        let bytes = dist.read(name).unwrap_or_else(|error| panic!("{error}"));
        let plugin = host.load_any_bytes(name, &bytes).unwrap_or_else(|error| panic!("{error}"));
        let mut plugin = plugin.with_symbols(symbols_beside(&path));
        if KNOWN.iter().any(|known| known.plugin == name) {
            plugin = plugin
                .with_limits(&Limits::none().fuel(FUEL / 10))
                .expect("a call can have this limit");
        }
        let options = plugin.transformer().map_or_else(Vec::new, |plugin| options(&plugin));
        (name.clone(), Subject { plugin, options })
    };
    dist.plugins().iter().map(|entry| subject(&entry.name)).collect()
});

/// Sends the document through its plugin. If the plugin is a streamer, the document also goes through a session
/// in pieces.
///
/// # Panics
///
/// If the plugin traps, or if a session gives another answer.
pub fn run(bytes: &[u8]) {
    let Some(input) = Input::parse(bytes) else { return };
    let Some(Subject { plugin, .. }) = SUBJECTS.get(&input.plugin) else { return };
    match plugin {
        AnyPlugin::Prettify(plugin) => prettify(plugin, &input),
        AnyPlugin::Transformer(plugin) => drop(transform(plugin, &input)),
        AnyPlugin::Streamer(plugin) => {
            let whole = transform(&plugin.to_transformer(), &input);
            let pieces = input.judge("session", stream(plugin, &input));
            assert_eq!(pieces, whole, "the session gives another document: {}", input.show());
        }
    }
}

/// Returns the cases of the tests, and each plugin without options.
pub fn seeds() -> Vec<Vec<u8>> {
    let cases = tests::cases().into_iter().filter_map(|case| {
        let DocumentCase { document, options } =
            DocumentCase::read(&case).expect("the case is valid");
        let Document { name, media_type, body, .. } = document;
        let options = options.into_iter().map(|Setting { key, value }| format!("{key}={value}"));
        let (plugin, options) = (case.plugin().to_owned(), options.collect());
        // A large document teaches the fuzzer nothing that a small one does not teach sooner.
        (body.len() <= 16 << 10).then_some(Input { plugin, name, media_type, options, body })
    });
    let plain = SUBJECTS.keys().map(|plugin| Input {
        plugin: plugin.clone(),
        name: "a.txt".to_owned(),
        media_type: "text/plain".to_owned(),
        options: Vec::new(),
        body: b"hello".to_vec(),
    });
    cases.chain(plain).map(|input| input.encode()).collect()
}

/// Mutates the body or an option of the input in the first `size` bytes of `data`, to at most `most` bytes, and
/// returns the input's new size.
pub fn change(data: &mut [u8], size: usize, most: usize, seed: u32, bytes: Bytes) -> usize {
    let mut random = StdRng::seed_from_u64(u64::from(seed));
    let parsed = Input::parse(&data[..size]);
    let Some(mut input) = parsed else { return bytes(data, size, most) };
    input.change(&mut random, bytes);
    let encoded = input.encode();
    if encoded.len() > most {
        return bytes(data, size, most);
    }
    data[..encoded.len()].copy_from_slice(&encoded);
    encoded.len()
}

impl Input {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let mut field = || {
            let end = rest.iter().position(|byte| *byte == 0)?;
            let (field, after) = rest.split_at(end);
            rest = &after[1..];
            std::str::from_utf8(field).ok().map(str::to_owned)
        };
        let (plugin, name, media_type) = (field()?, field()?, field()?);
        let mut options = Vec::new();
        loop {
            let option = field()?;
            if option.is_empty() {
                break;
            }
            options.push(option);
        }
        Some(Self { plugin, name, media_type, options, body: rest.to_vec() })
    }

    fn encode(&self) -> Vec<u8> {
        let Self { plugin, name, media_type, options, body } = self;
        let mut bytes = Vec::new();
        for field in [plugin, name, media_type].into_iter().chain(options) {
            bytes.extend_from_slice(field.as_bytes());
            bytes.push(0);
        }
        bytes.push(0);
        bytes.extend_from_slice(body);
        bytes
    }

    fn change(&mut self, random: &mut StdRng, bytes: Bytes) {
        let known = SUBJECTS.get(&self.plugin).map_or(&[][..], |subject| &subject.options);
        let index = (0..self.options.len()).collect::<Vec<_>>().choose(random).copied();
        match (random.random_range(0..16), index, known.choose(random)) {
            (0..=2, _, Some((key, values))) => {
                self.options.retain(|option| option.split('=').next() != Some(key));
                let value = values.choose(random).map_or("", |value| value);
                self.options.push(format!("{key}={value}"));
            }
            (3, Some(index), _) => drop(self.options.remove(index)),
            (4..=7, Some(index), _) => {
                let option = &mut self.options[index];
                let (key, value) = option.split_once('=').unwrap_or((option, ""));
                let value = changed(value.as_bytes(), bytes);
                let value = String::from_utf8_lossy(&value).replace('\0', " ");
                *option = format!("{key}={value}");
            }
            _ => self.body = changed(&self.body, bytes),
        }
    }

    fn document(&self) -> Document {
        Document::new(&self.name, &self.media_type, &*self.body)
    }

    fn settings(&self) -> Vec<Setting> {
        let pairs =
            self.options.iter().map(|option| option.split_once('=').unwrap_or((option, "")));
        pairs.map(|(key, value)| Setting::new(key, value)).collect()
    }

    /// Returns the answer, if it is the plugin's own. Any other result must be a known one.
    fn judge<R, F>(
        &self,
        function: &str,
        answer: Result<R, CallError<F>>,
    ) -> Option<Result<R, String>>
    where
        F: std::fmt::Debug + std::fmt::Display,
    {
        let trouble = match answer {
            Ok(answer) => return Some(Ok(answer)),
            Err(CallError::Refused { failure, .. }) => return Some(Err(failure.to_string())),
            Err(CallError::Exceeded { exceeded, .. }) => Trouble::Limit(exceeded.limit),
            Err(CallError::Trapped { reason, backtrace, .. }) => {
                Trouble::Trap(reason.to_string(), backtrace)
            }
            Err(other) => panic!("{other}: {}", self.show()),
        };
        let known = KNOWN.iter().find(|it| it.plugin == self.plugin && (it.is)(&trouble));
        match known {
            Some(Known { plugin, why, .. }) => count(plugin, why),
            None => panic!("{}, in `{function}`: {}", trouble.show(), self.show()),
        }
        None
    }

    /// Returns the input in a readable form.
    fn show(&self) -> String {
        let Self { plugin, name, media_type, options, body } = self;
        let body = body.escape_ascii();
        format!("{plugin}, `{name}`, {media_type}, {options:?}, \"{body}\"")
    }
}

impl Trouble {
    fn is_limit(&self) -> bool {
        matches!(self, Self::Limit(_))
    }

    /// Returns whether this is a trap in a function and a file whose names contain these texts.
    fn is_trap_in(&self, file: &str, function: &str) -> bool {
        let holds = |text: &Option<ForeignText>, part| {
            text.as_ref().is_some_and(|it| it.exact().contains(part))
        };
        let is = |frame: &Frame| holds(&frame.file, file) && holds(&frame.function, function);
        matches!(self, Self::Trap(_, backtrace) if backtrace.iter().any(is))
    }

    fn show(&self) -> String {
        match self {
            Self::Limit(limit) => format!("beyond the limit `{limit}`"),
            Self::Trap(reason, backtrace) => {
                let mut text = format!("a trap, {reason}");
                for frame in backtrace {
                    // Writing to a string cannot fail.
                    let _ = write!(text, "\n  in {frame}");
                }
                text + "\n"
            }
        }
    }
}

fn prettify(plugin: &Plugin<Prettify>, input: &Input) {
    let text = String::from_utf8_lossy(&input.body);
    let words: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
    input.judge("prettify", plugin.prettify(&words));
    let (first, last) = text.split_once('\n').unwrap_or((&text, ""));
    let person = Person { first_name: first.to_owned(), last_name: last.to_owned() };
    input.judge("greet", plugin.greet(&person));
}

type Answer = Option<Result<Document, String>>;

fn transform(plugin: &Plugin<Transformer>, input: &Input) -> Answer {
    let answer = plugin.transform(&input.document(), &input.settings());
    let answer = input.judge("transform", answer);
    feedback::tell(
        &input.plugin,
        match &answer {
            None => "",
            Some(Ok(document)) => &document.media_type,
            Some(Err(failure)) => failure,
        },
    );
    answer
}

/// Like [`transform`], in pieces. Their length is that of the media type, which is as good as any.
fn stream(plugin: &Plugin<Streamer>, input: &Input) -> Result<Document, CallError<Failure>> {
    let head = Head::new(&input.name, &input.media_type);
    let mut session = plugin.session(&head, &input.settings())?;
    let mut body = Vec::new();
    for piece in input.body.chunks(input.media_type.len().max(1)) {
        body.extend(session.push(piece)?);
    }
    let (rest, head) = session.finish()?;
    body.extend(rest);
    Ok(head.with_body(body))
}

/// Returns the options from `describe`. The values are the default, and the words of the help.
fn options(plugin: &Plugin<Transformer>) -> Vec<(String, Vec<String>)> {
    let description = plugin.describe().unwrap_or_else(|error| panic!("{error}"));
    let options = description.options.into_iter().map(|option| {
        let words = option.help.split(|c: char| c.is_whitespace() || ",;:`".contains(c));
        let words = words.filter(|word| !word.is_empty()).map(str::to_owned);
        let values = ["true", "false", "0", "1", "4294967295"].map(str::to_owned);
        (option.key, words.chain([option.default]).chain(values).collect())
    });
    options.collect()
}

fn changed(text: &[u8], bytes: Bytes) -> Vec<u8> {
    let mut changed = text.to_vec();
    let most = text.len() + 64;
    changed.resize(most, 0);
    let size = bytes(&mut changed, text.len(), most);
    changed.truncate(size);
    changed
}

/// Counts known results, and prints the count from time to time.
#[expect(clippy::print_stderr, reason = "libFuzzer prints its progress there, too")]
fn count(plugin: &str, why: &'static str) {
    static COUNTS: Mutex<BTreeMap<(String, &str), u64>> = Mutex::new(BTreeMap::new());
    let mut counts = COUNTS.lock().unwrap_or_else(PoisonError::into_inner);
    let count = counts.entry((plugin.to_owned(), why)).or_default();
    *count += 1;
    if count.is_power_of_two() {
        eprintln!("known, {count} times: `{plugin}`: {why}");
    }
}
