//! Adapters, which call plugins of older versions of the contract with today's types.
//!
//! Only types that changed have their own bindings, which wasmtime generates from the release in `wit/releases/`. All
//! other types are today's types, because the component model compares types by structure. wasmtime checks the types
//! when a plugin is loaded.

use std::marker::PhantomData;
use std::pin::Pin;

use plugwright::State;
use plugwright::wasmtime::component::{
    ComponentExportIndex, ComponentNamedList, ComponentType, Func, Instance, InstancePre, Lift,
    Lower, ResourceAny,
};
use plugwright::wasmtime::{Result, Store};

use crate::bindings::streamer::exports::plugwright::plugin::sessions::Ending;
use crate::bindings::transform_0_1::exports::plugwright::plugin::transform as v0_1;
use crate::functions::{call, find, load};
use crate::{Description, Document, Failure, Head, Location, Setting};

/// The future of a call. It is boxed, because its type depends on the version of the contract.
pub(crate) type Answer<'a, R> = Pin<Box<dyn Future<Output = Result<R>> + Send + 'a>>;

/// The interface `transform` of an older version.
pub(crate) trait OlderTransform: Send + Sync {
    fn describe<'a>(&'a self, store: &'a mut Store<State>) -> Answer<'a, Description>;

    fn transform<'a>(
        &'a self,
        store: &'a mut Store<State>,
        input: &'a Document,
        options: &'a [Setting],
    ) -> Answer<'a, Result<Document, Failure>>;
}

/// The interface `sessions` of an older version.
pub(crate) trait OlderSessions: Send + Sync {
    fn open<'a>(
        &'a self,
        store: &'a mut Store<State>,
        input: &'a Head,
        options: &'a [Setting],
    ) -> Answer<'a, Result<ResourceAny, Failure>>;

    fn head<'a>(&'a self, store: &'a mut Store<State>, session: ResourceAny) -> Answer<'a, Head>;

    fn push<'a>(
        &'a self,
        store: &'a mut Store<State>,
        session: ResourceAny,
        chunk: &'a [u8],
    ) -> Answer<'a, Result<Vec<u8>, Failure>>;

    fn finish<'a>(
        &'a self,
        store: &'a mut Store<State>,
        session: ResourceAny,
    ) -> Answer<'a, Result<Ending, Failure>>;
}

/// The type `failure` of any version.
pub(crate) trait OlderFailure:
    ComponentType + Lift + Into<Failure> + Send + Sync + 'static
{
}

impl<F: ComponentType + Lift + Into<Failure> + Send + Sync + 'static> OlderFailure for F {}

/// Makes an adapter for the functions of an instance.
type Adapter<I, const N: usize> =
    fn(&[ComponentExportIndex; N], &mut Store<State>, &Instance) -> Result<Box<I>>;

/// Where the functions of an interface are in a component, and the adapter for them.
pub(crate) struct Indices<I: ?Sized, const N: usize> {
    functions: [ComponentExportIndex; N],
    adapter: Adapter<I, N>,
}

pub(crate) type TransformIndices = Indices<dyn OlderTransform, 2>;
pub(crate) type SessionsIndices = Indices<dyn OlderSessions, 4>;

impl<I: ?Sized, const N: usize> Indices<I, N> {
    pub(crate) fn load(&self, store: &mut Store<State>, instance: &Instance) -> Result<Box<I>> {
        (self.adapter)(&self.functions, store, instance)
    }
}

// A derived implementation would require that `I` can be cloned.
impl<I: ?Sized, const N: usize> Clone for Indices<I, N> {
    fn clone(&self) -> Self {
        let Self { functions, adapter } = self;
        Self { functions: *functions, adapter: *adapter }
    }
}

impl TransformIndices {
    /// Finds the functions in the interface of this name, whose failures are of type `F`.
    pub(crate) fn new<F: OlderFailure>(
        component: &InstancePre<State>,
        interface: &str,
    ) -> Result<Self> {
        let functions = find(component, interface, ["describe", "transform"])?;
        Ok(Self { functions, adapter: Transform::<F>::load })
    }
}

impl SessionsIndices {
    /// Finds the functions in the interface of this name, whose failures are of type `F`.
    pub(crate) fn new<F: OlderFailure>(
        component: &InstancePre<State>,
        interface: &str,
    ) -> Result<Self> {
        let names = [
            "[static]transform-session.open",
            "[method]transform-session.head",
            "[method]transform-session.push",
            "[static]transform-session.finish",
        ];
        Ok(Self { functions: find(component, interface, names)?, adapter: Sessions::<F>::load })
    }
}

