//! The files with the results: those of criterion, of the soak test and of the plugins.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use plugwright_report::Measured;
use serde_json::Value;

/// Returns the folder of the results, which is kept from run to run.
pub fn folder() -> PathBuf {
    tests::target_folder("criterion")
}

/// Returns what criterion measured as `name`, such as `echo/limited/64`. The result is the sample at the tenth percentile,
/// since other work on the machine makes samples slower and never faster.
pub fn measured(name: &str) -> Option<Duration> {
    let samples = read(&format!("{name}/new/sample.json"))?;
    let numbers = |key: &str| -> Option<Vec<f64>> {
        samples[key].as_array()?.iter().map(Value::as_f64).collect()
    };
    let (counts, times) = (numbers("iters")?, numbers("times")?);
    let mut times: Vec<_> = counts.iter().zip(times).map(|(count, time)| time / count).collect();
    times.sort_by(f64::total_cmp);
    Some(Duration::from_secs_f64(times.get(times.len() / 10)? / 1e9))
}

/// Writes the measurements of plugins for `plugwright report --bench`, and returns the path of the file.
///
/// # Panics
///
/// If the file cannot be written.
pub fn keep(measured: &Measured) -> PathBuf {
    let file = folder().join("plugins.json");
    fs::create_dir_all(folder()).expect("the folder of results");
    fs::write(&file, measured.to_json()).expect("a file in it");
    file
}

/// How much the memory of a process grew.
#[derive(Debug, Clone, Copy)]
pub struct Growth {
    /// The bytes after the first hundred calls.
    pub before: u64,
    /// The bytes after all of them.
    pub after: u64,
}

impl Growth {
    /// Writes the result under a name.
    ///
    /// # Panics
    ///
    /// If the file cannot be written.
    pub fn write(self, name: &str) {
        let Self { before, after } = self;
        let text = serde_json::json!({ "before": before, "after": after }).to_string();
        fs::create_dir_all(folder()).expect("the folder of results");
        fs::write(folder().join(format!("{name}.json")), text).expect("a file in it");
    }

    /// Reads the result that was written under a name.
    pub fn read(name: &str) -> Option<Self> {
        let growth = read(&format!("{name}.json"))?;
        Some(Self { before: growth["before"].as_u64()?, after: growth["after"].as_u64()? })
    }
}

fn read(path: &str) -> Option<Value> {
    serde_json::from_slice(&fs::read(folder().join(path)).ok()?).ok()
}
