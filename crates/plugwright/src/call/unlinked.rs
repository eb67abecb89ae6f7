//! Plugins that are looked at, and never called: the host functions of their contract are not there.

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, InstancePre, Linker, LinkerInstance, ResourceType};
use wasmtime::{Error, Result, Store};

use crate::call::state::State;
use crate::call::world::World;

/// A world of which a host knows the names and links nothing: for plugins that are looked at, and never called.
pub(crate) struct Unlinked;

impl World for Unlinked {
    const TYPE: &'static [u8] = &[];

    type Data = ();
    type Pre = InstancePre<State>;

    fn link(_: &mut Linker<State>) -> Result<()> {
        Ok(())
    }

    fn prepare(component: InstancePre<State>) -> Result<Self::Pre> {
        Ok(component)
    }

    async fn instantiate(pre: &Self::Pre, store: &mut Store<State>) -> Result<Self> {
        pre.instantiate_async(store).await.map(|_| Self)
    }
}

/// Links, in the place of all that the component imports but WASI, functions that end whoever calls them.
pub(crate) fn link(linker: &mut Linker<State>, component: &Component) -> Result<()> {
    let engine = linker.engine().clone();
    for (name, item) in component.component_type().imports(&engine) {
        // Of WASI there is what there is for each plugin, and no more.
        if !name.starts_with("wasi:") {
            link_item(&mut linker.root(), name, &item.ty, &engine)?;
        }
    }
    Ok(())
}

fn link_item(
    linker: &mut LinkerInstance<'_, State>,
    name: &str,
    item: &ComponentItem,
    engine: &wasmtime::Engine,
) -> Result<()> {
    match item {
        ComponentItem::ComponentFunc(_) => {
            let ends = format!("`{name}` is not there while a plugin is looked at");
            linker.func_new(name, move |_, _, _, _| Err(Error::msg(ends.clone())))
        }
        ComponentItem::ComponentInstance(instance) => {
            let mut linker = linker.instance(name)?;
            let mut exports = instance.exports(engine);
            exports.try_for_each(|(name, item)| link_item(&mut linker, name, &item.ty, engine))
        }
        ComponentItem::Resource(_) => {
            linker.resource(name, ResourceType::host::<()>(), |_, _| Ok(()))
        }
        // Types need nothing.
        _ => Ok(()),
    }
}
