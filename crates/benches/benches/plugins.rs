//! `just bench plugins`: compares each plugin with the program that people would run instead. Each runs in its own
//! process, on the same file. Without a program, a row has no ratio. The times to compile, load and call each plugin
//! also go into a file for `plugwright report`. They are measured with the plugin's first input.

#![expect(clippy::print_stdout, reason = "a program that shows a table")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, io};

use benches::work::{self, WORK, Work};
use benches::{cells, first, host, keep, number, of, ratio, shown, table};
use plugwright::{Cache, Host, Limits};
use plugwright_report::{Measured, Times};

/// The first argument of the process that runs a plugin. A plugin, a file and options follow.
const RUN: &str = "--run-plugin";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, name, file, options @ ..] = &*arguments
        && first == RUN
    {
        // This runs in the benchmark's own process, because the command may be built without optimisation.
        let (host, mut output) = (host(Limits::default()), io::stdout().lock());
        return work::run(&host, name, Path::new(file), options, &mut output);
    }
    table(&["plugin", "input", "time", "per second", "program", "× program"]);
    let filters: Vec<_> = arguments.iter().filter(|it| !it.starts_with('-')).collect();
    let is_shown =
        |work: &&Work| filters.is_empty() || filters.iter().any(|it| work.plugin == **it);
    WORK.iter().filter(is_shown).for_each(measure);
    let dist = tests::dist();
    let names = dist.plugins().iter().map(|entry| &*entry.name);
    let wanted = names.filter(|name| filters.is_empty() || filters.iter().any(|it| it == name));
    let measured = wanted.map(|name| (name.to_owned(), times(name)));
    let plugins: BTreeMap<_, _> = measured.collect();
    let file = keep(&Measured::new(plugins));
    println!(
        "\n`plugwright report --bench {}` shows the times to compile, load and call the plugins.",
        file.display()
    );
}

/// Measures the times to compile the plugin, to load it from the cache, and to call it if there is an input for it.
/// Each time is the best of three.
fn times(name: &str) -> Times {
    let folder = tempfile::tempdir().expect("a folder");
    let uncached = Host::builder().no_cache().build().expect("an engine");
    let cache = Cache::open(folder.path().join("cache")).unwrap_or_else(|error| panic!("{error}"));
    let host = Host::builder().cache(cache.clone()).build().expect("an engine");
    let plugin = work::load(&host, name);
    let call = |work: &Work| {
        let file = folder.path().join(work.file);
        fs::write(&file, (work.body)()).expect("a file");
        let options: Vec<String> = work.options.iter().map(|it| (*it).to_owned()).collect();
        best(of(|| work::call(&plugin, &file, &options, &mut io::sink())))
    };
    let work = WORK.iter().find(|work| work.plugin == name);
    Times {
        compile: best(of(|| drop(work::load(&uncached, name)))),
        load: best(|| first(&cache, |host| work::load(host, name))),
        call: work.map(call),
        work: work.map(|work| work.what.to_owned()),
    }
}

/// Returns the best of three times, in nanoseconds.
fn best(time: impl Fn() -> Duration) -> u64 {
    let best = (0..3).map(|_| time()).min().expect("three");
    u64::try_from(best.as_nanos()).expect("it is shorter than centuries")
}

fn measure(work: &Work) {
    let folder = tempfile::tempdir().expect("a folder");
    let body = (work.body)();
    fs::write(folder.path().join(work.file), &body).expect("a file");
    let plugin = || {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args([RUN, work.plugin, work.file]).args(work.options);
        time(command.current_dir(&folder)).expect("the plugin runs")
    };
    let program = || {
        let (program, arguments) = work.program.split_first()?;
        let mut command = Command::new(program);
        command.args(arguments).arg(work.file);
        time(command.current_dir(&folder))
    };
    plugin();
    let best = (0..3).map(|_| plugin()).min().expect("three");
    let name = work.program.first().map_or_else(String::new, |name| format!("`{name}`"));
    let times = match program() {
        Some(_) => number(ratio(plugin, || program().expect("it ran before"))),
        None if name.is_empty() => String::new(),
        None => "not installed".to_owned(),
    };
    let speed = body.len() as f64 / best.as_secs_f64() / 1e6;
    cells(&[
        &format!("`{}`", work.plugin),
        work.what,
        &shown(best),
        &format!("{} MB", number(speed)),
        &name,
        &times,
    ]);
}

/// Returns how long the program takes, or `None` if it is not installed.
fn time(command: &mut Command) -> Option<Duration> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begin = Instant::now();
    let status = match command.status() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        status => status.unwrap_or_else(|error| panic!("{command:?}: {error}")),
    };
    assert!(status.success(), "{command:?}: {status}");
    Some(begin.elapsed())
}
