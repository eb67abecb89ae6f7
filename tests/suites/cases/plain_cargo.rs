//! The plugins once more, built without cargo-component.

use std::error::Error;

use plugwright::Dist;
use tests::{Output, just, root, target_folder};

pub(crate) fn dist() -> Result<Dist, Box<dyn Error + Send + Sync>> {
    let target = target_folder("plain-cargo");
    let output = Output::of(just(&root(), &target, ["build"]).env("PLUGWRIGHT_BUILDER", "build"));
    match output.code {
        Some(0) => Ok(Dist::open(target.join("dist"))?),
        _ => Err(output.to_string().into()),
    }
}
