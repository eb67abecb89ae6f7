//! The shop's contract, made known to the host library.
#![expect(missing_docs, reason = "what wasmtime generates, and the contract has the words")]

use std::sync::Arc;

use plugwright::wasmtime::component::{HasSelf, InstancePre, Linker, bindgen};
use plugwright::wasmtime::{Result, Store};
use plugwright::{State, World};

use crate::Catalogue;

bindgen!({
    path: "wit",
    world: "pricing",
    imports: { default: async },
    exports: { default: async },
    wasmtime_crate: plugwright::wasmtime,
});

impl World for Pricing {
    const NAME: &'static str = "shop:pricing/pricing@1.0.0";
    const IMPORTS: &'static [&'static str] = &["shop:pricing/catalogue@1.0.0"];
    const EXPORTS: &'static [&'static str] = &["shop:pricing/rules@1.0.0"];

    type Data = Arc<Catalogue>;
    type Pre = PricingPre<State<Self::Data>>;

    fn link(linker: &mut Linker<State<Self::Data>>) -> Result<()> {
        Self::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
    }

    fn prepare(component: InstancePre<State<Self::Data>>) -> Result<Self::Pre> {
        PricingPre::new(component)
    }

    async fn instantiate(pre: &Self::Pre, store: &mut Store<State<Self::Data>>) -> Result<Self> {
        pre.instantiate_async(store).await
    }
}
