//! Plugins in TypeScript: the same as in JavaScript, with the types of the contract.

use anyhow::Result;

use super::files::{Build, skeleton};
use super::javascript::Source;
use super::typescript_types::Types;
use super::{Request, Skeleton};

/// Generates the plugin.
pub(super) fn plugin(request: &Request<'_>) -> Result<Skeleton> {
    let world = &*request.resolve.worlds[request.world].name;
    let command = format!(
        "tsc --outDir \"$SCRATCH\" && componentize-qjs --wit \"$WIT\" --world {world} --js \"$SCRATCH/plugin.js\" \
         --stub-wasi --sync --opt-size --minify --output \"$COMPONENT\""
    );
    let build = Build {
        language: "TypeScript",
        command: &command,
        tools: &["tsc 5.9.3", "componentize-qjs 0.4.5"],
        reproducible: false,
        memory: "8MiB",
    };
    let types = Types::of(request);
    Ok(skeleton([
        ("plugin.toml", build.manifest(world)),
        ("package.json", include_str!("../../templates/typescript/package.json").to_owned()),
        (
            "package-lock.json",
            include_str!("../../templates/typescript/package-lock.json").to_owned(),
        ),
        ("tsconfig.json", include_str!("../../templates/typescript/tsconfig.json").to_owned()),
        ("contract.d.ts", types.declarations()),
        ("plugin.ts", Source { request, types: Some(types) }.text()?),
    ]))
}
