//! Manifests of plugins: a manifest that is written and read again stays the same.

use std::sync::LazyLock;

use plugwright::{Limit, Manifest, Trust, Unverified};
use plugwright_contract::worlds;

use crate::seeds;

static COMPONENT: LazyLock<Vec<u8>> = LazyLock::new(|| tests::trapping("transformer"));

/// Reads `bytes` as a manifest, and embeds it in a component if it matches that component.
///
/// # Panics
///
/// If the manifest changes when it is written or embedded.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Manifest::parse(text) {
        Ok(manifest) => {
            let again = Manifest::parse(&manifest.to_toml());
            assert_eq!(again.as_ref(), Ok(&manifest), "written as {}", manifest.to_toml());
            let candidate = Unverified::new("input", &**COMPONENT).verify(&Trust::anybody());
            if let Ok(component) =
                manifest.embed(&candidate.expect("the component is valid"), worlds())
            {
                let inspected = plugwright_contract::inspect("input", &component);
                let inspected = inspected.expect("the component is otherwise the same");
                let held = inspected.manifest.expect("the manifest was embedded");
                assert_eq!((held.grants, held.limits), (manifest.grants, manifest.limits));
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Returns the manifests of this project's plugins, and one with every key.
pub fn seeds() -> Vec<Vec<u8>> {
    let plugins = tests::plugin_crates().into_iter();
    let manifests =
        plugins.map(|plugin| seeds::text(&format!("crates/plugin-{plugin}/plugin.toml")));
    let limits: Vec<_> = Limit::ALL.iter().map(|limit| format!("\"{limit}=64\"")).collect();
    let limits = limits.join(", ");
    let all = format!(
        "world = 'plugwright:plugin/transformer@0.1.0'\nbudget = \"64 KiB\"\nlimits = [{limits}]\n\
         grants = [\"folder=/a\", \"folder-rw=b\", \"variable=LANG\", \"argument\", \"stdin\", \
         \"wall-clock\", \"random\", \"http=https://api.example.org\"]\n"
    );
    manifests.chain([all]).map(String::into_bytes).collect()
}
