//! The exceptions in `exceptions.toml`. Each must really have another outcome in the other engine.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};
use std::{fs, iter};

use libtest_mimic::{Failed, Trial};
use plugwright::Dist;
use plugwright_engines::{Engine as _, Folders};
use plugwright_test::{Case, Trace};
use serde::Deserialize;
use tests::{around, cases, dist, host};

use crate::traced::{Plugin, whole_of_nothing};
use crate::{PATIENCE, start, ways};

/// How long an exception may run. Another outcome can be that the case does not end.
const TO_DIFFER: Duration = Duration::from_secs(10);

/// The list, and the exceptions for which there is a case.
pub(crate) struct Exceptions {
    all: Vec<Exception>,
    used: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    exception: Vec<Exception>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    /// The names of the plugin and of the case.
    case: String,
    why: String,
}

impl Exceptions {
    pub(crate) fn read() -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("exceptions.toml");
        let text = fs::read_to_string(file).expect("exceptions.toml");
        let List { exception: all } = toml::from_str(&text).expect("exceptions.toml");
        for Exception { case, why } in &all {
            assert!(!why.is_empty(), "exceptions.toml: `{case}` has no reason");
        }
        Self { all, used: BTreeSet::new() }
    }

    /// Returns whether one of these names is an exception.
    pub(crate) fn have(&mut self, names: &[&str]) -> bool {
        let found = self.all.iter().find(|it| names.contains(&&*it.case));
        self.used.extend(found.map(|it| it.case.clone()));
        found.is_some()
    }

    /// Checks that there was a case for each exception.
    pub(crate) fn all_are_used(&self) {
        for Exception { case, .. } in &self.all {
            assert!(self.used.contains(case), "exceptions.toml: there is no case `{case}`");
        }
    }
}

/// Fails if the case has the same outcome in the other engine after all. It gets its own engine, which may have to be
/// killed.
pub(crate) fn differs(case: &Case, dist: &Dist, plugin: &str) -> Result<(), Failed> {
    let bytes = dist.read(plugin)?;
    let (ways, folders) = ways(&Plugin::of(&bytes, &host()), case, &bytes)?;
    let mut node = start(&dist.path(plugin))?;
    // The time to translate and load the component must not count as time of the case.
    node.replay(&Trace::default(), &Folders::new(), PATIENCE)?;
    match ways.iter().any(|way| node.replay(&way.trace, &folders, TO_DIFFER).is_err()) {
        true => Ok(()),
        false => Err("it is the same: take it out of exceptions.toml".into()),
    }
}

/// Returns a test that finds an unnecessary exception, and a test that ends a plugin that does not end.
pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    let needless = Trial::test("exceptions/one-that-need-not-be-is-an-error", || {
        let case = cases().into_iter().find(|it| it.plugin() == "count").expect("a case");
        let told = differs(&case, &dist(), "count").expect_err("it is the same");
        let said = told.message().unwrap_or_default();
        assert!(said.contains("take it out of exceptions.toml"), "{said}");
        Ok(())
    });
    let endless = Trial::test("exceptions/what-does-not-end-is-ended", is_ended);
    iter::once(needless).chain([endless])
}

fn is_ended() -> Result<(), Failed> {
    let trace = Plugin::of(&around(&core("unreachable"), "transformer"), &host())
        .run(&whole_of_nothing())?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("endless.wasm");
    fs::write(&file, around(&core("(loop $again (br $again)) unreachable"), "transformer"))?;
    let mut node = start(&file)?;
    node.replay(&Trace::default(), &Folders::new(), PATIENCE)?;
    let (begin, patience) = (Instant::now(), Duration::from_secs(1));
    let told = node.replay(&trace, &Folders::new(), patience);
    assert_eq!(told, Err("it has not ended after 1 s".to_owned()));
    assert!(begin.elapsed() < Duration::from_secs(10) && node.has_ended());
    // A replay in an ended process fails at once.
    assert_eq!(node.replay(&trace, &Folders::new(), PATIENCE), Err("Node has ended before".into()));
    Ok(())
}

/// A plugin that runs this code for every document.
fn core(does: &str) -> String {
    format!(
        r#"(module
          (memory (export "memory") 1)
          (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
          (func (export "plugwright:plugin/transform@0.2.0#describe") (result i32) unreachable)
          (func (export "plugwright:plugin/transform@0.2.0#transform")
            (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) {does}))"#
    )
}
