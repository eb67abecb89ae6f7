//! Hostile plugins. Each file of `tests/hostile/` ends as it declares, in the host and in the command, and a good
//! plugin answers right after it.

mod file;
mod verdict;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, thread};

use plugwright::{Cache, Compiler, Grants, Host, Limits, Plugin};
use plugwright_contract::Prettify;
use plugwright_contract::prelude::*;
use plugwright_test::wasi_versions_masked;
use tests::{
    Output, cache_folder, dist, plugwright, plugwright_path, root, snapshots, target_folder,
};

use crate::curious::Folders;
use file::{Call, HostLimits, Hostile};
use verdict::Verdict;

pub(crate) use file::{component, harmless};

/// The variable that is set in the process that measures memory.
const MEASURES: &str = "HOSTILE_MEASURES";

/// A host with these limits, and a good plugin in it.
struct Victim {
    host: Host,
    good: Plugin<Prettify>,
}

impl Victim {
    /// Creates a host for the plugins that need these limits. Plugins with the same limits share a host.
    fn with(HostLimits { limits, compiler }: &HostLimits) -> Self {
        let with = |limits: Limits, text: &String| limits.with_text(text);
        let limits = limits.iter().try_fold(Limits::default(), with);
        let limits = limits.unwrap_or_else(|error| panic!("{error}"));
        let begin = match &**compiler {
            [] => Compiler::in_process(),
            [_, ..] => Compiler::process(plugwright_path()),
        };
        let compiler = compiler.iter().try_fold(begin, |it, text| it.with_text(text));
        let compiler = compiler.unwrap_or_else(|error| panic!("{error}"));
        let cache = Cache::open(cache_folder()).expect("the cache can be opened");
        let host = Host::builder().cache(cache).limits(limits).concurrency(64).compiler(compiler);
        let host = host.build();
        let host = host.expect("the engine starts");
        let bytes = dist().read("quote").unwrap_or_else(|error| panic!("{error}"));
        let good = host.load_bytes("quote", &bytes).unwrap_or_else(|error| panic!("{error}"));
        Self { host, good }
    }

    /// Returns the host, with the plugin's grants.
    fn with_grants(&self, hostile: &Hostile, folders: &Folders) -> Host {
        let grants = hostile.front.grants.iter().fold(Grants::none(), |grants, text| {
            let grant = text.parse().unwrap_or_else(|error| panic!("{error}"));
            grants.with(&grant, &folders.path).unwrap_or_else(|error| panic!("{error}"))
        });
        self.host.with_grants(grants)
    }

    /// Runs the hostile plugin, and checks that the host still works.
    fn suffer(&self, hostile: &Hostile, folders: &Folders) -> Verdict {
        let host = self.with_grants(hostile, folders);
        let verdict = Verdict::of(&host, hostile, &hostile.input(&folders.path));
        let good = self.good.prettify(&["well".to_owned()]);
        assert_eq!(good.expect("the host still works"), "\"well\"");
        verdict
    }
}

/// Returns the outcomes of `hostile` in the host and in the command.
fn outcome(victim: &Victim, hostile: &Hostile) -> (String, String) {
    let folders = Folders::new();
    let verdict = victim.suffer(hostile, &folders);
    let shown = command(hostile, &Folders::new());
    assert_eq!(folders.secret(), "secret");
    assert!(!folders.path("new").exists() && !folders.path("file.txt").exists());
    let text = verdict.text.replace(&*folders.path.to_string_lossy(), "$FOLDER");
    (format!("{}\n{}\n{shown}", verdict.label, stable(&text)), verdict.label)
}

