//! The plugins once more, built without cargo-component.

use std::error::Error;

use plugwright::Dist;
use tests::{Output, just, root, target_folder};

/// Builds them in the target folder of the pipeline: where both builders have the compiler do the same, cargo finds it
/// done, and where they do not, it compiles them anew.
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
