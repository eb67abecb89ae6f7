//! Gathers the content of the report.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::anyhow;
use plugwright::{FileKind, ForeignText, HostBuilder, PublicKey};
use plugwright_report::{Measured, Plugin, Report, Times, Unread, conclusion, html, markdown};
use plugwright_test::Project;

use super::Arguments;
use super::facts::{Beside, facts};
use super::folder::Folder;
use super::of_contract::{contracts, package};
use super::seen::{Seen, Unseen};
use super::tested;
use super::told::{self, Places};
use crate::exit::{self, Failed};
use crate::visible::visible;
use crate::watch::say;
use crate::{output, plugin_argument, trust, wit};

/// Benchmark results: 16 MiB at most.
const BENCH: FileKind = FileKind::new("benchmark results", 16 << 20);

pub(crate) fn report(
    arguments: &Arguments,
    of_project: &Path,
    wit: &wit::Options,
    trust: &trust::Options,
    host: impl FnOnce() -> Result<HostBuilder, Failed>,
) -> Result<(), Failed> {
    let to = |path: &'_ Path| (path != Path::new("-")).then(|| path.to_owned());
    let (page, summary) = (to(&arguments.output), arguments.markdown.as_deref().map(to));
    if page.is_none() && summary == Some(None) {
        return Err(exit::usage(anyhow!(
            "the page and the summary cannot both go to standard output: name a file for one of them"
        )));
    }
    if let (Some(page), Some(Some(summary))) = (&page, &summary)
        && output::is_same_place(page, summary)
    {
        return Err(exit::usage(anyhow!(
            "the page and the summary cannot both go to `{}`: name another file for one of them",
            ForeignText::of_path(page)
        )));
    }
    let report = gather(arguments, of_project, wit, trust, host)?;
    // Foreign text is made visible where it enters the report; this covers any that was forgotten.
    let write = |to: Option<&Path>, text: &str| {
        output::write(to, visible(text).as_bytes()).map_err(exit::usage)
    };
    write(page.as_deref(), &html(&report))?;
    summary.map_or(Ok(()), |to| write(to.as_deref(), &markdown(&report)))?;
    if let Some(page) = &page {
        say(&format!("{}: {}", ForeignText::of_path(page), conclusion(&report)));
    }
    Ok(())
}

fn gather(
    Arguments { folder, base, bench, .. }: &Arguments,
    of_project: &Path,
    wit: &wit::Options,
    trust: &trust::Options,
    host: impl FnOnce() -> Result<HostBuilder, Failed>,
) -> Result<Report, Failed> {
    let measured = bench.as_deref().map(measured).transpose()?;
    let folder = Folder::open(folder, wit)?;
    let mut base = base.as_deref().map(|base| Folder::open(base, wit)).transpose()?;
    if let Some(base) = base.as_mut().filter(|base| base.name == folder.name) {
        base.name.push_str(" (base)");
    }
    let keys: Vec<_> = trust.keys()?.into_iter().map(|(_, key)| key).collect();
    let project = tested::project(&folder.path).map_err(exit::usage)?;
    let places = places(&folder, base.as_ref(), of_project, project.as_ref());

    let mut notes = Vec::new();
    let seen: Vec<_> =
        folder.names().into_iter().map(|name| (name, Seen::read(&folder, name, &keys))).collect();
    let packages: BTreeSet<_> = seen
        .iter()
        .filter_map(|(_, seen)| seen.as_ref().ok()?.inspection.contract.as_ref())
        .map(|contract| package(contract.exact()).to_owned())
        .collect();
    let (mut tested, without_cases) = match project {
        None => (
            Default::default(),
            Some("there are none in this folder or in a folder above it".to_owned()),
        ),
        Some(project) => {
            let readable = seen.iter().filter(|(_, seen)| seen.is_ok());
            let plugins = readable.map(|(name, _)| (*name).to_owned()).collect();
            (tested::run(project, plugins, host()?, &places).map_err(exit::load)?, None)
        }
    };
    let mut plugins = Vec::new();
    for (name, seen) in seen {
        let before = base.as_ref().and_then(|base| before(base, name, &keys, &places, &mut notes));
        let facts = match seen {
            Err(Unseen { kind, error }) => {
                Err(Unread { kind, why: places.line(&format!("{error:#}")) })
            }
            Ok(seen) => {
                let tested = tested.remove(name).unwrap_or_default();
                let times = measured.as_ref().and_then(|it| it.of(name)).map(shown);
                let beside = Beside { tested, times };
                Ok(Box::new(facts(&seen, before.as_ref(), &places, beside)))
            }
        };
        let is_new = base.as_ref().is_some_and(|base| !base.has(name));
        plugins.push(Plugin { name: told::text(name), is_new, facts });
    }
    notes.extend(unlisted(&folder));
    if let Some(measured) = &measured
        && !measured.names().any(|name| folder.has(name))
    {
        notes.push(format!("the benchmark results contain no plugin of `{}`", folder.name));
    }
    let contracts = contracts(of_project, &folder.path, &packages, &places);
    let contracts = contracts.unwrap_or_else(|error| {
        notes.push(places.line(&format!("cannot read the contract: {error:#}")));
        Vec::new()
    });
    let gone = base.iter().flat_map(Folder::names).filter(|name| !folder.has(name));
    Ok(Report {
        gone: gone.map(told::text).collect(),
        folder: folder.name.clone(),
        base: base.as_ref().map(|base| base.name.clone()),
        plugins,
        without_cases,
        notes,
        contracts,
    })
}

