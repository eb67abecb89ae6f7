//! The licences that a new repository can have.

use clap::ValueEnum;

/// The licence of a new repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum License {
    /// The MIT licence
    Mit,
    /// The Apache License, version 2.0
    #[value(name = "apache-2.0")]
    Apache,
    /// Either of the two, as the licensee chooses
    Both,
    /// No licence: nobody else may use it
    None,
}

const MIT: &str = include_str!("../../templates/licenses/LICENSE-MIT");
const APACHE: &str = include_str!("../../templates/licenses/LICENSE-APACHE");

impl License {
    /// Returns the licence files, each with its name and text.
    pub(crate) fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Mit => &[("LICENSE", MIT)],
            Self::Apache => &[("LICENSE", APACHE)],
            Self::Both => &[("LICENSE-APACHE", APACHE), ("LICENSE-MIT", MIT)],
            Self::None => &[],
        }
    }
}
