//! Compares the plugin `jq` with jq, by the files `*.test` in its folder `tests`. These hold groups of lines:
//! a filter, the input, then the results up to the first error.

use std::error::Error;
use std::fs;
use std::path::Path;

use libtest_mimic::Failed;
use plugwright_contract::prelude::*;
use plugwright_contract::{CallError, Document, Failure, Plugin, Setting, Transformer};

use crate::differences::Comparison;

/// The smallest share of tests that must match, in percent.
const LEAST: usize = 92;

/// The digits of a number and the order of entries are up to the writer, so they do not count.
const NORMAL: &str = "walk(
    if type == \"object\" then to_entries | sort_by(.key) | from_entries
    elif type == \"number\" then . + 0 else . end)";

pub(crate) fn compare(folder: &Path) -> Result<(), Failed> {
    compared(folder).map_err(|error| Failed::from(error.to_string()))
}

fn compared(folder: &Path) -> Result<(), Box<dyn Error>> {
    let plugin = tests::host().load(tests::root().join("dist/jq.wasm"))?;
    let mut comparison = Comparison::with("jq")?;
    let mut files: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    let files = files.into_iter().map(|file| file.path());
    for file in files.filter(|file| file.extension().is_some_and(|extension| extension == "test")) {
        let text = fs::read_to_string(&file)?;
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let lines: Vec<_> = lines.map(str::trim_end).collect();
        for group in lines.split(|line| line.trim().is_empty()) {
            match group {
                [] => {}
                [first, filter, ..] if first.starts_with("%%FAIL") => {
                    let ends = run(&plugin, filter, "null");
                    let refused = matches!(ends, Err(CallError::Refused { .. }));
                    let difference = (!refused).then(|| "it is a filter".to_owned());
                    comparison.note(filter, difference);
                }
                [filter, input, results @ ..] => {
                    comparison.note(filter, difference(&plugin, filter, input, results));
                }
                [filter] => return Err(format!("{}: `{filter}` alone", file.display()).into()),
            }
        }
    }
    comparison.end(LEAST)
}

/// Returns how the results differ, or `None` if they match.
fn difference(
    plugin: &Plugin<Transformer>,
    filter: &str,
    input: &str,
    wanted: &[&str],
) -> Option<String> {
    // The results before an error count, and the error does not.
    let found = match run(plugin, &format!("({filter}\n)?"), input) {
        Ok(document) => String::from_utf8_lossy(&document.body).into_owned(),
        Err(error) => return Some(error.to_string()),
    };
    let values = |lines: &mut dyn Iterator<Item = &str>| {
        let array = format!("[{}]", lines.collect::<Vec<_>>().join(","));
        run(plugin, NORMAL, &array).map(|document| document.body)
    };
    match (values(&mut wanted.iter().copied()), values(&mut found.lines())) {
        (Ok(wanted), Ok(found)) if wanted == found => None,
        _ => Some(format!("wanted {}, found {}", wanted.join(" "), found.replace('\n', " "))),
    }
}

fn run(
    plugin: &Plugin<Transformer>,
    filter: &str,
    input: &str,
) -> Result<Document, CallError<Failure>> {
    let options = [Setting::new("filter", filter), Setting::new("output", "compact")];
    plugin.transform(&Document::new("input.json", "application/json", input), &options)
}
