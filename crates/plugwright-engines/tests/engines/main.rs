//! Runs all cases of all built plugins in Node, or some cases of each plugin in Chromium. The run of each case in
//! wasmtime is replayed there and compared value by value. `exceptions.toml` lists the cases with another outcome, with
//! reasons.

mod exceptions;
mod faults;
mod traced;
mod written;

use std::collections::BTreeSet;
use std::env;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use plugwright::Dist;
use plugwright_engines::{Driven, Engine as _, Folders};
use plugwright_test::Case;
use tests::{cases, cases_in, dist, dist_folder, guests, guests_dist, host, root, target_folder};

use crate::exceptions::Exceptions;
use crate::traced::{Plugin, Way, granted};

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Each plugin has a Node process, which also needs a part of the machine.
    arguments.test_threads.get_or_insert(2);
    libtest_mimic::run(&arguments, trials()).exit_code()
}

/// How many cases of each plugin a browser runs.
const IN_BROWSER: usize = 5;

/// How long the other engine may take for a case, including the time to translate the plugin before.
const PATIENCE: Duration = Duration::from_mins(5);

/// A plugin in both engines, started when it is first needed.
type Both = Mutex<Option<(Plugin, Driven)>>;

/// A plugin with its cases.
struct Subject {
    /// The plugin's name in tests.
    name: String,
    /// The folder of the plugin, and its name there.
    dist: Dist,
    plugin: String,
    cases: Vec<Case>,
}

/// Returns all built plugins: of this project's contract, in each language, and of other contracts.
fn subjects() -> Vec<Subject> {
    let subject = |dist: &Dist, prefix: &str, plugin: &str, all: &[Case], of: &str| Subject {
        name: format!("{prefix}{plugin}"),
        dist: dist.clone(),
        plugin: plugin.to_owned(),
        cases: all.iter().filter(|case| case.plugin() == of).cloned().collect(),
    };
    let own = cases();
    let mut subjects = Vec::new();
    let built = dist();
    for entry in built.plugins() {
        subjects.push(subject(&built, "", &entry.name, &own, &entry.name));
    }
    if let Some(built) = guests_dist() {
        for guest in guests() {
            if built.plugins().iter().any(|entry| entry.name == guest.name) {
                subjects.push(subject(&built, "languages/", &guest.name, &own, &guest.reference));
            }
        }
    }
    let examples = cases_in(&root().join("examples/own-contract/tests/cases"));
    let built = Dist::open(dist_folder().join("examples")).expect("it is built");
    for entry in built.plugins() {
        subjects.push(subject(&built, "examples/", &entry.name, &examples, &entry.name));
    }
    subjects
}

fn trials() -> Vec<Trial> {
    let mut exceptions = Exceptions::read();
    let mut trials = Vec::new();
    for Subject { name: subject, dist, plugin, cases } in subjects() {
        let both = Arc::new(Mutex::new(None));
        // A page cannot access folders of this machine.
        let in_browser = cases.iter().filter(|case| case.grants().is_empty()).take(IN_BROWSER);
        let in_browser: BTreeSet<_> = in_browser.map(|case| case.name().to_owned()).collect();
        for case in cases {
            if self::in_browser() && !in_browser.contains(case.name()) {
                continue;
            }
            let name = format!("{subject}/{}", case.name());
            // An exception for the plugin in Rust holds for all languages.
            let of = format!("{}/{}", case.plugin(), case.name());
            let is_excepted = exceptions.have(&[&of, &name]);
            let (both, dist, plugin) = (Arc::clone(&both), dist.clone(), plugin.clone());
            trials.push(Trial::test(name, move || match is_excepted {
                true => exceptions::differs(&case, &dist, &plugin),
                false => same(&case, &dist, &plugin, &both),
            }));
        }
    }
    // A browser does not run all cases.
    if !in_browser() {
        exceptions.all_are_used();
    }
    trials.extend(exceptions::trials());
    trials.extend(faults::trials());
    trials.extend(written::trials());
    trials
}

fn same(case: &Case, dist: &Dist, plugin: &str, both: &Both) -> Result<(), Failed> {
    let bytes = dist.read(plugin)?;
    let mut both = both.lock().unwrap_or_else(PoisonError::into_inner);
    if both.is_none() {
        let loaded = Plugin::of(&bytes, &host());
        let node = start(&dist.path(plugin))?;
        *both = Some((loaded, node));
    }
    let (loaded, node) = both.as_mut().expect("it was just made");
    let (ways, folders) = ways(loaded, case, &bytes)?;
    for way in ways {
        let name = way.name.clone();
        let replayed = node.replay(&way.expected()?, &folders, PATIENCE);
        if let Err(difference) = replayed {
            // The other cases must not fail because of this one.
            if node.has_ended() {
                *both = None;
            }
            return Err(format!("{name}: {difference}").into());
        }
    }
    Ok(())
}

/// Returns what wasmtime does for the case, and the folders that the case grants.
fn ways(loaded: &Plugin, case: &Case, bytes: &[u8]) -> Result<(Vec<Way>, Folders), String> {
    match granted(case) {
        None => Ok((loaded.traces(case, bytes)?, Folders::new())),
        Some((grants, folders)) => {
            let host = host().with_grants(grants);
            Ok((Plugin::of(bytes, &host).traces(case, bytes)?, folders))
        }
    }
}

/// Starts the other engine with the component: Node, or Chromium if the environment asks for it.
fn start(component: &Path) -> Result<Driven, Failed> {
    let folder = target_folder("jco");
    assert!(folder.join("node.mjs").is_file(), "jco is missing: run `just engines`");
    let driven = if in_browser() { Driven::browser } else { Driven::node };
    Ok(driven(&folder, component)
        .map_err(|error| format!("`node`: {error}: run `apt-get install nodejs npm`"))?)
}

/// Returns whether the other engine is a browser.
fn in_browser() -> bool {
    env::var_os("PLUGWRIGHT_ENGINE").is_some_and(|it| it == "browser")
}