/// Returns the output of the command when a user runs the plugin.
fn command(hostile: &Hostile, folders: &Folders) -> String {
    let component = hostile.component();
    let component = component.to_str().expect("the path is UTF-8");
    let input = hostile.input(&folders.path);
    let prettify = prettify(&input);
    let mut arguments = match hostile.front.call {
        Call::Work if hostile.is_prettify() => {
            let answers = hostile.front.answers.iter().map(String::as_str);
            ["call", component].into_iter().chain(answers).chain([&*prettify]).collect()
        }
        Call::Work => vec!["run", component, "-"],
        Call::Describe => vec!["inspect", component],
        Call::Greet => {
            let person = "let person = person-resource(\"A\", \"B\")";
            vec!["call", component, person, "greet(person)", "drop person"]
        }
    };
    let limits = hostile.front.limits.iter().map(|limit| ["--limit", limit]);
    let grants = hostile.front.grants.iter().map(|grant| ["--grant", grant]);
    let compiler = hostile.front.compiler_limits.iter().map(|limit| ["--compiler-limit", limit]);
    let of_call = hostile.front.call_limits.iter().map(|limit| ["--limit", limit]);
    arguments.extend(limits.chain(grants).chain(compiler).chain(of_call).flatten());
    let mut command = plugwright(&folders.path, arguments);
    let output = Output::of_with_input(&mut command, &input);
    assert_eq!(folders.secret(), "secret");
    let masked =
        |text: &str| stable(&text.replace(&*target_folder("").to_string_lossy(), "$TARGET"));
    let (mut stdout, stderr) = (masked(&output.stdout), masked(&output.stderr));
    if !hostile.front.call_limits.is_empty() {
        // The number of calls depends on the machine.
        let mut lines: Vec<_> = stdout.lines().collect();
        lines
            .dedup_by(|next, before| [&next, &before].iter().all(|it| !it.starts_with(['>', '!'])));
        stdout = lines.iter().map(|line| format!("{line}\n")).collect();
    }
    format!("── command\n{}", Output { stdout, stderr, ..output })
}

/// Returns the call of `prettify` with the words of the input.
fn prettify(input: &[u8]) -> String {
    let words = String::from_utf8_lossy(input);
    let words: Vec<_> = words.split_whitespace().map(|word| format!("{word:?}")).collect();
    format!("prettify([{}])", words.join(", "))
}

/// Removes what depends on the toolchain, and shortens long text in the middle.
fn stable(text: &str) -> String {
    let cut = |line: &str| match line.char_indices().nth(300) {
        Some((at, _)) => format!("{}… {} bytes", &line[..at], line.len()),
        None => line.to_owned(),
    };
    let text = wasi_versions_masked(text);
    let lines: Vec<_> = text
        .lines()
        .filter(|line| {
            let is_frame = line.starts_with("  in ") || line.starts_with("    in ");
            !is_frame && !line.contains("thread '") && !line.contains("note: ")
        })
        .map(cut)
        .collect();
    let lines = match &*lines {
        [first, second, middle @ .., last] if middle.len() > 50 => {
            vec![first.clone(), second.clone(), format!("… {} lines", middle.len()), last.clone()]
        }
        _ => lines,
    };
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// The hosts that the hostile plugins run in, by their limits.
struct Victims(BTreeMap<HostLimits, Victim>);

impl Victims {
    fn of(all: &[Hostile]) -> Self {
        let limits = all.iter().map(Hostile::host_limits);
        Self(limits.map(|limits| (limits.clone(), Victim::with(&limits))).collect())
    }

    /// Runs `work` for each plugin, on several threads, because many plugins run until their deadline. Returns the
    /// results by name, without the plugins for which it failed.
    fn each<R: Send>(
        &self,
        all: &[Hostile],
        work: impl Fn(&Victim, &Hostile) -> R + Sync,
    ) -> BTreeMap<String, R> {
        let (next, done) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while let Some(hostile) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let victim = &self.0[&hostile.host_limits()];
                        let result = catch_unwind(AssertUnwindSafe(|| work(victim, hostile)));
                        let mut done = done.lock().expect("no thread panicked");
                        done.extend(result.ok().map(|result| (hostile.name.clone(), result)));
                    }
                });
            }
        });
        done.into_inner().expect("no thread panicked")
    }
}

#[test]
fn each_plugin_that_means_harm_is_contained() {
    let all = file::all();
    let labels = Victims::of(&all).each(&all, |victim, hostile| {
        let (text, label) = outcome(victim, hostile);
        let settings = snapshots("hostile", Some(&hostile.path));
        settings.bind(|| insta::assert_snapshot!(&*hostile.name, text));
        label
    });
    // Every plugin must be included and end as its file declares, whatever the snapshot says.
    let expected: BTreeMap<_, _> =
        all.iter().map(|it| (it.name.clone(), it.front.expect.clone())).collect();
    assert_eq!(labels, expected);
    assert!(all.len() >= 25, "hostile plugins are missing");
}

