//! What takes the room in a plugin.

#![warn(clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;

use crate::admission::load_error::LoadError;
use crate::component::symbols::{Component, in_source};
use crate::text::foreign_text::ForeignText;

/// What takes the room in a plugin, in bytes, as far as its symbols tell.
#[non_exhaustive]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sizes {
    /// The code, by the crates that it is of.
    pub code: BTreeMap<ForeignText, u64>,
    /// Constants: text, tables of numbers.
    pub data: u64,
}

/// Measures the component `bytes`, which is one before it was stripped; `plugin` is its name in errors.
/// Code that was inlined counts as that of the function that it is in.
///
/// # Errors
///
/// [`LoadError::Damaged`] if it cannot be read, [`LoadError::Structure`] if there is too much of something in it.
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

/// The crate of a function: that of its path, or of its type's, or of the trait's if the type is one of
/// the language's own.
fn crate_of(name: &str) -> &str {
    let (path, _) = name.rsplit_once("::").unwrap_or_default();
    let mut words = path
        .split("::")
        .filter_map(|part| part.rsplit(|c: char| c != '_' && !c.is_alphanumeric()).next());
    // What was compiled of C has no path, and the little that the linker adds.
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
