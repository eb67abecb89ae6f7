//! `plugwright test`: tests plugins with their cases, and reviews the snapshots that changed.

use std::any::Any;
use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal as _, Write as _};
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fmt, fs};

use crate::review::{Answer, ask_each};
use anyhow::{Context as _, anyhow};
use clap::Args;
use plugwright::{Dist, DistError, FileKind, ForeignText, HostBuilder, likest};
use plugwright_test::{Change, Project, ProjectError, Telling, Told, Update};

use crate::exit::{self, Failed};
use crate::progress::{Progress, Unit};
use crate::tested::runner;
use crate::{begun, output, progress};

#[derive(Debug, Args)]
#[command(after_help = "\
Cases are files in tests/cases/PLUGIN/, in this folder or a folder above it:
  NAME.calls   statements as for `plugwright call`: calls of the plugin, and answers to its imports; imports of
               the built-in contract of documents are answered by the host unless the file answers them
  NAME.case    a TOML file that names another file as its `input`, and adds grants, limits and expectations
  others       documents, for plugins that transform documents
The results are kept as snapshots in tests/snapshots/PLUGIN/, to be reviewed and committed to git.")]
pub(crate) struct Arguments {
    /// The plugins to test, by their names in the folder of built plugins [default: all plugins]
    #[arg(value_name = "PLUGIN")]
    plugins: Vec<String>,

    /// Shows each changed snapshot and asks whether to accept it, with cargo-insta if that is installed and the project
    /// has a cargo package
    #[arg(long, conflicts_with = "bless")]
    review: bool,

    /// Accepts all changed snapshots, removes those that no test uses, and lists both
    #[arg(long)]
    bless: bool,
}

impl Arguments {
    fn update(&self) -> Update {
        match (self.review, self.bless) {
            (true, _) => Update::Propose,
            (_, true) => Update::Accept,
            _ => Update::Nothing,
        }
    }

    /// Refuses to update snapshots where nobody sees the changes.
    fn refuse_unseen(&self) -> Result<(), Failed> {
        let flag = if self.bless { "--bless" } else { "--review" };
        if self.update() == Update::Nothing {
            return Ok(());
        }
        if is_ci() {
            return Err(exit::usage(anyhow!(
                "`CI` is set, where nobody would review the accepted snapshots: leave out `{flag}`, or run it outside CI"
            )));
        }
        if self.review && !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
            return Err(exit::usage(anyhow!(
                "`--review` asks questions and needs a terminal: use `--bless` to accept all changes without questions"
            )));
        }
        Ok(())
    }
}

pub(crate) fn test(
    arguments: &Arguments,
    dist: &Path,
    host: impl FnOnce() -> Result<HostBuilder, Failed>,
) -> Result<(), Failed> {
    arguments.refuse_unseen()?;
    let project = Project::find().map_err(of_project)?;
    let project = with_dist(project, dist)?;
    let host = host()?.limits(project.limits()).build().map_err(exit::load)?;
    let runner = runner(project.clone(), host).map_err(of_project)?;
    let runner = match &*arguments.plugins {
        [] => runner,
        plugins => {
            plugins.iter().try_for_each(|name| known(name, runner.dist(), &project))?;
            runner.only(plugins.to_vec())
        }
    };
    let tests = runner.telling(arguments.update()).map_err(of_project)?;
    let _proposed = match arguments.update() {
        Update::Nothing => Vec::new(),
        Update::Propose | Update::Accept => begun::by_others(tests.proposed()),
    };
    let told = unless_unread(|| run(tests))?.map_err(of_project)?;
    let open = match arguments.update() {
        Update::Nothing => told.changes.len(),
        Update::Propose => review(&project, &told)?,
        Update::Accept => bless(&project, &told)?,
    };
    ended(&told, arguments.update(), open)
}

/// Runs the tests. On a terminal, a line below their output shows how many have ended, at which rate, and the time
/// left.
fn run(tests: Telling) -> Result<Told, ProjectError> {
    if !progress::is_shown() {
        return tests.run();
    }
    let all = tests.count();
    let mut progress = Some(Progress::of(all, Unit::Tests));
    let mut stdout = anstream::stdout();
    tests.run_showing(|line, ended| {
        if let Some(progress) = &progress {
            progress.advance_to(ended);
        }
        if ended == all {
            // Only the output of failed tests and the summary follow.
            progress = None;
        }
        progress::above(|| stdout.write_all(line).and_then(|()| stdout.flush()))
    })
}

