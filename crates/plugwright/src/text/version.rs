//! WIT names with versions, and which of them are compatible.

/// Says whether two names mean the same interface in versions that are compatible under semantic versioning, as
/// wasmtime's linker decides it.
pub(crate) fn compatible(one: &str, other: &str) -> bool {
    family(one) == family(other)
}

/// Returns what all names compatible with this one share: the interface, and the part of the version that must match.
pub(crate) fn family(name: &str) -> (&str, &str) {
    let (name, version) = split(name);
    (name, version_track(version))
}

/// Splits a name into the name and the version, which is empty if there is none.
pub(crate) fn split(name: &str) -> (&str, &str) {
    name.split_once('@').unwrap_or((name, ""))
}

/// Returns the part of a version that must match: `1` of 1.2.3, `0.2` of 0.2.6, and all of 0.0.4 or a prerelease.
fn version_track(version: &str) -> &str {
    if version.contains('-') {
        return version;
    }
    let Some((major, rest)) = version.split_once('.') else { return version };
    match rest.split_once('.') {
        _ if major != "0" => major,
        Some((minor, patch)) if minor != "0" => {
            version.strip_suffix(patch).and_then(|it| it.strip_suffix('.')).unwrap_or(version)
        }
        _ => version,
    }
}

#[cfg(test)]
mod tests {
    use super::compatible;

    #[test]
    fn versions_are_compatible_as_in_semantic_versioning() {
        assert!(compatible("wasi:io/poll@0.2.0", "wasi:io/poll@0.2.12"));
        assert!(compatible("a:b/c@1.2.0", "a:b/c@1.0.5"));
        assert!(compatible("a:b/c", "a:b/c"));
        assert!(!compatible("wasi:io/poll@0.2.0", "wasi:io/error@0.2.0"));
        assert!(!compatible("a:b/c@0.1.0", "a:b/c@0.2.0"));
        assert!(!compatible("a:b/c@0.0.1", "a:b/c@0.0.2"));
        assert!(!compatible("a:b/c@1.0.0-rc.1", "a:b/c@1.0.0"));
        assert!(!compatible("a:b/c@1.0.0", "a:b/c"));
    }
}
