//! Refuses templates that MiniJinja itself cannot handle.

use minijinja::{Error, ErrorKind};

/// Refuses a template with `loop.cycle()`, for which MiniJinja 3.1.0 divides by zero.
pub(crate) fn check(source: &str) -> Result<(), Error> {
    let empty_call = |rest: &str| {
        let inside = rest.trim_start().strip_prefix('(');
        inside.is_some_and(|inside| inside.trim_start().starts_with(')'))
    };
    match source.match_indices("loop.cycle").find(|(at, it)| empty_call(&source[at + it.len()..])) {
        None => Ok(()),
        Some((at, _)) => {
            let line = source[..at].matches('\n').count() + 1;
            let detail = format!("`loop.cycle` needs values, in line {line}");
            Err(Error::new(ErrorKind::MissingArgument, detail))
        }
    }
}
