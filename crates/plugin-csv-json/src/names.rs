//! The names of columns.

use std::collections::{BTreeMap, BTreeSet};

use crate::rows::{Problem, Row};

/// Returns the names in the header. Empty and duplicate names are errors.
pub(crate) fn strict(header: &Row<'_>) -> Result<Vec<String>, Problem> {
    let mut seen = BTreeSet::new();
    for (index, name) in header.values().enumerate() {
        let message = if name.is_empty() {
            format!("the name of column {} is empty", index + 1)
        } else if !seen.insert(name) {
            format!("the name `{name}` is in the header twice")
        } else {
            continue;
        };
        let message = format!("{message}: change it, or set the option `names` to `number`");
        return Err(Problem::new(header.field(index).unwrap_or(header.end), message));
    }
    Ok(header.values().map(str::to_owned).collect())
}

/// Returns the names, with a number for each empty or duplicate name.
pub(crate) fn numbered(header: &Row<'_>) -> Vec<String> {
    // A generated name never takes a name that the header has anywhere.
    let written: BTreeSet<_> = header.values().collect();
    let mut used = BTreeSet::new();
    // For each name, the next number to try.
    let mut numbers = BTreeMap::new();
    let mut names = Vec::new();
    for (index, name) in header.values().enumerate() {
        let mut name = name.to_owned();
        if name.is_empty() || used.contains(&name) {
            let (stem, first) = if name.is_empty() { ("column", index + 1) } else { (&*name, 2) };
            let number = numbers.entry(stem.to_owned()).or_insert(first);
            *number = first.max(*number);
            let made = loop {
                let made = format!("{stem}-{number}");
                *number += 1;
                if !written.contains(&*made) && !used.contains(&made) {
                    break made;
                }
            };
            name = made;
        }
        used.insert(name.clone());
        names.push(name);
    }
    names
}
