//! `plugwright::world!`, which makes a world of a WIT package known to the host.

use wasmtime::Result;
use wasmtime::component::{HasData, Linker};

use crate::call::world::World;

/// Generates the type of a world with typed calls of its plugins. The macro calls wasmtime's `bindgen!` and implements
/// [`World`](crate::World) for the type.
///
/// `world!(Pricing, PricingPre = "pricing" in "wit")` is for the world `pricing` in the folder `wit` beside the crate's
/// `Cargo.toml`. `Pricing` and `PricingPre` are the names that `bindgen!` gives the world and a component that fits it.
/// All names of the contract come from its WIT, which can also be written inline: `inline "package …"` instead of
/// `in "wit"`. Then come optional settings, in this order:
///
/// - `data = Arc<Catalogue>`: the type that host functions find in [`State::data`](crate::State::data), `()` by default;
/// - `imports: { default: async | trappable }`: the kind of host functions, [as for `bindgen!`](wasmtime::component::bindgen),
///   `{ default: async }` by default;
/// - `with: { "shop:pricing/catalogue.shelf": Shelf }`: the application's own types for resources, as for `bindgen!`;
/// - `derives: [PartialEq]`: traits that the generated types derive in addition.
///
/// Put each of several worlds into its own module, since their names would clash.
///
/// Host functions are the methods of the traits that `bindgen!` generates, implemented for
/// [`State<Data>`](crate::State). The crate has to depend on `plugwright` under this name.
///
/// ```no_run
/// use plugwright::{Host, Plugin};
///
/// plugwright::world!(Greeter, GreeterPre = "greeter" inline "
///     package demo:greetings@0.1.0;
///
///     world greeter {
///         export greet: func(name: string) -> string;
///     }
/// ");
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let greeter: Plugin<Greeter> = Host::builder().build()?.load("dist/greeter.wasm")?;
/// let greeting = greeter.call("greet", async |greeter, store| {
///     Ok(Ok::<_, String>(greeter.call_greet(store, "Ada").await?))
/// })?;
/// # Ok(())
/// # }
/// ```
#[macro_export]
macro_rules! world {
    ($world:ident, $pre:ident = $name:literal in $path:literal $($more:tt)*) => {
        plugwright::world!(@ $world, $pre, { world: $name, path: $path }, $($more)*);
    };
    ($world:ident, $pre:ident = $name:literal inline $text:literal $($more:tt)*) => {
        plugwright::world!(@ $world, $pre, { world: $name, inline: $text }, $($more)*);
    };
    (
        @ $world:ident, $pre:ident, $from:tt,
        $(, data = $data:ty)?
        $(, imports: $imports:tt)?
        $(, with: $with:tt)?
        $(, derives: $derives:tt)?
        $(,)?
    ) => {
        plugwright::world!(@bindgen $from, [$($imports)?], [$($with)?], [$($derives)?]);

        impl $crate::World for $world {
            const TYPE: &'static [u8] = COMPONENT_TYPE;
            const LINKS_THE_SAME: bool = true;

            type Data = plugwright::world!(@data $($data)?);
            type Pre = $pre<$crate::State<Self::Data>>;

            fn link(
                linker: &mut $crate::wasmtime::component::Linker<$crate::State<Self::Data>>,
            ) -> $crate::wasmtime::Result<()> {
                #[allow(unused_imports, reason = "of a world without imports, nothing is linked")]
                use $crate::LinksNothing as _;
                Self::add_to_linker::<_, $crate::wasmtime::component::HasSelf<_>>(linker, |state| state)
            }

            fn prepare(
                component: $crate::wasmtime::component::InstancePre<$crate::State<Self::Data>>,
            ) -> $crate::wasmtime::Result<Self::Pre> {
                $pre::new(component)
            }

            async fn instantiate(
                pre: &Self::Pre,
                store: &mut $crate::wasmtime::Store<$crate::State<Self::Data>>,
            ) -> $crate::wasmtime::Result<Self> {
                pre.instantiate_async(store).await
            }
        }
    };
    (@data) => { () };
    (@data $data:ty) => { $data };
    (@bindgen $from:tt, [], $with:tt, $derives:tt) => {
        plugwright::world!(@bindgen $from, [{ default: async }], $with, $derives);
    };
    (@bindgen { $($from:tt)* }, [$imports:tt], [$($with:tt)?], [$($derives:tt)?]) => {
        // `bindgen!` does not accept a path with `$crate`.
        plugwright::wasmtime::component::bindgen!({
            $($from)*,
            imports: $imports,
            exports: { default: async },
            $(with: $with,)?
            $(additional_derives: $derives,)?
            wasmtime_crate: plugwright::wasmtime,
            include_component_type: true,
        });
    };
}

/// Links nothing. It replaces the function that `bindgen!` generates only for worlds with imports.
#[doc(hidden)]
pub trait LinksNothing {
    /// Does nothing.
    ///
    /// # Errors
    ///
    /// None.
    fn add_to_linker<T, D: HasData>(
        _linker: &mut Linker<T>,
        _state: fn(&mut T) -> D::Data<'_>,
    ) -> Result<()> {
        Ok(())
    }
}

impl<W: World> LinksNothing for W {}
