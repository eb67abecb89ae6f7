//! A test for each case of each plugin that was built for a released version of the contract, against today's
//! host: `releases/<version>/` has the plugins, under their names and the first digits of their SHA-256, their
//! cases, and what came out of these at that time. No recipe writes that anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use libtest_mimic::Trial;
use plugwright_contract::{AnyPlugin, inspect};
use tests::{Case, cases_in, folder_names, root};

pub(crate) fn trials() -> Vec<Trial> {
    let releases = root().join("tests/releases");
    let mut trials = Vec::new();
    for version in folder_names(&releases) {
        let folder = releases.join(&version);
        let plugins = plugins(&folder.join("plugins"));
        let cases = cases_in(&folder.join("cases"));
        assert!(plugins.keys().all(|plugin| cases.iter().any(|case| case.plugin == *plugin)));
        for case in cases {
            let (plugin, version) = (Arc::clone(&plugins[&case.plugin]), version.clone());
            let outcomes = folder.join("outcomes").join(&case.plugin);
            trials.push(Trial::test(
                format!("release {version}: {}/{}", case.plugin, case.name),
                move || {
                    compare(&case, &version, &plugin, &outcomes.join(format!("{}.txt", case.name)));
                    Ok(())
                },
            ));
        }
    }
    trials
}

/// The plugins in `folder`, by name.
fn plugins(folder: &Path) -> BTreeMap<String, Arc<Vec<u8>>> {
    let files = fs::read_dir(folder).expect("the plugins of a release").flatten();
    let plugin = |file: fs::DirEntry| {
        let path = file.path();
        let (name, digest) = path.file_stem()?.to_str()?.rsplit_once('-')?;
        let bytes = fs::read(&path).expect("it is there");
        let found = inspect(name, &bytes).expect("a component").sha256;
        assert!(found.starts_with(digest), "`{}` has the digest {found}", path.display());
        Some((name.to_owned(), Arc::new(bytes)))
    };
    files.filter_map(plugin).collect()
}

/// Runs the case, and compares what comes out with what came out then.
fn compare(case: &Case, version: &str, bytes: &[u8], outcome: &Path) {
    let plugin = case.load_bytes(bytes);
    assert!(plugin.world().ends_with(&format!("@{version}")), "{}", plugin.world());
    let found = case.run(&plugin);
    let expected = fs::read_to_string(outcome)
        .unwrap_or_else(|error| panic!("`{}`: {error}", outcome.display()));
    assert_eq!(
        found.to_string().trim_end(),
        expected.trim_end(),
        "a plugin that was built for {version} does otherwise than it did then"
    );
    if let AnyPlugin::Streamer(streamer) = &plugin {
        assert_eq!(found, case.run_in_pieces(streamer, 7), "pieces came out otherwise");
    }
}
