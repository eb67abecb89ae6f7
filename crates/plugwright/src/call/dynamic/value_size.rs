//! The sizes of values, for the limits of calls.

use wasmtime::component::Val;

/// Returns the number of bytes of text and numbers in the value.
pub(crate) fn size(value: &Val) -> usize {
    let sum = |sizes: &mut dyn Iterator<Item = usize>| sizes.fold(0, usize::saturating_add);
    let boxed = |value: &Option<Box<Val>>| value.as_deref().map_or(0, size);
    match value {
        Val::Bool(_) | Val::S8(_) | Val::U8(_) => 1,
        Val::S16(_) | Val::U16(_) => 2,
        Val::S64(_) | Val::U64(_) | Val::Float64(_) => 8,
        Val::String(text) => text.len(),
        Val::List(values) | Val::Tuple(values) | Val::FixedLengthList(values) => {
            sum(&mut values.iter().map(size))
        }
        Val::Map(entries) => {
            sum(&mut entries.iter().map(|(key, value)| size(key).saturating_add(size(value))))
        }
        Val::Record(fields) => sum(&mut fields.iter().map(|(_, value)| size(value))),
        // The case itself counts as a number.
        Val::Variant(_, value) | Val::Option(value) => boxed(value).saturating_add(1),
        Val::Result(Ok(value) | Err(value)) => boxed(value).saturating_add(1),
        // An enum case, flags or a handle counts as a number.
        _ => 4,
    }
}
