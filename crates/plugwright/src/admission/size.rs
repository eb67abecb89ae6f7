//! Measures what makes up the size of a plugin.

#![warn(clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;

use crate::admission::load_error::LoadError;
use crate::component::symbols::{Component, in_source};
use crate::text::foreign_text::ForeignText;

/// What makes up the size of a plugin, in bytes, as far as its symbols tell.
#[non_exhaustive]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sizes {
    /// The size of the code, by crate.
    pub code: BTreeMap<ForeignText, u64>,
    /// The size of constants, such as text and tables of numbers.
    pub data: u64,
}

/// Measures the component `bytes`, which must not be stripped. Errors call it `plugin`. Inlined code counts towards the
/// function that contains it.
///
/// # Errors
///
/// [`LoadError::Damaged`] if the component cannot be read, and [`LoadError::Structure`] if it has too much of
/// something.
pub fn sizes(plugin: &str, bytes: &[u8]) -> Result<Sizes, LoadError> {
    let component = Component::read(bytes).map_err(|fault| LoadError::structure(plugin, fault))?;
    let mut sizes = Sizes::default();
    for module in &component.modules {
        sizes.data = sizes.data.saturating_add(module.data);
        let names: BTreeMap<u32, &str> = module.function_names().collect();
        for (index, body) in (module.imports..).zip(&module.bodies) {
            let name = names.get(&index).map(|name| in_source(name));
            let of = name.as_deref().map_or("without a name", crate_of);
            let size = sizes.code.entry(of.into()).or_default();
            *size = size.saturating_add(body.len() as u64);
        }
    }
    Ok(sizes)
}

/// Returns the crate of a function: the crate of its path or of its type, or of the trait if the type is built into the
/// language.
fn crate_of(name: &str) -> &str {
    let (path, _) = name.rsplit_once("::").unwrap_or_default();
    let mut words = path
        .split("::")
        .filter_map(|part| part.rsplit(|c: char| c != '_' && !c.is_alphanumeric()).next());
    // Code compiled from C has no path, and neither has the small amount of code that the linker adds.
    words.find(|word| !word.is_empty()).unwrap_or("the C library")
}

#[cfg(test)]
mod tests {
    use super::crate_of;

    #[test]
    fn a_function_is_of_the_crate_of_its_path_or_of_its_type() {
        assert_eq!(crate_of("core::fmt::write"), "core");
        assert_eq!(crate_of("<alloc::vec::Vec<T> as core::clone::Clone>::clone"), "alloc");
        assert_eq!(crate_of("<&mut dyn core::fmt::Write as x::Y>::z"), "core");
        assert_eq!(crate_of("<[T] as alloc::slice::Join>::join"), "alloc");
        assert_eq!(crate_of("memcpy"), "the C library");
    }

    #[test]
    fn a_name_can_be_any_text() {
        for (name, of) in [
            ("→x::y", "x"),
            ("a→::b", "the C library"),
            ("→::ä::c", "ä"),
            ("::→::", "the C library"),
            ("", "the C library"),
        ] {
            assert_eq!(crate_of(name), of, "{name}");
        }
    }
}
