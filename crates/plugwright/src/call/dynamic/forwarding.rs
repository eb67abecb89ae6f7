//! Forwarding of calls to the application's own host functions, and the plugin's handles in such calls.
//!
//! The engine does not reveal the value behind a handle to a resource of an unknown type. So the plugin gets handles
//! that are numbers, and the host keeps the handles that the host functions returned.

pub(crate) mod handles;
pub(crate) mod kept;
mod paused;

use std::sync::Arc;

use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{
    Component, ComponentExportIndex, InstancePre, Linker, LinkerInstance, ResourceType, Val,
};
use wasmtime::{AsContextMut as _, Engine, Error, Result, Store, StoreContextMut, WasmBacktrace};

use crate::call::dynamic::forwarder::imported::{Forwarded, ForwardedResource};
use crate::call::dynamic::forwarder::{Forwarder, export_name};
use crate::call::dynamic::forwarding::handles::{handle_behind, numbered, take};
use crate::call::dynamic::forwarding::kept::Forwarding;
use crate::call::dynamic::forwarding::paused::Paused;
use crate::call::dynamic::function_name::FunctionName;
use crate::call::dynamic::imported::ImportedResources;
use crate::call::dynamic::imports::number_of;
use crate::call::dynamic::observed::Observed;
use crate::call::dynamic::value_handles::each_handle_of;
use crate::call::state::State;

/// A forwarder that is ready to be instantiated.
pub(crate) struct ForwarderPre<D: 'static> {
    component: InstancePre<State<D>>,
    /// The forwarder's functions, by number.
    exports: Vec<ComponentExportIndex>,
    /// How many core instances the forwarder has.
    instances: usize,
}

/// An imported function that is called through a forwarder.
struct Route {
    /// The number of the forwarder's function that calls it.
    number: usize,
    function: FunctionName,
    resources: Arc<ImportedResources>,
}

impl<D: Send + 'static> ForwarderPre<D> {
    /// Prepares the forwarder for a plugin whose imports are in the linker.
    pub(crate) fn new(
        forwarder: &Forwarder,
        plugin: &Component,
        linker: &Linker<State<D>>,
    ) -> Result<Self> {
        let mut linker = linker.clone();
        let imports = linker.substituted_component_type(plugin)?;
        for ForwardedResource { name, interface, resource } in &forwarder.resources {
            let interface = imports.get_import(linker.engine(), interface);
            let ty = interface.and_then(|interface| match interface.ty {
                ComponentItem::ComponentInstance(instance) => {
                    instance.get_export(linker.engine(), resource).map(|found| found.ty)
                }
                _ => None,
            });
            let Some(ComponentItem::Resource(ty)) = ty else { continue };
            // The resource is dropped by its original name, so this name needs no destructor.
            linker.root().resource(name, ty, |_, _| Ok(()))?;
        }
        let component = Component::new(linker.engine(), &forwarder.component)?;
        let missing = || Error::msg("the forwarder lacks a function");
        let exports = (0..forwarder.functions.len()).map(|number| {
            component.get_export_index(None, export_name(number)).ok_or_else(missing)
        });
        let exports = exports.collect::<Result<_>>()?;
        let component = linker.instantiate_pre(&component)?;
        Ok(Self { component, exports, instances: forwarder.instances })
    }

    /// Returns the component that is instantiated.
    pub(crate) fn component(&self) -> &Component {
        self.component.component()
    }

    /// Makes an instance, through which calls in the store are forwarded. It counts for none of the plugin's limits.
    pub(crate) async fn instantiate(&self, store: &mut Store<State<D>>) -> Result<()> {
        store.data_mut().meter.own_instances = self.instances;
        let paused = Paused::begin(&mut store.as_context_mut())?;
        let instance = self.component.instantiate_async(&mut *store).await?;
        paused.end(&mut store.as_context_mut())?;
        let mut function = |index| instance.get_func(&mut *store, index);
        let functions = self.exports.iter().map(|index| {
            function(index).ok_or_else(|| Error::msg("the forwarder lacks a function"))
        });
        let functions = functions.collect::<Result<_>>()?;
        store.data_mut().forwarding = Some(Box::new(Forwarding::new(functions)));
        Ok(())
    }
}

