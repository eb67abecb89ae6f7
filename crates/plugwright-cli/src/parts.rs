//! The parts of a plugin by size, in the order in which they are shown.

use plugwright::{ForeignText, Sizes};

/// Crates that take less than one part in so many of a plugin are summed up in one line.
const SMALL: u64 = 100;

/// Returns the parts of a plugin of `bytes` bytes, the largest first.
pub fn parts(sizes: &Sizes, bytes: u64) -> Vec<(ForeignText, u64)> {
    let Sizes { code, data, .. } = sizes;
    let code = code.iter().map(|(name, size)| (name.clone(), *size));
    let (mut parts, small): (Vec<_>, Vec<_>) = code
        .chain([("constants".into(), *data)])
        .partition(|(_, size)| size.saturating_mul(SMALL) >= bytes);
    parts.sort_by(|(one, size), (other, other_size)| other_size.cmp(size).then(one.cmp(other)));
    let told: u64 = parts.iter().chain(&small).map(|(_, size)| size).sum();
    let small: u64 = small.iter().map(|(_, size)| size).sum();
    parts.push(("smaller crates".into(), small));
    parts.push(("types, names and glue".into(), bytes.saturating_sub(told)));
    parts
}

/// Returns a description of each of the five parts that grew most, the largest growth first.
pub fn growth(before: &Sizes, now: &Sizes) -> Vec<String> {
    let grown = now.code.iter().map(|(name, size)| {
        let old = before.code.get(name).copied().unwrap_or_default();
        (name.clone(), size.saturating_sub(old))
    });
    let data = (ForeignText::from("constants"), now.data.saturating_sub(before.data));
    let mut grown: Vec<_> = grown.chain([data]).filter(|(_, more)| *more > 0).collect();
    grown.sort_by_key(|(_, more)| std::cmp::Reverse(*more));
    grown.iter().take(5).map(|(name, more)| format!("{name} ({more} bytes)")).collect()
}
