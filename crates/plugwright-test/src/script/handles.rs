//! Handles in scripts: their names, and whether they are still valid.

use std::collections::BTreeMap;

use plugwright::wasmtime::Result;
use plugwright::wasmtime::component::{ResourceAny, Type, Val};

/// The handles that the script got from an instance.
#[derive(Debug, Default)]
pub(crate) struct Handles {
    known: Vec<Known>,
    /// The number of handles so far, for each resource of the plugin.
    counts: BTreeMap<String, u32>,
}

#[derive(Debug)]
struct Known {
    handle: ResourceAny,
    name: String,
    /// What happened to the handle, if it is gone.
    gone: Option<String>,
}

/// The handles that the arguments of one call give away or lend.
#[derive(Debug, Default)]
pub(crate) struct Use {
    pub(crate) owned: Vec<ResourceAny>,
    lent: Vec<ResourceAny>,
}

impl Handles {
    /// Adds a handle to a resource of this name, with the given number or else the next one.
    pub(crate) fn add(&mut self, handle: ResourceAny, resource: &str, number: Option<u32>) {
        if self.known.iter().any(|known| known.handle == handle && known.gone.is_none()) {
            return;
        }
        let number = number.unwrap_or_else(|| {
            let count = self.counts.entry(resource.to_owned()).or_default();
            *count = count.saturating_add(1);
            *count
        });
        self.known.push(Known { handle, name: handle_name(resource, number), gone: None });
    }

    /// Returns the name of the handle.
    pub(crate) fn name(&self, handle: &ResourceAny) -> String {
        self.find(handle).map_or_else(|| "handle".to_owned(), |known| known.name.clone())
    }

    /// Returns what happened to the handle, if it is gone.
    pub(crate) fn gone(&self, handle: &ResourceAny) -> Option<&str> {
        self.find(handle)?.gone.as_deref()
    }

    /// Marks the handle as gone, with what happened to it.
    pub(crate) fn give_away(&mut self, handle: &ResourceAny, gone: &str) {
        let found = self.known.iter_mut().rev().find(|known| known.handle == *handle);
        if let Some(known) = found {
            known.gone = Some(gone.to_owned());
        }
    }

    fn find(&self, handle: &ResourceAny) -> Option<&Known> {
        // The last one comes first, because the engine may reuse the number of a freed handle.
        self.known.iter().rev().find(|known| known.handle == *handle)
    }
}

/// Returns the name of a handle, such as `person-resource#1`.
pub(crate) fn handle_name(resource: &str, number: u32) -> String {
    format!("{}#{number}", resource.rsplit('.').next().unwrap_or(resource))
}

impl Use {
    /// Adds a use of the handle. Returns whether this use is impossible, because the same call already gives the handle
    /// away, or lends it while this use gives it away.
    pub(crate) fn is_used_up(&mut self, handle: ResourceAny, is_owned: bool) -> bool {
        let is_used_up = self.owned.contains(&handle) || (is_owned && self.lent.contains(&handle));
        if is_owned {
            self.owned.push(handle);
        } else {
            self.lent.push(handle);
        }
        is_used_up
    }
}

/// Passes each handle in the value to `found`.
pub(crate) fn each_handle(
    value: &mut Val,
    found: &mut dyn FnMut(&mut ResourceAny) -> Result<()>,
) -> Result<()> {
    match value {
        Val::Resource(handle) => found(handle),
        Val::List(values) | Val::Tuple(values) | Val::FixedLengthList(values) => {
            values.iter_mut().try_for_each(|value| each_handle(value, found))
        }
        Val::Map(entries) => entries.iter_mut().try_for_each(|(key, value)| {
            each_handle(key, found)?;
            each_handle(value, found)
        }),
        Val::Record(fields) => {
            fields.iter_mut().try_for_each(|(_, value)| each_handle(value, found))
        }
        Val::Variant(_, Some(value))
        | Val::Option(Some(value))
        | Val::Result(Ok(Some(value)) | Err(Some(value))) => each_handle(value, found),
        _ => Ok(()),
    }
}

/// Returns whether the value is of the type. Passes each handle in it to `found`, with whether the handle is given away.
pub(crate) fn fits(value: &Val, ty: &Type, found: &mut dyn FnMut(ResourceAny, bool)) -> bool {
    let mut payload = |value: &Option<Box<Val>>, ty: Option<Type>| match (value, ty) {
        (Some(value), Some(ty)) => fits(value, &ty, found),
        (None, None) => true,
        _ => false,
    };
    match (value, ty) {
        (Val::Bool(_), Type::Bool)
        | (Val::S8(_), Type::S8)
        | (Val::U8(_), Type::U8)
        | (Val::S16(_), Type::S16)
        | (Val::U16(_), Type::U16)
        | (Val::S32(_), Type::S32)
        | (Val::U32(_), Type::U32)
        | (Val::S64(_), Type::S64)
        | (Val::U64(_), Type::U64)
        | (Val::Float32(_), Type::Float32)
        | (Val::Float64(_), Type::Float64)
        | (Val::Char(_), Type::Char)
        | (Val::String(_), Type::String) => true,
        (Val::List(values), Type::List(list)) => {
            let ty = list.ty();
            values.iter().all(|value| fits(value, &ty, found))
        }
        (Val::FixedLengthList(values), Type::FixedLengthList(list)) => {
            let ty = list.ty();
            values.len() as u64 == u64::from(list.len())
                && values.iter().all(|value| fits(value, &ty, found))
        }
        (Val::Map(entries), Type::Map(map)) => {
            let (of_key, of_value) = (map.key(), map.value());
            entries
                .iter()
                .all(|(key, value)| fits(key, &of_key, found) && fits(value, &of_value, found))
        }
        (Val::Record(fields), Type::Record(record)) => {
            fields.len() == record.fields().len()
                && fields.iter().zip(record.fields()).all(|((name, value), field)| {
                    name == field.name && fits(value, &field.ty, found)
                })
        }
        (Val::Tuple(values), Type::Tuple(tuple)) => {
            values.len() == tuple.types().len()
                && values.iter().zip(tuple.types()).all(|(value, ty)| fits(value, &ty, found))
        }
        (Val::Variant(name, value), Type::Variant(variant)) => {
            let case = variant.cases().find(|case| case.name == name);
            case.is_some_and(|case| payload(value, case.ty))
        }
        (Val::Enum(name), Type::Enum(of)) => of.names().any(|known| known == name),
        (Val::Flags(names), Type::Flags(flags)) => {
            names.iter().all(|name| flags.names().any(|known| known == name))
        }
        (Val::Option(None), Type::Option(_)) => true,
        (Val::Option(value), Type::Option(option)) => payload(value, Some(option.ty())),
        (Val::Result(Ok(value)), Type::Result(result)) => payload(value, result.ok()),
        (Val::Result(Err(value)), Type::Result(result)) => payload(value, result.err()),
        (Val::Resource(handle), Type::Own(resource) | Type::Borrow(resource)) => {
            found(*handle, matches!(ty, Type::Own(_)));
            handle.ty() == *resource
        }
        _ => false,
    }
}
