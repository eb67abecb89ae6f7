//! Guests: plugins in other languages than Rust, in `tests/languages/`.

use std::fs;

use plugwright::{Dist, DistError};
use serde::Deserialize;

use crate::paths::{dist_folder, folder_names, root};

/// A plugin in another language than Rust.
#[derive(Debug, Clone)]
pub struct Guest {
    /// The name: that of the folder.
    pub name: String,
    /// The language, as people write it.
    pub language: String,
    /// The plugin that it has to give the same as, which is itself if it has cases of its own.
    pub reference: String,
    /// Whether the same sources make the same bytes anywhere.
    pub reproducible: bool,
}

impl Guest {
    /// Says whether it has cases of its own.
    pub fn has_cases(&self) -> bool {
        self.name == self.reference
    }

    /// The crate that guests have as their reference, as if it were one.
    pub fn rust(reference: &str) -> Self {
        let [name, reference] = [reference; 2].map(str::to_owned);
        Self { name, language: "Rust".to_owned(), reference, reproducible: true }
    }
}

/// What of a guest's `plugin.toml` is of interest here. The pipeline reads all of it.
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

/// All guests, sorted by name.
///
/// # Panics
///
/// If the manifest of one of them cannot be read.
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
    // The pipeline says of a folder without a manifest that it has none.
    let is_guest = |name: &String| folder.join(name).join("plugin.toml").is_file();
    folder_names(&folder).into_iter().filter(is_guest).map(guest).collect()
}

/// The guests that are built: none if `just build-languages` was never run.
///
/// # Panics
///
/// If there is something else in their place.
pub fn guests_dist() -> Option<Dist> {
    match Dist::open(dist_folder().join("languages")) {
        Ok(dist) => Some(dist),
        Err(DistError::Missing { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}