/// Replaces all functions that the forwarder calls with functions that call them through the forwarder, and replaces
/// the resources in their types with numbers.
pub(crate) fn link<D: Send + 'static>(
    linker: &mut Linker<State<D>>,
    component: &Component,
    forwarded: &[Forwarded],
) -> Result<()> {
    linker.allow_shadowing(true);
    let engine = linker.engine().clone();
    let resources = Arc::new(ImportedResources::of(component));
    let of_wasi = wasi_resources(component, &engine);
    for (name, item) in component.component_type().imports(&engine) {
        match &item.ty {
            _ if name.starts_with("wasi:") => {}
            ComponentItem::ComponentInstance(instance) => {
                let mut linker = linker.instance(name)?;
                for (name, item) in instance.exports(&engine) {
                    if let ComponentItem::Resource(ty) = item.ty {
                        link_resource(&mut linker, name, ty, &resources, &of_wasi)?;
                    }
                }
            }
            ComponentItem::Resource(ty) => {
                link_resource(&mut linker.root(), name, *ty, &resources, &of_wasi)?;
            }
            _ => {}
        }
    }
    for (number, Forwarded { interface, name }) in forwarded.iter().enumerate() {
        let function = FunctionName::parse(interface.as_deref(), name).ok_or_else(|| {
            Error::msg(format!("`{name}` is a kind of function that this host does not support"))
        })?;
        let route = Arc::new(Route { number, function, resources: Arc::clone(&resources) });
        let mut linker = match interface {
            Some(interface) => linker.instance(interface)?,
            None => linker.root(),
        };
        linker.func_new_async(name, move |store, ty, arguments, results| {
            let route = Arc::clone(&route);
            Box::new(async move { route.forward(store, &ty, arguments, results).await })
        })?;
    }
    Ok(())
}

/// Returns the resources of WASI. They are never replaced, because they are the same types on both sides.
fn wasi_resources(component: &Component, engine: &Engine) -> Vec<ResourceType> {
    let mut found = Vec::new();
    for (name, item) in component.component_type().imports(engine) {
        let ComponentItem::ComponentInstance(instance) = item.ty else { continue };
        if name.starts_with("wasi:") {
            found.extend(instance.exports(engine).filter_map(|(_, item)| match item.ty {
                ComponentItem::Resource(ty) => Some(ty),
                _ => None,
            }));
        }
    }
    found
}

fn link_resource<D: Send + 'static>(
    linker: &mut LinkerInstance<'_, State<D>>,
    name: &str,
    ty: ResourceType,
    resources: &ImportedResources,
    of_wasi: &[ResourceType],
) -> Result<()> {
    let number = resources.number(ty).filter(|_| !of_wasi.contains(&ty));
    let Some(resource) = number else { return Ok(()) };
    linker.resource_async(name, ResourceType::host_dynamic(resource), move |mut store, number| {
        Box::new(async move {
            let Some(handle) = take(&mut store, (resource, number)) else { return Ok(()) };
            handle.resource_drop_async(&mut store).await
        })
    })
}

impl Route {
    /// Calls the function through the forwarder, and calls the observer.
    async fn forward<D: Send + 'static>(
        &self,
        mut store: StoreContextMut<'_, State<D>>,
        ty: &ComponentFunc,
        arguments: &[Val],
        results: &mut [Val],
    ) -> Result<()> {
        let resources = &*self.resources;
        let (mut handles, mut lent) = (Vec::new(), Vec::new());
        let mut arguments = arguments.to_vec();
        for (value, (_, ty)) in arguments.iter_mut().zip(ty.params()) {
            each_handle_of(value, &ty, &mut |handle, ty, _| {
                if let Ok(resource) = number_of(resources, ty) {
                    let known = handle_behind(&mut store, resource, *handle)?;
                    *handle = known.handle;
                    handles.push(known);
                } else if !handle.owned() {
                    lent.push(*handle);
                }
                Ok(())
            })?;
        }
        let forwarding = store.data().forwarding.as_ref();
        let function = forwarding.and_then(|it| it.functions.get(self.number)).copied();
        let function = function.ok_or_else(|| Error::msg("there is no forwarder"))?;
        let paused = Paused::begin(&mut store)?;
        let called = function.call_async(&mut store, &arguments, results).await;
        paused.end(&mut store)?;
        let called = called.map_err(|error| match error.is::<WasmBacktrace>() {
            // The backtrace must not contain the forwarder's own functions.
            true => error.context(WasmBacktrace::capture(&store)),
            false => error,
        });
        if called.is_ok() {
            for handle in lent {
                handle.resource_drop_async(&mut store).await?;
            }
            for (value, ty) in results.iter_mut().zip(ty.results()) {
                each_handle_of(value, &ty, &mut |handle, ty, _| {
                    if let Ok(resource) = number_of(resources, ty) {
                        let known = numbered(&mut store, resource, *handle)?;
                        *handle = known.handle;
                        handles.push(known);
                    }
                    Ok(())
                })?;
            }
        }
        if let Some(observer) = store.data().observer.clone() {
            observer.tell(&Observed {
                function: &self.function,
                arguments: &arguments,
                result: called.as_ref().map(|()| results.first()),
                handles: &handles,
                resources: resources.names(),
            })?;
        }
        called
    }
}