/// Returns the names that replace the folders of this machine in the report.
fn places(
    folder: &Folder,
    base: Option<&Folder>,
    of_project: &Path,
    project: Option<&Project>,
) -> Places {
    let mut places = Places::default();
    for folder in [Some(folder), base].into_iter().flatten() {
        places.add(&folder.path, &folder.name);
        if let Ok(path) = std::path::absolute(&folder.path) {
            places.add(&path, &folder.name);
        }
    }
    places.add(of_project, &told::name_of_folder(of_project));
    if let Some(project) = project {
        places.add(project.folder(), "");
    }
    places
}

/// Returns the plugin `name` of the base folder, if it exists there and can be read.
fn before(
    base: &Folder,
    name: &str,
    keys: &[PublicKey],
    places: &Places,
    notes: &mut Vec<String>,
) -> Option<Seen> {
    if !base.has(name) {
        return None;
    }
    match Seen::read(base, name, keys) {
        Ok(seen) => Some(seen),
        Err(Unseen { error, .. }) => {
            let name = told::text(name);
            let base = &base.name;
            notes.push(places.line(&format!("`{name}` in `{base}` was not compared: {error:#}")));
            None
        }
    }
}

/// Returns a note for each file among the plugins that `plugins.json` does not list.
fn unlisted(folder: &Folder) -> Vec<String> {
    let files = plugin_argument::files_in(&folder.path).unwrap_or_default();
    let is_listed = |file: &&std::path::PathBuf| {
        folder.names().into_iter().any(|name| folder.dist.path(name) == **file)
    };
    let names = files.iter().filter(|file| !is_listed(file)).filter_map(|file| file.file_name());
    let note = |name| {
        format!(
            "`{}` is in `{}`, but is not listed in `plugins.json`",
            told::name(&ForeignText::of_path(name)),
            folder.name
        )
    };
    names.map(note).collect()
}

/// Returns the times, with the description of the call made safe to show.
fn shown(times: &Times) -> Times {
    Times { work: times.work.as_deref().map(told::text), ..times.clone() }
}

fn measured(path: &Path) -> Result<Measured, Failed> {
    let json = BENCH.read(path).map_err(exit::usage)?;
    Measured::parse(&json).map_err(|error| {
        let (path, error) = (ForeignText::of_path(path), ForeignText::from(error.to_string()));
        exit::usage(anyhow!(
            "`{path}` is not a file of benchmark results: {error}; `just bench plugins` writes such a file"
        ))
    })
}
