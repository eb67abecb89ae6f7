//! `plugwright run --watch`: runs, and runs again whenever one of the files changes.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anstyle::Style;
use anyhow::anyhow;
use plugwright::{FileWatch, ForeignText};

use crate::exit::{self, Failed};
use crate::log::show_text;
use crate::plugin_argument;
use crate::visible::visible;

/// How long a plugin may be newer than the list of plugins, which the pipeline writes after all plugins.
const UNTIL_MANIFEST: Duration = Duration::from_secs(10);

/// Calls `run` now, and again after every change of the plugins or of `file`. Ends when the user interrupts the
/// process, or when the reader of the output has gone.
pub(crate) fn watch(
    plugins: &[&OsStr],
    file: &Path,
    output: Option<&Path>,
    dist: &Path,
    run: impl Fn() -> Result<(), Failed>,
) -> Result<(), Failed> {
    let (mut files, others): (Vec<_>, Vec<_>) =
        plugins.iter().map(|plugin| plugin_argument::files(plugin, dist)).unzip();
    files.push(file.to_owned());
    refuse(file, output, &files).map_err(exit::usage)?;
    let mut changes = FileWatch::new(files.iter().chain(others.iter().flatten()));
    let mut failed = attempt(&run, &mut changes)?;
    say("watching for changes; press Ctrl-C to stop");
    loop {
        let mut changed = changes.wait();
        // The list of plugins changes with every plugin in it. A new list or signature only matters after a failed run.
        changed.retain(|path| failed || files.contains(path));
        if !changed.is_empty() {
            let names: Vec<_> =
                changed.iter().map(|path| ForeignText::of_path(path).to_string()).collect();
            say(&format!("changed: {}", names.join(", ")));
            failed = attempt(&run, &mut changes)?;
        }
    }
}

/// Calls `run`, shows its error, and returns whether there was one. Fails only if the reader of the output has gone.
fn attempt(run: impl Fn() -> Result<(), Failed>, changes: &mut FileWatch) -> Result<bool, Failed> {
    let mut done = run();
    while done.as_ref().is_err_and(Failed::is_changed_plugin)
        && !changes.wait_for(UNTIL_MANIFEST).is_empty()
    {
        done = run();
    }
    match done {
        Ok(()) => Ok(false),
        Err(failed) if failed.is_unread() => Err(failed),
        Err(failed) => {
            exit::show(&failed);
            Ok(true)
        }
    }
}

/// Refuses what cannot be watched.
fn refuse(file: &Path, output: Option<&Path>, files: &[PathBuf]) -> anyhow::Result<()> {
    if file.as_os_str() == "-" {
        return Err(anyhow!("`--watch` cannot watch standard input: name a file instead of `-`"));
    }
    if fs::metadata(file).is_ok_and(|it| !it.is_file()) {
        return Err(anyhow!(
            "`--watch` cannot watch `{}`, which is not a file: name a file",
            ForeignText::of_path(file)
        ));
    }
    let same = |one: &Path, other: &Path| match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    };
    match output {
        Some(output) if files.iter().any(|file| same(file, output)) => Err(anyhow!(
            "`{}` is watched, and writing the result to it would cause endless runs: name another file \
             for `--output`",
            ForeignText::of_path(output)
        )),
        _ => Ok(()),
    }
}

/// Shows a line if standard error is a terminal.
pub(crate) fn say(words: &str) {
    if io::stderr().is_terminal() {
        let dim = Style::new().dimmed();
        show_text(&format!("{dim}{}{dim:#}\n", visible(words)));
    }
}
