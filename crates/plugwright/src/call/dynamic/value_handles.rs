//! Finds the handles in values, with their expected types.

use wasmtime::Result;
use wasmtime::component::{ResourceAny, ResourceType, Type, Val};

/// Calls `found` for each handle in a value of the type, with the expected resource, and whether the handle is given
/// away.
pub(crate) fn each_handle_of(
    value: &mut Val,
    ty: &Type,
    found: &mut dyn FnMut(&mut ResourceAny, ResourceType, bool) -> Result<()>,
) -> Result<()> {
    match (value, ty) {
        (Val::Resource(handle), Type::Own(resource)) => found(handle, *resource, true),
        (Val::Resource(handle), Type::Borrow(resource)) => found(handle, *resource, false),
        (Val::List(values), Type::List(list)) => {
            let ty = list.ty();
            if is_plain(&ty) {
                return Ok(());
            }
            values.iter_mut().try_for_each(|value| each_handle_of(value, &ty, found))
        }
        (Val::FixedLengthList(values), Type::FixedLengthList(list)) => {
            let ty = list.ty();
            values.iter_mut().try_for_each(|value| each_handle_of(value, &ty, found))
        }
        (Val::Map(entries), Type::Map(map)) => {
            let ty = map.value();
            entries.iter_mut().try_for_each(|(_, value)| each_handle_of(value, &ty, found))
        }
        (Val::Record(fields), Type::Record(record)) => {
            let mut fields = fields.iter_mut().zip(record.fields());
            fields.try_for_each(|((_, value), field)| each_handle_of(value, &field.ty, found))
        }
        (Val::Tuple(values), Type::Tuple(tuple)) => {
            let mut values = values.iter_mut().zip(tuple.types());
            values.try_for_each(|(value, ty)| each_handle_of(value, &ty, found))
        }
        (Val::Variant(name, Some(value)), Type::Variant(variant)) => {
            let case = variant.cases().find(|case| case.name == name);
            match case.and_then(|case| case.ty) {
                Some(ty) => each_handle_of(value, &ty, found),
                None => Ok(()),
            }
        }
        (Val::Option(Some(value)), Type::Option(option)) => {
            each_handle_of(value, &option.ty(), found)
        }
        (Val::Result(Ok(Some(value))), Type::Result(result)) => match result.ok() {
            Some(ty) => each_handle_of(value, &ty, found),
            None => Ok(()),
        },
        (Val::Result(Err(Some(value))), Type::Result(result)) => match result.err() {
            Some(ty) => each_handle_of(value, &ty, found),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Returns whether the type has no parts and is not a handle.
fn is_plain(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Bool
            | Type::S8
            | Type::U8
            | Type::S16
            | Type::U16
            | Type::S32
            | Type::U32
            | Type::S64
            | Type::U64
            | Type::Float32
            | Type::Float64
            | Type::Char
            | Type::String
    )
}
