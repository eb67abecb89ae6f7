//! The one option of this plugin, and how it is read.

use crate::algorithm::Algorithm;
use crate::exports::plugwright::plugin::transform::{
    BadOption, Failure, OptionDescription, Setting,
};

const KEY: &str = "algorithm";
const DEFAULT: Algorithm = Algorithm::Sha256;

/// Reads the options; the last setting of an option counts.
pub(crate) fn algorithm(settings: Vec<Setting>) -> Result<Algorithm, Failure> {
    let mut algorithm = DEFAULT;
    for Setting { key, value } in settings {
        if key != KEY {
            return Err(Failure::UnknownOption(key));
        }
        let named = Algorithm::ALL.into_iter().find(|algorithm| algorithm.name() == value);
        algorithm = named.ok_or_else(|| {
            let message = format!("`{value}` is none of {}", names());
            Failure::BadOption(BadOption { key, message, at: None })
        })?;
    }
    Ok(algorithm)
}

/// Describes the option.
pub(crate) fn describe() -> Vec<OptionDescription> {
    vec![OptionDescription {
        key: KEY.to_owned(),
        default: DEFAULT.name().to_owned(),
        help: format!("which checksum: one of {}", names()),
    }]
}

fn names() -> String {
    Algorithm::ALL.map(|algorithm| format!("`{}`", algorithm.name())).join(", ")
}
