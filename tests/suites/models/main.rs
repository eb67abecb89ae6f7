//! The plugins beside the programs that are their models, by those programs' own public tests: they are in
//! the folder that `PLUGWRIGHT_MODELS` names, in a folder for each model, and are not kept here.
//!
//! What differs is listed in `tests/models/`, each with its reason. A difference that is not listed fails,
//! and so does one that is listed and is none any more.

mod csv_spectrum;
mod differences;
mod gfm;
mod jq;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    // Without the folder there is nothing to compare with: `just models` says so.
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
