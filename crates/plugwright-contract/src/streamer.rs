//! The world `streamer`: a transformer, and the interface `sessions`.

use plugwright::wasmtime::component::{InstancePre, Linker, ResourceAny};
use plugwright::wasmtime::{Result, Store};
use plugwright::{OlderWorld, State, World};

use crate::adapters::{OlderSessions, SessionsIndices};
use crate::bindings::streamer::exports::plugwright::plugin::sessions as wit;
use crate::bindings::transform_0_1;
use crate::transformer::TransformerPre;
use crate::{Failure, Head, Setting, Transformer, bindings};

pub(crate) use wit::Ending;

/// A plugin of the world `streamer`, which is also a transformer.
pub struct Streamer {
    transformer: Transformer,
    sessions: Sessions,
}

/// The exported interface `sessions`, in today's version or in an older version with an adapter.
enum Sessions {
    Today(wit::Guest),
    Older(Box<dyn OlderSessions>),
}

/// A component that fits the world `streamer`.
pub struct StreamerPre {
    pub(crate) transformer: TransformerPre,
    sessions: Indices,
}

enum Indices {
    Today(wit::GuestIndices),
    Older(SessionsIndices),
}

impl AsRef<Transformer> for Streamer {
    fn as_ref(&self) -> &Transformer {
        &self.transformer
    }
}

impl World for Streamer {
    const TYPE: &'static [u8] = bindings::streamer::COMPONENT_TYPE;
    const LINKS_THE_SAME: bool = true;
    const OLDER: &'static [OlderWorld<Self>] =
        &[OlderWorld { ty: bindings::streamer_0_1::COMPONENT_TYPE, prepare: StreamerPre::of_0_1 }];
    const OTHERS: &'static [&'static [u8]] = bindings::WORLDS;

    type Data = ();
    type Pre = StreamerPre;

    fn link(linker: &mut Linker<State>) -> Result<()> {
        <Transformer as World>::link(linker)
    }

    fn prepare(component: InstancePre<State>) -> Result<Self::Pre> {
        let sessions = Indices::Today(wit::GuestIndices::new(&component)?);
        let transformer = <Transformer as World>::prepare(component)?;
        Ok(StreamerPre { transformer, sessions })
    }

    async fn instantiate(pre: &Self::Pre, store: &mut Store<State>) -> Result<Self> {
        let StreamerPre { transformer, sessions } = pre;
        let instance = transformer.component().instantiate_async(&mut *store).await?;
        let transformer = transformer.load(store, &instance)?;
        let sessions = match sessions {
            Indices::Today(indices) => Sessions::Today(indices.load(store, &instance)?),
            Indices::Older(indices) => Sessions::Older(indices.load(store, &instance)?),
        };
        Ok(Self { transformer, sessions })
    }
}

impl StreamerPre {
    /// Prepares a component of version 0.1.0.
    fn of_0_1(component: InstancePre<State>) -> Result<Self> {
        type Failure = transform_0_1::exports::plugwright::plugin::transform::Failure;
        let interface = "plugwright:plugin/sessions@0.1.0";
        let sessions = Indices::Older(SessionsIndices::new::<Failure>(&component, interface)?);
        Ok(Self { transformer: TransformerPre::of_0_1(component)?, sessions })
    }
}

/// The functions of `sessions`. Their inner results have the plugin's failures.
impl Streamer {
    pub(crate) async fn open(
        &self,
        store: &mut Store<State>,
        input: &Head,
        options: &[Setting],
    ) -> Result<Result<ResourceAny, Failure>> {
        match &self.sessions {
            Sessions::Today(guest) => {
                let sessions = guest.transform_session();
                Ok(sessions.call_open(store, input, options).await?.map_err(Failure::from))
            }
            Sessions::Older(adapter) => adapter.open(store, input, options).await,
        }
    }

    pub(crate) async fn head(
        &self,
        store: &mut Store<State>,
        session: ResourceAny,
    ) -> Result<Head> {
        match &self.sessions {
            Sessions::Today(guest) => guest.transform_session().call_head(store, session).await,
            Sessions::Older(adapter) => adapter.head(store, session).await,
        }
    }

    pub(crate) async fn push(
        &self,
        store: &mut Store<State>,
        session: ResourceAny,
        chunk: &[u8],
    ) -> Result<Result<Vec<u8>, Failure>> {
        match &self.sessions {
            Sessions::Today(guest) => {
                let sessions = guest.transform_session();
                Ok(sessions.call_push(store, session, chunk).await?.map_err(Failure::from))
            }
            Sessions::Older(adapter) => adapter.push(store, session, chunk).await,
        }
    }

    pub(crate) async fn finish(
        &self,
        store: &mut Store<State>,
        session: ResourceAny,
    ) -> Result<Result<Ending, Failure>> {
        match &self.sessions {
            Sessions::Today(guest) => {
                let sessions = guest.transform_session();
                Ok(sessions.call_finish(store, session).await?.map_err(Failure::from))
            }
            Sessions::Older(adapter) => adapter.finish(store, session).await,
        }
    }
}
