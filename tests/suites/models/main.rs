//! Compares the plugins with the programs that they follow, by the public tests of those programs. The tests
//! are not part of this repository. The variable `PLUGWRIGHT_MODELS` names a folder with a folder for each
//! model.
//!
//! `tests/models/` lists the differences with their reasons. The test fails if a difference is not listed, or
//! if a listed difference no longer exists.

mod csv_spectrum;
mod differences;
mod gfm;
mod jq;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    // Without the folder, there is nothing to compare with. `just models` sets it.
    let folder = env::var_os("PLUGWRIGHT_MODELS").map(PathBuf::from);
    let trials = folder.map(|folder| {
        let [jq, gfm, csv] = ["jq", "gfm", "csv-spectrum"].map(|model| folder.join(model));
        vec![
            Trial::test("jq", move || jq::compare(&jq)),
            Trial::test("gfm", move || gfm::compare(&gfm)),
            Trial::test("csv-spectrum", move || csv_spectrum::compare(&csv)),
        ]
    });
    libtest_mimic::run(&Arguments::from_args(), trials.unwrap_or_default()).exit_code()
}
