//! Refuses the features of WIT that this host does not support, before a skeleton is generated.

use anyhow::{Result, bail};
use plugwright::ForeignText;
use wit_parser::{
    Function, LiveTypes, Resolve, Type, TypeDefKind, TypeId, TypeOwner, WorldItem, WorldKey,
};

use super::rust_types::parts;
use super::{Request, world};

/// Checks that this host can run plugins for the world.
///
/// # Errors
///
/// Names the first function that is async, or the first type that the host does not support, and where it is.
pub fn check_hosted(request: &Request<'_>) -> Result<()> {
    for (key, item) in request.imports().iter().chain(request.exports()) {
        match item {
            WorldItem::Function(function) => check_function(request, key, None, function)?,
            WorldItem::Type { id, .. } => check_types(request, [Type::Id(*id)])?,
            WorldItem::Interface { id, .. } => {
                let interface = &request.resolve.interfaces[*id];
                check_types(request, interface.types.values().copied().map(Type::Id))?;
                let name = request.interface_name(world::Interface { key, id: *id });
                for function in interface.functions.values() {
                    check_function(request, key, Some(name), function)?;
                }
            }
        }
    }
    Ok(())
}

fn check_function(
    request: &Request<'_>,
    key: &WorldKey,
    interface: Option<&str>,
    function: &Function,
) -> Result<()> {
    let name = match interface {
        Some(interface) => format!("{interface}.{}", function.name),
        None => function.name.clone(),
    };
    let place = match key {
        WorldKey::Interface(_) => request.resolve.name_world_key(key),
        WorldKey::Name(_) => request.world_name().to_owned(),
    };
    if function.kind.is_async() {
        bail!(
            "the function `{}` is async, which this host does not support: remove `async` from it in `{}`",
            ForeignText::from(name),
            ForeignText::from(place)
        );
    }
    let in_types = |error: anyhow::Error| error.context(format!("in the function `{name}`"));
    check_types(request, function.parameter_and_result_types()).map_err(in_types)
}

fn check_types(request: &Request<'_>, types: impl IntoIterator<Item = Type>) -> Result<()> {
    let mut live = LiveTypes::default();
    for ty in types {
        if matches!(ty, Type::ErrorContext) {
            bail!(refusal("error-context", "a string"));
        }
        live.add_type(request.resolve, &ty);
    }
    live.iter().try_for_each(|id| check_type(request.resolve, id))
}

fn check_type(resolve: &Resolve, id: TypeId) -> Result<()> {
    let ty = &resolve.types[id];
    let (kind, instead) = match &ty.kind {
        TypeDefKind::Future(_) => ("future", "a function"),
        TypeDefKind::Stream(_) => ("stream", "a list or a resource"),
        TypeDefKind::Map(..) => ("map", "a list of tuples"),
        TypeDefKind::FixedLengthList(..) => ("list of fixed length", "a list or a tuple"),
        kind if parts(kind).iter().any(|ty| matches!(ty, Type::ErrorContext)) => {
            ("error-context", "a string")
        }
        _ => return Ok(()),
    };
    let name = ty.name.as_ref().map(|name| format!(" `{}`", ForeignText::from(&**name)));
    let place = match ty.owner {
        TypeOwner::Interface(id) => resolve.id_of(id),
        TypeOwner::World(id) => Some(resolve.worlds[id].name.clone()),
        TypeOwner::None => None,
    };
    let place = place.map(|place| format!(" of `{}`", ForeignText::from(place)));
    match (name, place) {
        (Some(name), Some(place)) => {
            bail!("the type{name}{place}: {}", refusal(kind, instead))
        }
        _ => bail!(refusal(kind, instead)),
    }
}

fn refusal(kind: &str, instead: &str) -> String {
    format!("this host does not support the type `{kind}`: use {instead} instead")
}
