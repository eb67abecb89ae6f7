//! `just bench plugins`: each plugin beside the program that people would run instead, a process each, on the same
//! file. Without a program, a row has no ratio.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, io};

use benches::work::{self, WORK, Work};
use benches::{cells, host, number, ratio, shown, table};
use plugwright::Limits;

/// The first argument of the process that runs a plugin. A plugin, a file and options follow.
const RUN: &str = "--run-plugin";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, name, file, options @ ..] = &*arguments
        && first == RUN
    {
        // The command is not optimised where it is built for development.
        let (host, mut output) = (host(Limits::default()), io::stdout().lock());
        return work::run(&host, name, Path::new(file), options, &mut output);
    }
    table(&["plugin", "input", "time", "per second", "program", "× program"]);
    let filters: Vec<_> = arguments.iter().filter(|it| !it.starts_with('-')).collect();
    let is_shown =
        |work: &&Work| filters.is_empty() || filters.iter().any(|it| work.plugin == **it);
    WORK.iter().filter(is_shown).for_each(measure);
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

/// How long the program takes, if it is installed.
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
