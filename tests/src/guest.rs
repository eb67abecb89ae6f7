//! Guests: plugins in languages other than Rust, in `tests/languages/`.

use std::fs;

use plugwright::{Dist, DistError};
use serde::Deserialize;

use crate::paths::{dist_folder, folder_names, root};

/// A plugin in a language other than Rust.
#[derive(Debug, Clone)]
pub struct Guest {
    /// The name, which is also that of the folder.
    pub name: String,
    /// The language's display name.
    pub language: String,
    /// The plugin whose results the guest must match. A guest with cases of its own names itself.
    pub reference: String,
    /// Whether the same sources produce the same bytes on every machine.
    pub reproducible: bool,
}

impl Guest {
    /// Returns whether the guest has cases of its own.
    pub fn has_cases(&self) -> bool {
        self.name == self.reference
    }

    /// Returns the crate `reference`, which guests are compared with, in the form of a guest.
    pub fn rust(reference: &str) -> Self {
        let [name, reference] = [reference; 2].map(str::to_owned);
        Self { name, language: "Rust".to_owned(), reference, reproducible: true }
    }
}

/// The keys of a guest's `plugin.toml` that the tests need. The pipeline reads the whole file.
#[derive(Deserialize)]
struct Manifest {
    build: Build,
}

#[derive(Deserialize)]
struct Build {
    language: String,
    reference: Option<String>,
    reproducible: bool,
}

/// Returns all guests, sorted by name.
///
/// # Panics
///
/// If the manifest of a guest cannot be read.
pub fn guests() -> Vec<Guest> {
    let folder = root().join("tests/languages");
    if !folder.is_dir() {
        return Vec::new();
    }
    let guest = |name: String| {
        let path = folder.join(&name).join("plugin.toml");
        let text = fs::read_to_string(&path).map_err(|error| error.to_string());
        let manifest = text.and_then(|text| toml::from_str(&text).map_err(|it| it.to_string()));
        let Manifest { build: Build { language, reference, reproducible } } = manifest
            .unwrap_or_else(|error| panic!("`tests/languages/{name}/plugin.toml`: {error}"));
        let reference = reference.unwrap_or_else(|| name.clone());
        Guest { name, language, reference, reproducible }
    };
    // The pipeline reports a folder without a manifest.
    let is_guest = |name: &String| folder.join(name).join("plugin.toml").is_file();
    folder_names(&folder).into_iter().filter(is_guest).map(guest).collect()
}

/// Returns the guests that are built, or `None` if `just build-languages` never ran.
///
/// # Panics
///
/// If their folder holds anything else.
pub fn guests_dist() -> Option<Dist> {
    match Dist::open(dist_folder().join("languages")) {
        Ok(dist) => Some(dist),
        Err(DistError::Missing { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}
