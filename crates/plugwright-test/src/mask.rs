//! Removes from texts what depends on the toolchain.

/// Replaces the last number of WASI versions with `N`, because it depends on the standard library.
pub fn wasi_versions_masked(text: &str) -> String {
    let masked = |line: &str| {
        let mut parts = line.split("wasi:");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |before, part| match part.split_once("@0.2.") {
            Some((name, rest)) => {
                let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
                format!("{before}wasi:{name}@0.2.N{rest}")
            }
            None => format!("{before}wasi:{part}"),
        })
    };
    text.split_inclusive('\n').map(masked).collect()
}

/// Removes from a WIT text what Rust's standard library imports, because this depends on how the toolchain was built.
pub fn standard_library_masked(wit: &str) -> String {
    let mut masked = String::new();
    let mut skipping = false;
    for line in wit.lines() {
        let wasi = line.trim_start().starts_with("import wasi:");
        skipping |= line.starts_with("package wasi:");
        // Empty lines between removed lines are removed, too.
        let left_over = line.is_empty() && (masked.ends_with("\n\n") || masked.ends_with("{\n"));
        if !wasi && !skipping && !left_over {
            masked.push_str(line);
            masked.push('\n');
        }
        skipping &= line != "}";
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wasi_is_masked_and_nothing_else() {
        assert_eq!(
            wasi_versions_masked("wasi:io/poll@0.2.12 and wasi:cli/run@0.2.3,\na:b/c@0.2.1"),
            "wasi:io/poll@0.2.N and wasi:cli/run@0.2.N,\na:b/c@0.2.1"
        );
        let wit = "world root {\n  import wasi:io/poll@0.2.3;\n\n  export a:b/c;\n}\npackage wasi:io@0.2.3 {\n  x\n}\npackage a:b {\n}\n";
        assert_eq!(
            standard_library_masked(wit),
            "world root {\n  export a:b/c;\n}\npackage a:b {\n}\n"
        );
    }
}
