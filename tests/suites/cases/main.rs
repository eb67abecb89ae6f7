//! Tests that are defined by files: a case in `cases/`, a plugin's WIT, or a guest that must match another
//! plugin. Guards report what is not connected.

mod guards;
mod guests;
mod plain_cargo;

use std::process::ExitCode;

use plugwright_contract::Prettify;
use plugwright_contract::cases::Documents;
use plugwright_test::Runner;
use tests::{Guest, host};

/// Other suites that keep their snapshots in folders beside those of plugins.
const SUITES: [&str; 2] = ["contract", "hostile"];

fn main() -> ExitCode {
    plugwright_test::run_by(|project| {
        let others = tests::guests().into_iter().filter(Guest::has_cases).map(|guest| guest.name);
        let runner = Runner::with_host(project, host())?
            .answered_by::<Prettify>(|_| ())
            .form(Documents)
            .plugins_also("plain cargo: ", plain_cargo::dist)
            .tested_elsewhere(others)
            .tested_elsewhere(SUITES.map(str::to_owned));
        Ok(runner.trials_also(guests::trials()).trials_also(guards::trials()))
    })
}
