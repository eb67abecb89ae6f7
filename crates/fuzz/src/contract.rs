//! Two contracts in WIT, an older one and a newer one. They are read or refused, and the changes between them
//! are reported.

use std::path::Path;

use plugwright::{Contract, WitFile};
use plugwright_cli::contract::judge;

use crate::seeds;

/// Separates the newer contract from the older one.
const BETWEEN: &str = "\n// before\n";

/// Reads `bytes` as two contracts, and compares them.
///
/// # Panics
///
/// If a contract is refused as its own successor.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (new, old) = text.split_once(BETWEEN).unwrap_or((text, text));
    let (new, old) = (read(new), read(old));
    for package in new.iter().chain(&old) {
        let same = judge(package, package).expect("the contract is unchanged");
        assert!(same.ends_with(", as released\n"), "{same}");
    }
    if let (Some(new), Some(old)) = (new, old) {
        for (one, other) in [(&old, &new), (&new, &old)] {
            match judge(one, other) {
                Ok(said) => assert!(said.starts_with("contract.wit: "), "{said}"),
                Err(error) => assert!(error.to_string().starts_with("`contract.wit` "), "{error}"),
            }
        }
    }
}

/// Returns this project's contract, and contracts that changed.
pub fn seeds() -> Vec<Vec<u8>> {
    let cases = tests::folder_names(&tests::root().join("tests/contract"));
    let changed = cases.iter().map(|case| {
        let text = |name: &str| seeds::text(&format!("tests/contract/{case}/{name}.wit"));
        [text("new"), text("old")].join(BETWEEN)
    });
    changed.chain([tests::contract()]).map(String::into_bytes).collect()
}

fn read(text: &str) -> Option<Contract> {
    let path = Path::new("contract.wit");
    let file = WitFile { path: path.to_owned(), text: text.to_owned() };
    match Contract::parse(path, vec![file], Vec::new()) {
        Ok(package) => Some(package),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            None
        }
    }
}
