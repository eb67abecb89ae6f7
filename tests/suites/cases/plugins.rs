//! A test for each file in `cases/`, against the plugins in `dist/` and against the same plugins built
//! by plain cargo; and one for each plugin's WIT. A streamer runs each of its cases in pieces too.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use libtest_mimic::Trial;
use plugwright::{Dist, RequestedGrant};
use plugwright_contract::AnyPlugin;
use tests::{
    Case, Output, cases, dist, dist_folder, just, manifest, plugin_crates, program, root,
    snapshots, target_folder, wasi_versions_masked,
};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = case_trials("", dist);
    for entry in dist().plugins() {
        let name = entry.name.clone();
        trials.push(Trial::test(format!("{name}/wit"), move || {
            snapshot(&name, "wit", None, &wit(&name));
            Ok(())
        }));
    }
    trials.extend(dist().plugins().iter().flat_map(|entry| denied_trials(&entry.name)));
    trials.extend(case_trials("plain cargo: ", built_by_plain_cargo));
    trials
}

/// A trial for each grant that the plugin asks for: what becomes of the first of its cases that comes out
/// otherwise when the grant is denied.
fn denied_trials(plugin: &str) -> Vec<Trial> {
    let trial = |request: RequestedGrant| {
        let plugin = plugin.to_owned();
        let without = format!("without {request}");
        Trial::test(format!("{plugin}/{without}"), move || {
            let of_plugin = cases().into_iter().filter(|case| case.plugin == plugin);
            let differs = of_plugin.filter_map(|case| {
                let denied = match case.load_denied(&dist(), &request)? {
                    Ok(denied) => case.run(&denied).to_string(),
                    Err(error) => {
                        format!("not loaded: {}\n", wasi_versions_masked(&error.to_string()))
                    }
                };
                (denied != case.run(&case.load(&dist())).to_string()).then_some((case, denied))
            });
            let Some((case, denied)) = differs.into_iter().next() else {
                return Err(format!(
                    "no case of `{plugin}` needs the grant `{request}`: add one that does, or do not ask \
                     for it in crates/plugin-{plugin}/plugin.toml"
                )
                .into());
            };
            let name: String =
                without.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
            let text = format!("{} {without}\n{denied}", case.name);
            snapshot(&plugin, &name, Some(&case.input()), &text);
            Ok(())
        })
    };
    manifest(&dist(), plugin).grants.into_iter().map(trial).collect()
}

/// A trial for each case, against the plugins that `dist` gives when the first of them runs.
fn case_trials(prefix: &str, dist: fn() -> Dist) -> Vec<Trial> {
    let opened: Arc<OnceLock<Dist>> = Arc::default();
    let trial = |case: Case| {
        let opened = Arc::clone(&opened);
        Trial::test(format!("{prefix}{}/{}", case.plugin, case.name), move || {
            let plugin = case.load(opened.get_or_init(dist));
            let outcome = case.run(&plugin);
            let again = case.run(&plugin);
            assert_eq!(outcome, again, "the second run came out otherwise than the first");
            if let AnyPlugin::Streamer(streamer) = &plugin {
                for length in [1, 7, 64 * 1024] {
                    let pieces = case.run_in_pieces(streamer, length);
                    assert_eq!(outcome, pieces, "pieces of {length} came out otherwise");
                }
            }
            if let Some(expected) = case.expectation() {
                assert_eq!(outcome.kind(), expected, "what came out:\n{outcome}");
            }
            snapshot(&case.plugin, &case.name, Some(&case.input()), &outcome.to_string());
            Ok(())
        })
    };
    let crates = plugin_crates();
    let of_crates = cases().into_iter().filter(|case| crates.contains(&case.plugin));
    of_crates.map(trial).collect()
}

/// The same plugins, built without cargo-component.
fn built_by_plain_cargo() -> Dist {
    let target = target_folder("plain-cargo");
    let output = Output::of(just(&root(), &target, ["build"]).env("PLUGWRIGHT_BUILDER", "build"));
    assert_eq!(output.code, Some(0), "{output}");
    Dist::open(target.join("dist")).unwrap_or_else(|error| panic!("{error}"))
}

/// The plugin's imports and exports as WIT text.
fn wit(plugin: &str) -> String {
    let path = dist_folder().join(format!("{plugin}.wasm"));
    let arguments = ["component".as_ref(), "wit".as_ref(), path.as_os_str()];
    let output = Output::of(&mut program(Path::new("wasm-tools"), &root(), arguments));
    assert_eq!(output.code, Some(0), "{output}");
    standard_library_masked(&output.stdout)
}

/// The WIT text without what Rust's standard library imports, which depends on how the toolchain
/// built it.
fn standard_library_masked(wit: &str) -> String {
    let mut masked = String::new();
    let mut skipping = false;
    for line in wit.lines() {
        let wasi = line.trim_start().starts_with("import wasi:");
        skipping |= line.starts_with("package wasi:");
        // An empty line that stood between things that are masked goes with them.
        let left_over = line.is_empty() && (masked.ends_with("\n\n") || masked.ends_with("{\n"));
        if !wasi && !skipping && !left_over {
            masked.push_str(line);
            masked.push('\n');
        }
        skipping &= line != "}";
    }
    masked
}

pub(crate) fn snapshot(plugin: &str, name: &str, input: Option<&Path>, text: &str) {
    snapshots(plugin, input).bind(|| insta::assert_snapshot!(name, text));
}