/// Runs tests, which panic if the reader of standard output has gone. Turns that panic into a failure of the command.
fn unless_unread<R>(run: impl FnOnce() -> R) -> Result<R, Failed> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |panicked| {
        if !is_unread(panicked.payload()) {
            hook(panicked);
        }
    }));
    panic::catch_unwind(AssertUnwindSafe(run)).map_err(|panicked| {
        if !is_unread(&*panicked) {
            panic::resume_unwind(panicked);
        }
        exit::failed(anyhow!("standard output was closed before all tests ended"))
    })
}

/// Returns whether a panic is that of writing to a closed pipe. Only its text tells.
fn is_unread(panicked: &(dyn Any + Send)) -> bool {
    panicked.downcast_ref::<String>().is_some_and(|text| text.contains("kind: BrokenPipe"))
}

/// Returns the project with its plugins in `dist`, which is relative to the project's folder unless the user named it.
fn with_dist(project: Project, dist: &Path) -> Result<Project, Failed> {
    let current = env::current_dir().context("cannot find the current folder");
    let is_here = current.map_err(exit::usage)? == project.folder();
    let is_named = is_here || dist != Path::new("dist");
    let dist = if is_named { dist.to_owned() } else { project.folder().join(dist) };
    Ok(project.with_dist(dist))
}

/// Refuses a plugin that does not exist.
fn known(name: &str, dist: &Dist, project: &Project) -> Result<(), Failed> {
    // File names are foreign text.
    let shown = |name: &str| format!("`{:.100}`", ForeignText::from(name));
    let names: Vec<_> = dist.plugins().iter().map(|entry| &*entry.name).collect();
    if names.contains(&name) {
        return Ok(());
    }
    let likest = likest(name, names.iter().copied());
    let meant = likest.map_or(String::new(), |it| format!(": did you mean {}?", shown(&it)));
    let all = names.iter().map(|name| shown(name)).collect::<Vec<_>>();
    let all = if all.is_empty() { "no plugins".to_owned() } else { all.join(", ") };
    let folder = ForeignText::of_path(project.dist_folder());
    let name = ForeignText::from(name);
    Err(exit::load(anyhow!("there is no plugin `{name}` in `{folder}`, which has {all}{meant}")))
}

/// A Cargo manifest: 1 MiB at most.
const MANIFEST: FileKind = FileKind::new("Cargo manifest", 1 << 20);
/// Reviews the changes with the user at the terminal, and returns how many were not accepted.
fn review(project: &Project, told: &Told) -> Result<usize, Failed> {
    let Told { changes, unwritten, .. } = told;
    if changes.is_empty() {
        if *unwritten == 0 {
            output::tell("nothing to review: no snapshot changed\n").map_err(exit::usage)?;
        }
    } else if let Some((program, manifest)) = cargo_insta(project) {
        // `--snapshot` restricts the review to this run: other tests may have proposed snapshots, too.
        let mut command = Command::new(program);
        command.arg("review").arg("--manifest-path").arg(manifest);
        // The proposed snapshots are beside the accepted ones, whatever the environment says.
        command.env("INSTA_WORKSPACE_ROOT", project.folder()).env_remove("INSTA_PENDING_DIR");
        for change in changes {
            command.arg("--snapshot").arg(change.path());
        }
        command.status().context("cannot start `cargo-insta`").map_err(exit::usage)?;
    } else {
        let asked = ask_each(
            changes,
            &mut io::stdin().lock(),
            &mut anstream::stdout(),
            |change, answer| match answer {
                Answer::Accept => accept(change),
                Answer::Reject => withdraw(change),
                Answer::Skip => Ok(()),
            },
        );
        asked.map_err(exit::usage)?;
    }
    Ok(changes.iter().filter(|change| !change.is_accepted()).count())
}

/// Accepts all changes, removes snapshots that no test uses, and lists both. Returns how many were not accepted.
fn bless(project: &Project, told: &Told) -> Result<usize, Failed> {
    let Told { changes, unwritten, unused, .. } = told;
    let mut list = String::new();
    for change in changes {
        accept(change).map_err(exit::usage)?;
        let what = if change.is_new() { "new" } else { "changed" };
        list += &format!("accepted `{}` ({what})\n", ForeignText::of_path(change.path()));
    }
    for path in unused {
        let name = ForeignText::of_path(path);
        let removed = fs::remove_file(project.folder().join(path));
        removed.with_context(|| format!("cannot remove `{name}`")).map_err(exit::usage)?;
        list += &format!("removed `{name}` (no test uses it)\n");
    }
    if list.is_empty() && *unwritten == 0 {
        list += "nothing to accept: no snapshot changed\n";
    }
    output::tell(&list).map_err(exit::usage)?;
    Ok(0)
}

