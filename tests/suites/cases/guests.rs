//! Tests guests, which are plugins in languages other than Rust. There is a test for each case of the plugin
//! whose results a guest must match. A guest that is not built is reported as skipped.

use std::sync::Arc;

use libtest_mimic::Trial;
use plugwright::Dist;
use plugwright_contract::AnyPlugin;
use plugwright_contract::prelude::*;
use plugwright_test::{Case, Plugins};
use tests::{Guest, cases, forms, guests, guests_dist, host, known, project, transformer};

/// Everything that a guest may import: the contract, and nothing of WASI.
const IMPORTS: &[&str] = &["plugwright:plugin/host@0.2.0"];

pub(crate) fn trials() -> Vec<Trial> {
    let built = guests_dist();
    guests().iter().flat_map(|guest| trials_of(guest, built.as_ref())).collect()
}

fn trials_of(guest: &Guest, built: Option<&Dist>) -> Vec<Trial> {
    let Guest { name, reference, .. } = guest;
    let is_built = |dist: &&Dist| dist.plugins().iter().any(|entry| entry.name == *name);
    let Some(dist) = built.filter(is_built) else {
        // A skipped guest with cases of its own would leave its snapshots without a test, so that fails.
        let has_cases = guest.has_cases();
        let todo = format!("guests/{name}, which `just build-languages {name}` builds");
        let trial = Trial::test(todo, || Err("it is not built, and has cases".into()));
        return vec![trial.with_ignored_flag(!has_cases)];
    };
    let plugins = Arc::new(Plugins::new(dist.clone(), host(), forms()));
    let of_reference = cases().into_iter().filter(|case| case.plugin() == reference);
    let mut trials: Vec<_> = of_reference.map(|case| same(guest, case, &plugins)).collect();
    if !guest.has_cases() {
        let (guest, dist) = (guest.clone(), dist.clone());
        trials.push(Trial::test(format!("guests/{name}/describes itself"), move || {
            describes_itself_as_the_reference(&guest, &dist);
            Ok(())
        }));
    }
    let (name, dist) = (name.clone(), dist.clone());
    trials.push(Trial::test(format!("guests/{name}/imports"), move || {
        imports_the_contract_alone(&name, &dist);
        Ok(())
    }));
    trials
}

/// Checks that the guest's outcome is the known outcome of its reference. A guest without a reference has
/// snapshots of its own.
fn same(guest: &Guest, case: Case, plugins: &Arc<Plugins>) -> Trial {
    let (Guest { name, reference, .. }, plugins) = (guest.clone(), Arc::clone(plugins));
    Trial::test(format!("guests/{name}/{}", case.name()), move || {
        let loaded = plugins.subject(&name)?.load(&case)?;
        let outcome = loaded.run()?;
        assert_eq!(outcome, loaded.run()?, "the second run has another outcome than the first");
        if name == reference {
            let (case_name, input, text) = (case.name(), case.input(), outcome.to_string());
            return Ok(project().snapshot(&name, case_name, Some(&input), &text)?);
        }
        let (outcome, snapshot) = (outcome.to_string(), known(&case));
        assert!(
            outcome.trim_end() == snapshot.trim_end(),
            "the outcomes of `{name}` and `{reference}` differ:\n{outcome}\nthe snapshot is:\n{snapshot}"
        );
        Ok(())
    })
}

fn describes_itself_as_the_reference(guest: &Guest, dist: &Dist) {
    let AnyPlugin::Transformer(plugin) = tests::load(dist, &guest.name).expect("the plugin loads")
    else {
        panic!("`{}` is not of the world `transformer`", guest.name);
    };
    let description = plugin.describe().expect("the plugin describes itself");
    let reference = transformer(&guest.reference).describe().expect("the plugin describes itself");
    assert_eq!(description, reference);
}

fn imports_the_contract_alone(name: &str, dist: &Dist) {
    let entry =
        dist.plugins().iter().find(|entry| entry.name == name).expect("the plugin was built");
    assert_eq!(entry.imports, IMPORTS);
}
