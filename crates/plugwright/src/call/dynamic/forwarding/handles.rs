//! The handles that the application's own host functions returned to an observed plugin, and the handles that replace
//! them.

use wasmtime::component::types::ComponentFunc;
use wasmtime::component::{ResourceAny, ResourceDynamic, Val};
use wasmtime::{AsContextMut as _, Error, Result, StoreContextMut};

use crate::call::dynamic::functions::Functions;
use crate::call::dynamic::observed::KnownHandle;
use crate::call::dynamic::value_handles::each_handle_of;
use crate::call::state::State;
use crate::permission::limits::Limit;

/// Removes the handle of a host function from the kept handles, and returns it.
pub(super) fn take<D: 'static>(
    store: &mut StoreContextMut<'_, State<D>>,
    key: (u32, u32),
) -> Option<ResourceAny> {
    let taken = store.data_mut().forwarding.as_mut()?.handles.remove(&key);
    limit_handles(store);
    taken
}

/// Keeps a handle that a host function returned, and returns the handle that the plugin gets instead.
pub(super) fn numbered<D: 'static>(
    store: &mut StoreContextMut<'_, State<D>>,
    resource: u32,
    handle: ResourceAny,
) -> Result<KnownHandle> {
    let forwarding = store.data_mut().forwarding.as_mut();
    let forwarding = forwarding.ok_or_else(|| Error::msg("there is no forwarder"))?;
    let made = forwarding.made.entry(resource).or_default();
    *made = made.checked_add(1).ok_or_else(|| Error::msg("there are too many handles"))?;
    let number = *made;
    forwarding.handles.insert((resource, number), handle);
    limit_handles(store);
    let handle = ResourceDynamic::new_own(number, resource);
    let handle = handle.try_into_resource_any(store.as_context_mut())?;
    Ok(KnownHandle { handle, resource, number })
}

/// Returns the handle of the host function behind the plugin's handle. If the plugin gives its handle away, the host
/// function's handle is not kept any longer.
pub(super) fn handle_behind<D: 'static>(
    store: &mut StoreContextMut<'_, State<D>>,
    resource: u32,
    handle: ResourceAny,
) -> Result<KnownHandle> {
    let is_owned = handle.owned();
    let number = handle.try_into_resource_dynamic(store.as_context_mut())?.rep();
    let key = (resource, number);
    let found = match is_owned {
        true => take(store, key),
        false => store.data().forwarding.as_ref().and_then(|it| it.handles.get(&key)).copied(),
    };
    let handle = found.ok_or_else(|| Error::msg("the handle does not exist any more"))?;
    Ok(KnownHandle { handle, resource, number })
}

/// Returns the application's own handle for the handle that an observed plugin has instead. Any other handle is
/// returned unchanged.
pub(crate) fn own_handle<D: 'static>(
    store: &mut StoreContextMut<'_, State<D>>,
    functions: &Functions,
    handle: ResourceAny,
) -> Result<ResourceAny> {
    let resource = functions.imported_number(handle.ty());
    match resource.filter(|_| store.data().forwarding.is_some()) {
        Some(resource) => Ok(handle_behind(store, resource, handle)?.handle),
        None => Ok(handle),
    }
}

/// Replaces the application's own handles among the arguments of a call with the plugin's handles, and returns those
/// that are lent.
pub(crate) fn give<D: 'static>(
    store: &mut StoreContextMut<'_, State<D>>,
    functions: &Functions,
    ty: &ComponentFunc,
    arguments: &mut [Val],
) -> Result<Vec<KnownHandle>> {
    let mut lent = Vec::new();
    for (value, (_, ty)) in arguments.iter_mut().zip(ty.params()) {
        each_handle_of(value, &ty, &mut |handle, ty, is_given| {
            let resource = functions.imported_number(ty).filter(|_| handle.ty() != ty);
            let Some(resource) = resource else { return Ok(()) };
            let known = numbered(store, resource, *handle)?;
            *handle = known.handle;
            if !is_given {
                lent.push(known);
            }
            Ok(())
        })?;
    }
    Ok(lent)
}

/// Takes back the handles that were lent for a call.
pub(crate) fn take_back<D: 'static>(
    store: &mut StoreContextMut<'_, State<D>>,
    lent: Vec<KnownHandle>,
) -> Result<()> {
    lent.into_iter().try_for_each(|KnownHandle { handle, resource, .. }| {
        handle_behind(store, resource, handle).map(drop)
    })
}

/// Sets the limit of handles. The handles that are kept for the plugin are added to it, since they count too.
pub(super) fn limit_handles<D: 'static>(store: &mut StoreContextMut<'_, State<D>>) {
    let state = store.data();
    let kept = state.forwarding.as_ref().map_or(0, |forwarding| forwarding.handles.len());
    let limit = usize::try_from(state.meter.limits.value(Limit::Handles)).unwrap_or(usize::MAX);
    store.set_max_component_handles(limit.saturating_add(kept));
}
