//! `plugwright run --watch`: a run, and another one whenever a file of it has changed.

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

/// So long a plugin may be ahead of its manifest: the pipeline writes the manifest when it is done
/// with all plugins.
const UNTIL_MANIFEST: Duration = Duration::from_secs(10);

/// Calls `run` now, and again after every change of the plugins or of `file`. It ends when the user
/// interrupts it, as any program does, or when nobody reads the output any more.
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
    say("runs again at every change; Ctrl-C ends it");
    loop {
        let mut changed = changes.wait();
        // The manifest changes with every plugin in it; only a run that failed can be mended by it, or by
        // a signature.
        changed.retain(|path| failed || files.contains(path));
        if !changed.is_empty() {
            let names: Vec<_> =
                changed.iter().map(|path| ForeignText::of_path(path).to_string()).collect();
            say(&format!("changed: {}", names.join(", ")));
            failed = attempt(&run, &mut changes)?;
        }
    }
}

/// Calls `run`, shows its error, and says whether there was one. What is given back as an error is
/// that nobody reads the output any more.
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
        return Err(anyhow!(
            "`--watch` waits for changes of files, and standard input is none: name a file instead \
             of `-`"
        ));
    }
    if fs::metadata(file).is_ok_and(|it| !it.is_file()) {
        return Err(anyhow!(
            "`--watch` waits for changes of files, and `{}` is none: name a file",
            ForeignText::of_path(file)
        ));
    }
    let same = |one: &Path, other: &Path| match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    };
    match output {
        Some(output) if files.iter().any(|file| same(file, output)) => Err(anyhow!(
            "`{}` is watched, so writing the result to it would never end: name another file for \
             `--output`",
            ForeignText::of_path(output)
        )),
        _ => Ok(()),
    }
}

/// Shows a line to whoever sits at a terminal.
pub(crate) fn say(words: &str) {
    if io::stderr().is_terminal() {
        let dim = Style::new().dimmed();
        show_text(&format!("{dim}{}{dim:#}\n", visible(words)));
    }
}
