//! Tests the plugins again, built without cargo-component.

use std::error::Error;

use plugwright::Dist;
use tests::{Output, just, root, target_folder};

/// Builds the plugins in the pipeline's target folder. Where both builders compile in the same way, cargo
/// reuses the result. Elsewhere it compiles again.
pub(crate) fn dist() -> Result<Dist, Box<dyn Error + Send + Sync>> {
    let dist = target_folder("plain-cargo").join("dist");
    let mut command = just(&root(), &target_folder(""), ["build"]);
    command.env("PLUGWRIGHT_BUILDER", "build").env("PLUGWRIGHT_DIST", &dist);
    let output = Output::of(&mut command);
    match output.code {
        Some(0) => Ok(Dist::open(dist)?),
        _ => Err(output.to_string().into()),
    }
}
