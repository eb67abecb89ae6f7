//! Says what parcels cost, by the tariff in a plugin.
#![expect(missing_docs, reason = "a reader's repository does not have this lint")]
#![expect(clippy::print_stderr, clippy::print_stdout, reason = "nor these")]

use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use plugwright::{CallError, Host, Limits, Plugin, State};

use exports::parcels::tariffs::charges::{Parcel, Refusal};
use parcels::tariffs::places;

plugwright::world!(Tariff, TariffPre = "tariff" in "tests/suite/whole_way/tariff.wit", data = Arc<Zones>);

/// How many zones away countries are.
type Zones = BTreeMap<&'static str, u32>;

impl places::Host for State<Arc<Zones>> {
    async fn zone(&mut self, country: String) -> Option<u32> {
        self.data.get(&*country).copied()
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = error.source().map(|cause| format!(": {cause}"));
            eprintln!("error: {error}{}", cause.unwrap_or_default());
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).unwrap_or("dist/tariff.wasm".into());
    // Nothing is granted, and this is what a call may take.
    let limits = Limits::default().deadline(Duration::from_secs(1)).memory(32 << 20);
    let host = Host::builder().limits(limits).build()?;
    let tariff: Plugin<Tariff> = host.load(file)?;
    let zones = Zones::from([("BE", 1), ("JP", 9), ("NL", 1)]);
    let tariff = tariff.with_data(Arc::new(zones));
    for (grams, country) in [(500, "NL"), (12_000, "JP"), (31_000, "JP"), (500, "XX")] {
        let parcel = Parcel { grams, country: country.to_owned() };
        // Each call gets a fresh instance.
        let charge = tariff.call("charge", async |tariff, store| {
            tariff.parcels_tariffs_charges().call_charge(store, &parcel).await
        });
        println!("{grams} g to {country}: {}", answer(charge));
    }
    Ok(())
}

fn answer(charge: Result<u64, CallError<Refusal>>) -> String {
    match charge {
        Ok(cents) => format!("{cents} cents"),
        // The plugin did its work and refused, as the contract says.
        Err(CallError::Refused { failure: Refusal::TooHeavy(most), .. }) => {
            format!("not more than {most} g")
        }
        Err(CallError::Refused { failure: Refusal::UnknownCountry(country), .. }) => {
            format!("nothing goes to {country}")
        }
        // The plugin's author has to fix it.
        Err(error @ CallError::Trapped { .. }) => format!("broken: {error}"),
        // It may succeed with a higher limit.
        Err(error @ CallError::Exceeded { .. }) => format!("too slow or too large: {error}"),
        // Something that was granted is not available any more.
        Err(CallError::Denied { source, .. }) => format!("closed: {source}"),
        Err(error) => error.to_string(),
    }
}
