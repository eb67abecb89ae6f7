//! Compares the plugin `csv-json` with the files of csv-spectrum, each with its expected JSON.

use std::error::Error;
use std::fs;
use std::path::Path;

use libtest_mimic::Failed;
use plugwright_contract::Document;
use plugwright_contract::prelude::*;
use serde_json::Value;

use crate::differences::Comparison;

/// The smallest share of tests that must match, in percent.
const LEAST: usize = 90;

pub(crate) fn compare(folder: &Path) -> Result<(), Failed> {
    compared(folder).map_err(|error| Failed::from(error.to_string()))
}

fn compared(folder: &Path) -> Result<(), Box<dyn Error>> {
    let plugin = tests::transformer("csv-json");
    let mut comparison = Comparison::with("csv-spectrum")?;
    for entry in fs::read_dir(folder.join("csvs"))? {
        let file = entry?.path();
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let wanted = fs::read(folder.join("json").join(&name).with_extension("json"))?;
        let wanted: Value = serde_json::from_slice(&wanted)?;
        let document = Document::new("table.csv", "text/csv", fs::read(&file)?);
        let found = match plugin.transform(&document, &[]) {
            Ok(document) => serde_json::from_slice(&document.body)?,
            Err(error) => Value::String(error.to_string()),
        };
        let difference = (found != wanted).then(|| format!("wanted {wanted}\n  found  {found}"));
        comparison.note(&name, difference);
    }
    comparison.end(LEAST)
}
