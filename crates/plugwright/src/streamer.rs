//! The world `streamer`: a transformer, and the interface `sessions`.

use wasmtime::component::{InstancePre, Linker};
use wasmtime::{Result, Store};

use crate::bindings::streamer::exports::plugwright::plugin::sessions;
use crate::bindings::transformer::TransformerPre;
use crate::{Plugin, State, Transformer, World};

/// A plugin of the world `streamer`, which is a transformer too.
pub struct Streamer {
    transformer: Transformer,
    sessions: sessions::Guest,
}

/// A component that is known to fit the world `streamer`.
pub struct StreamerPre {
    transformer: TransformerPre<State>,
    sessions: sessions::GuestIndices,
}

impl Streamer {
    pub(crate) fn sessions(&self) -> &sessions::Guest {
        &self.sessions
    }
}

impl AsRef<Transformer> for Streamer {
    fn as_ref(&self) -> &Transformer {
        &self.transformer
    }
}

impl World for Streamer {
    const NAME: &'static str = "plugwright:plugin/streamer@0.1.0";
    const IMPORTS: &'static [&'static str] = Transformer::IMPORTS;
    const EXPORTS: &'static [&'static str] =
        &["plugwright:plugin/transform@0.1.0", "plugwright:plugin/sessions@0.1.0"];

    type Data = ();
    type Pre = StreamerPre;

    fn link(linker: &mut Linker<State>) -> Result<()> {
        <Transformer as World>::link(linker)
    }

    fn prepare(component: InstancePre<State>) -> Result<Self::Pre> {
        let sessions = sessions::GuestIndices::new(&component)?;
        let transformer = <Transformer as World>::prepare(component)?;
        Ok(StreamerPre { transformer, sessions })
    }

    async fn instantiate(pre: &Self::Pre, store: &mut Store<State>) -> Result<Self> {
        let StreamerPre { transformer, sessions } = pre;
        let instance = transformer.instance_pre().instantiate_async(&mut *store).await?;
        let transformer = Transformer::new(&mut *store, &instance)?;
        let sessions = sessions.load(store, &instance)?;
        Ok(Self { transformer, sessions })
    }
}

/// The same plugin, as what every streamer is too.
impl From<Plugin<Streamer>> for Plugin<Transformer> {
    fn from(plugin: Plugin<Streamer>) -> Self {
        plugin.narrowed(|pre| pre.transformer.clone())
    }
}
