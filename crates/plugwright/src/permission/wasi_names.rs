//! The interfaces of WASI by name: which ones the host provides, and for which grant.

use crate::permission::grants::Grants;

/// Says whether the host provides an interface of WASI to a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offer {
    /// The host provides it.
    Given,
    /// The host provides it with this kind of grant.
    Grantable(&'static str),
    /// The host never provides it.
    Unknown,
}

/// Says whether the host provides the interface `import`, such as `wasi:cli/stdin@0.2.6`, to a plugin with these
/// grants. Every 0.2 version is accepted.
///
/// What Rust's standard library imports even if a program does not use it is always provided: standard streams,
/// environment and folders, which are empty unless granted, and the seed of hash maps and the monotonic clock, which
/// are the same in every call.
pub(crate) fn offer(import: &str, grants: &Grants) -> Offer {
    let Some(name) = name(import) else { return Offer::Unknown };
    let given = |granted: bool, how| if granted { Offer::Given } else { Offer::Grantable(how) };
    match name {
        "wasi:cli/environment"
        | "wasi:cli/exit"
        | "wasi:cli/stderr"
        | "wasi:cli/stdin"
        | "wasi:cli/stdout"
        | "wasi:cli/terminal-input"
        | "wasi:cli/terminal-output"
        | "wasi:cli/terminal-stderr"
        | "wasi:cli/terminal-stdin"
        | "wasi:cli/terminal-stdout"
        | "wasi:clocks/monotonic-clock"
        | "wasi:filesystem/preopens"
        | "wasi:filesystem/types"
        | "wasi:io/error"
        | "wasi:io/poll"
        | "wasi:io/streams"
        | "wasi:random/insecure-seed" => Offer::Given,
        "wasi:clocks/wall-clock" => given(grants.wall_clock.is_some(), "wall-clock"),
        "wasi:random/random" | "wasi:random/insecure" => given(grants.random.is_some(), "random"),
        "wasi:http/outgoing-handler" | "wasi:http/types" => given(grants.origins.is_some(), "http"),
        _ => Offer::Unknown,
    }
}

/// Says whether `kind` is a kind of grant that [`offer`] returns.
pub(crate) fn is_grantable(kind: &str) -> bool {
    ["wall-clock", "random", "http"].contains(&kind)
}

/// Says whether a grant of the kind `kind` affects the interface `import`.
pub(crate) fn is_for(kind: &str, import: &str) -> bool {
    let interfaces: &[&str] = match kind {
        "folder" | "folder-rw" => &["wasi:filesystem/preopens"],
        "variable" | "argument" => &["wasi:cli/environment"],
        "stdin" => &["wasi:cli/stdin"],
        // Granting the real wall clock makes the monotonic clock real too.
        "wall-clock" => &["wasi:clocks/wall-clock", "wasi:clocks/monotonic-clock"],
        "random" => &["wasi:random/random", "wasi:random/insecure"],
        "http" => &["wasi:http/outgoing-handler"],
        _ => &[],
    };
    name(import).is_some_and(|name| interfaces.contains(&name))
}

/// Says whether a plugin with these imports may wait for something of WASI, which needs the library's
/// [runtime](crate::runtime).
pub(crate) fn waits(imports: &[String]) -> bool {
    imports.iter().filter_map(|import| name(import)).any(|name| {
        matches!(
            name,
            "wasi:filesystem/types"
                | "wasi:http/outgoing-handler"
                | "wasi:io/poll"
                | "wasi:io/streams"
        )
    })
}

/// Returns the name of a WASI 0.2 interface without its version.
pub(crate) fn name(import: &str) -> Option<&str> {
    let (name, version) = import.split_once('@')?;
    let of_wasi =
        name.starts_with("wasi:") && version.starts_with("0.2.") && !version.contains('-');
    of_wasi.then_some(name)
}