/// Calls a function whose failures are of type `F`.
fn adapted<'a, F, P, R>(
    store: &'a mut Store<State>,
    function: Func,
    arguments: P,
) -> Answer<'a, Result<R, Failure>>
where
    F: OlderFailure,
    P: ComponentNamedList + Lower + Send + Sync + 'a,
    R: ComponentType + Lift + Send + Sync + 'static,
{
    Box::pin(async move {
        let answer: Result<R, F> = call(store, function, arguments).await?;
        Ok(answer.map_err(Into::into))
    })
}

/// The interface `transform`, whose failures are of type `F`.
struct Transform<F> {
    describe: Func,
    transform: Func,
    failure: PhantomData<F>,
}

impl<F: OlderFailure> Transform<F> {
    fn load(
        [describe, transform]: &[ComponentExportIndex; 2],
        store: &mut Store<State>,
        instance: &Instance,
    ) -> Result<Box<dyn OlderTransform>> {
        let describe = load::<(), Description>(store, instance, describe)?;
        let transform =
            load::<(&Document, &[Setting]), Result<Document, F>>(store, instance, transform)?;
        Ok(Box::new(Self { describe, transform, failure: PhantomData }))
    }
}

impl<F: OlderFailure> OlderTransform for Transform<F> {
    fn describe<'a>(&'a self, store: &'a mut Store<State>) -> Answer<'a, Description> {
        Box::pin(call(store, self.describe, ()))
    }

    fn transform<'a>(
        &'a self,
        store: &'a mut Store<State>,
        input: &'a Document,
        options: &'a [Setting],
    ) -> Answer<'a, Result<Document, Failure>> {
        adapted::<F, _, _>(store, self.transform, (input, options))
    }
}

/// The interface `sessions`, whose failures are of type `F`.
struct Sessions<F> {
    open: Func,
    head: Func,
    push: Func,
    finish: Func,
    failure: PhantomData<F>,
}

impl<F: OlderFailure> Sessions<F> {
    fn load(
        [open, head, push, finish]: &[ComponentExportIndex; 4],
        store: &mut Store<State>,
        instance: &Instance,
    ) -> Result<Box<dyn OlderSessions>> {
        type Open<'a> = (&'a Head, &'a [Setting]);
        type Push<'a> = (ResourceAny, &'a [u8]);
        Ok(Box::new(Self {
            open: load::<Open<'_>, Result<ResourceAny, F>>(store, instance, open)?,
            head: load::<(ResourceAny,), Head>(store, instance, head)?,
            push: load::<Push<'_>, Result<Vec<u8>, F>>(store, instance, push)?,
            finish: load::<(ResourceAny,), Result<Ending, F>>(store, instance, finish)?,
            failure: PhantomData,
        }))
    }
}

impl<F: OlderFailure> OlderSessions for Sessions<F> {
    fn open<'a>(
        &'a self,
        store: &'a mut Store<State>,
        input: &'a Head,
        options: &'a [Setting],
    ) -> Answer<'a, Result<ResourceAny, Failure>> {
        adapted::<F, _, _>(store, self.open, (input, options))
    }

    fn head<'a>(&'a self, store: &'a mut Store<State>, session: ResourceAny) -> Answer<'a, Head> {
        Box::pin(call(store, self.head, (session,)))
    }

    fn push<'a>(
        &'a self,
        store: &'a mut Store<State>,
        session: ResourceAny,
        chunk: &'a [u8],
    ) -> Answer<'a, Result<Vec<u8>, Failure>> {
        adapted::<F, _, _>(store, self.push, (session, chunk))
    }

    fn finish<'a>(
        &'a self,
        store: &'a mut Store<State>,
        session: ResourceAny,
    ) -> Answer<'a, Result<Ending, Failure>> {
        adapted::<F, _, _>(store, self.finish, (session,))
    }
}

/// In version 0.1.0, only the message can tell the place of a mistake in an option.
impl From<v0_1::Failure> for Failure {
    fn from(failure: v0_1::Failure) -> Self {
        match failure {
            v0_1::Failure::InvalidInput(v0_1::InvalidInput { message, at }) => {
                let at = at.map(|v0_1::Location { line, column }| Location { line, column });
                Self::InvalidInput { message: message.into(), at }
            }
            v0_1::Failure::UnknownOption(key) => Self::UnknownOption { key: key.into() },
            v0_1::Failure::BadOption(v0_1::BadOption { key, message }) => {
                Self::BadOption { key: key.into(), message: message.into(), at: None }
            }
            v0_1::Failure::Internal(message) => Self::Internal { message: message.into() },
        }
    }
}
