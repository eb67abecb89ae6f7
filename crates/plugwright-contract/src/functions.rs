//! Finds exported functions of a plugin by name, and calls them with the types of the contract. Interfaces that are the
//! same in several versions of the contract need this, because wasmtime's bindings know only one name of each
//! interface.

use plugwright::State;
use plugwright::wasmtime::component::{
    ComponentExportIndex, ComponentNamedList, ComponentType, Func, Instance, InstancePre, Lift,
    Lower,
};
use plugwright::wasmtime::{Error, Result, Store};

/// Finds functions of the interface that the component exports.
pub(crate) fn find<const N: usize>(
    component: &InstancePre<State>,
    interface: &str,
    functions: [&str; N],
) -> Result<[ComponentExportIndex; N]> {
    let component = component.component();
    let missing = |name: &str| Error::msg(format!("no export `{name}` found"));
    let instance = component.get_export_index(None, interface).ok_or_else(|| missing(interface))?;
    let mut found = Vec::with_capacity(N);
    for function in functions {
        let index = component.get_export_index(Some(&instance), function);
        found.push(index.ok_or_else(|| missing(function))?);
    }
    found.try_into().map_err(|_| Error::msg("the number of functions differs"))
}

/// Returns the function of the instance, after a check of its type.
pub(crate) fn load<P, R>(
    store: &mut Store<State>,
    instance: &Instance,
    function: &ComponentExportIndex,
) -> Result<Func>
where
    P: ComponentNamedList + Lower,
    R: ComponentType + Lift,
{
    Ok(*instance.get_typed_func::<P, (R,)>(store, function)?.func())
}

/// Calls the function.
pub(crate) async fn call<P, R>(store: &mut Store<State>, function: Func, arguments: P) -> Result<R>
where
    P: ComponentNamedList + Lower + Send + Sync,
    R: ComponentType + Lift + Send + Sync + 'static,
{
    let function = function.typed::<P, (R,)>(&*store)?;
    let (result,) = function.call_async(store, arguments).await?;
    Ok(result)
}