#[test]
fn a_plugin_that_does_no_harm_does_not_pass_for_one_that_does() {
    let host = Victim::with(&HostLimits::default()).host;
    let harmless = host.load_any_bytes("harmless", &harmless()).expect("the plugin fits the host");
    // The hostile plugins whose expected outcome a harmless plugin would also have.
    let all = file::all();
    let missed = all.iter().filter(|it| it.front.expect != "done").filter(|hostile| {
        Verdict::of_plugin(&harmless, hostile, b"").label == hostile.front.expect
    });
    assert_eq!(missed.count(), 0);
}

#[test]
fn the_guide_tells_what_comes_of_each() {
    let rows: String = file::all()
        .iter()
        .map(|Hostile { front, .. }| format!("| {} | {} |\n", front.does, words(&front.expect)))
        .collect();
    let page =
        fs::read_to_string(root().join("docs/src/hostile-plugins.md")).expect("the page exists");
    assert!(page.contains(&rows), "docs/src/hostile-plugins.md lacks these rows:\n{rows}");
}

/// Returns the label in the words of the guide.
fn words(label: &str) -> String {
    match label.split_once(' ') {
        Some(("exceeded", limit)) => format!("the limit `{limit}`"),
        Some(("trapped", kind)) => format!("a trap, `{kind}`"),
        Some(("not", reason)) => {
            format!("it is not loaded, `{}`", reason.trim_start_matches("loaded: "))
        }
        _ if label == "done" => "no harm".to_owned(),
        _ => "it refuses".to_owned(),
    }
}

/// Runs in a process of its own, so that other tests do not disturb the measurement.
#[cfg(target_os = "linux")]
#[test]
fn memory_is_given_back() {
    if std::env::var_os(MEASURES).is_some() {
        return measure();
    }
    // The components are made here, not in that process.
    file::all().iter().for_each(|hostile| drop(hostile.component()));
    let mut command =
        Command::new(std::env::current_exe().expect("the path of this program is known"));
    command.args(["--exact", "hostile::memory_is_given_back", "--nocapture"]).env(MEASURES, "yes");
    // With several heaps, the memory that glibc keeps after a release depends on the timing of its threads, and what it
    // keeps for later would hide a leak.
    command.env("MALLOC_ARENA_MAX", "1");
    command.env("MALLOC_MMAP_THRESHOLD_", "65536").env("MALLOC_TRIM_THRESHOLD_", "65536");
    let output = Output::of(&mut command);
    assert_eq!(output.code, Some(0), "{output}");
}

#[cfg(target_os = "linux")]
fn measure() {
    let (mut all, folders) = (file::all(), Folders::new());
    // A plugin that is slow to compile uses memory in another process, and would cost time in each round.
    all.retain(|hostile| hostile.front.compiler_limits.is_empty());
    let victims = Victims::of(&all);
    // Each plugin is loaded once, as in an application. Plugins that fail to load are tried again in each round.
    let loaded = victims
        .each(&all, |victim, hostile| hostile.load(&victim.with_grants(hostile, &folders)).ok());
    let round = || {
        let done = victims.each(&all, |victim, hostile| match &loaded[&hostile.name] {
            Some(plugin) => Verdict::of_plugin(plugin, hostile, &hostile.input(&folders.path)),
            None => victim.suffer(hostile, &folders),
        });
        assert_eq!(done.len(), all.len());
        resident()
    };
    // The first rounds create what is created only once, such as threads and slots for instances. After that, a leak
    // in each round makes the memory grow beyond what they took, and nearly every round needs more than all before it.
    let (mut rounds, mut declines) = (vec![round(), round()], 0);
    let begun = rounds[0].max(rounds[1]);
    while rounds.len() < 30 {
        let (most, next) = (rounds.iter().max().copied(), round());
        rounds.push(next);
        declines += usize::from(Some(next) <= most);
        let grown = next.saturating_sub(begun);
        // After few rounds, a small leak has not added up yet.
        if rounds.len() > 5 && grown <= begun / 20 || declines >= 3 && grown <= begun / 10 {
            return;
        }
    }
    panic!("{rounds:?} bytes after each round");
}

/// Returns the resident memory of this process, in bytes.
#[cfg(target_os = "linux")]
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("`/proc` can be read");
    let line =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the line exists");
    let kibibytes: u64 = line.trim_end_matches("kB").trim().parse().expect("the text is a number");
    kibibytes << 10
}