fn accept(change: &Change) -> anyhow::Result<()> {
    output::write_beside(&change.file(), change.accepted_text().as_bytes())?;
    withdraw(change)
}

fn withdraw(change: &Change) -> anyhow::Result<()> {
    let proposed = change.proposed();
    let cannot = || format!("cannot remove `{}`", ForeignText::of_path(&proposed));
    change.withdraw().with_context(cannot)
}

/// Returns the result of the run, where `open` snapshots differ from the output, and says what to run next.
fn ended(told: &Told, update: Update, open: usize) -> Result<(), Failed> {
    let typed = Typed::of(env::args_os().skip(1));
    let unused = if update == Update::Accept { 0 } else { told.unused.len() };
    let count = |count: usize| {
        if count == 1 { "a snapshot".to_owned() } else { format!("{count} snapshots") }
    };
    let mut ends = Vec::new();
    if told.conclusion.has_failed() {
        let failed = told.conclusion.num_failed;
        ends.push(format!("{failed} of {} tests failed", failed + told.conclusion.num_passed));
    }
    if unused > 0 {
        ends.push(format!("{} without a test: remove with `{typed} --bless`", count(unused)));
    }
    if told.unwritten > 0 {
        let what = count(told.unwritten);
        ends.push(format!("{what} that cannot be written: see the failed tests"));
    }
    if open > 0 {
        let next = match update {
            // The review is just over.
            Update::Propose => " and not accepted".to_owned(),
            _ => format!(
                ": `{typed} --review` shows each outcome and asks, `{typed} --bless` accepts all, traps included"
            ),
        };
        let is_new = |change: &&Change| change.is_new() && !change.is_accepted();
        let new = told.changes.iter().filter(is_new).count();
        let cases = if new == 1 { "a case".to_owned() } else { format!("{new} cases") };
        let what = match open.saturating_sub(new) {
            0 => format!("{cases} without a snapshot"),
            old if new == 0 => format!("{} out of date", count(old)),
            old => format!("{} out of date, and {cases} without one", count(old)),
        };
        ends.push(format!("{what}{next}"));
    }
    if ends.is_empty() { Ok(()) } else { Err(exit::failed(anyhow!("{}", ends.join("; ")))) }
}

/// The command line as the user typed it, without `--review` and `--bless`, if it can be typed again without quotes.
struct Typed(String);

impl Typed {
    fn of(arguments: impl Iterator<Item = OsString>) -> Self {
        let is_update = |it: &OsStr| it == "--review" || it == "--bless";
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
        let plain = |it: OsString| it.into_string().ok().filter(|it| it.chars().all(is_plain));
        let words: Option<Vec<_>> = arguments.filter(|it| !is_update(it)).map(plain).collect();
        Self(words.map_or_else(|| "test".to_owned(), |words| words.join(" ")))
    }
}

impl fmt::Display for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "plugwright {}", self.0)
    }
}

/// Returns cargo-insta, if it is installed, and the manifest of the cargo package that contains the snapshots, if there
/// is one. cargo-insta finds no other snapshots.
fn cargo_insta(project: &Project) -> Option<(PathBuf, PathBuf)> {
    let folders = env::var_os("PATH").unwrap_or_default();
    let mut programs = env::split_paths(&folders).map(|folder| folder.join("cargo-insta"));
    let program = programs.find(|program| program.is_file())?;
    let snapshots = project.folder().join("tests/snapshots");
    let mut manifests = snapshots.ancestors().map(|folder| folder.join("Cargo.toml"));
    let manifest = manifests.find(|manifest| manifest.is_file())?;
    // The manifest can be that of a workspace without a package.
    let text = MANIFEST.read_text(&manifest).ok()?;
    let is_package = text.lines().any(|line| line.trim() == "[package]");
    is_package.then_some((program, manifest))
}

/// Returns whether this is a CI machine, by the rules of insta.
fn is_ci() -> bool {
    match env::var("CI").ok().as_deref() {
        None => env::var_os("TF_BUILD").is_some(),
        Some(value) => !["", "0", "false"].contains(&value),
    }
}

fn of_project(error: ProjectError) -> Failed {
    match error {
        // The message of this error already says what to run.
        ProjectError::Dist { error: DistError::Missing { .. } | DistError::NoFolder { .. } } => {
            exit::file(anyhow!("{error}"))
        }
        ProjectError::Dist { .. } | ProjectError::Host(_) => exit::load(anyhow!("{error}")),
        other => exit::usage(other),
    }
}
